package executor_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/egress"
	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// judge is a policy made of two functions; nil allows.
type judge struct {
	request  func(*abi.Request, *abi.Decision) error
	response func(*abi.Response, *abi.Decision) error
}

func (j judge) OnRequest(_ context.Context, r *abi.Request, d *abi.Decision) error {
	if j.request == nil {
		return nil
	}
	return j.request(r, d)
}

func (j judge) OnResponse(_ context.Context, r *abi.Response, d *abi.Decision) error {
	if j.response == nil {
		return nil
	}
	return j.response(r, d)
}

// start makes an executor that may reach loopback; change edits its options.
func start(t *testing.T, change func(*executor.Options)) *executor.Executor {
	t.Helper()
	rules, err := egress.ParseNetRules([]string{"loopback"})
	require.NoError(t, err)
	o := executor.Options{Policy: judge{}, PolicyName: "test", Egress: egress.Options{Net: rules}}
	if change != nil {
		change(&o)
	}
	e := executor.New(o)
	t.Cleanup(e.Close)
	return e
}

// talk connects a scripted caller to e in memory.
func talk(t *testing.T, e *executor.Executor, options ...peertest.Option) *peertest.Caller {
	t.Helper()
	ours, theirs := rpc.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = e.ServeChannel(theirs, "test:1")
	}()
	t.Cleanup(func() {
		_ = ours.Close(rpc.CloseAbnormal, "")
		<-ended
	})
	return peertest.NewCaller(t, ours, options...)
}

// listen serves e on a loopback websocket.
func listen(t *testing.T, e *executor.Executor) (host string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- e.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-served)
	})
	return l.Addr().String()
}

func origin(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func get(url string) wire.HTTPRequest {
	return wire.HTTPRequest{Method: "GET", URL: url, RequestID: "r"}
}

func stream(url, id string) wire.HTTPRequest {
	return wire.HTTPRequest{Method: "GET", URL: url, RequestID: id, Stream: true}
}
