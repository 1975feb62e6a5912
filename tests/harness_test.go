package tests

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/egress"
	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/policy"
	"github.com/sluice-run/sluice/host/wire"
)

// cacheDir holds compiled policies, so that each is compiled once: the folder
// SLUICE_TEST_CACHE, which several packages can share, or one for this run.
var cacheDir = sync.OnceValue(func() string {
	if shared := os.Getenv("SLUICE_TEST_CACHE"); shared != "" {
		return shared
	}
	dir, err := os.MkdirTemp("", "sluice-tests-")
	if err != nil {
		panic(err)
	}
	return dir
})

func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv("SLUICE_TEST_CACHE") == "" {
		_ = os.RemoveAll(cacheDir())
	}
	os.Exit(code)
}

// load makes a policy that is closed at the end of the test.
func load(t *testing.T, src policy.Source, config string) *policy.Policy {
	t.Helper()
	p := loadOwned(t, src, config)
	t.Cleanup(func() { require.NoError(t, p.Close(context.Background())) })
	return p
}

// loadOwned makes a policy of a module and a configuration, both as an operator
// has them. Somebody else closes it.
func loadOwned(t *testing.T, src policy.Source, config string) *policy.Policy {
	t.Helper()
	if config != "" {
		json, err := policy.ParseConfig([]byte(config))
		require.NoError(t, err)
		src.Config = json
	}
	p, err := policy.Load(t.Context(), src, policy.Options{CacheDir: cacheDir()})
	require.NoError(t, err)
	return p
}

// startExecutor serves an executor with a policy and returns its URL.
func startExecutor(t *testing.T, p egress.Policy, name string) string {
	t.Helper()
	return serve(t, executor.Options{Policy: p, PolicyName: name})
}

// serve serves an executor that may reach loopback on a real websocket and
// returns its URL.
func serve(t *testing.T, o executor.Options) string {
	t.Helper()
	var err error
	o.Egress.Net, err = egress.ParseNetRules([]string{"loopback"})
	require.NoError(t, err)
	e := executor.New(o)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- e.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-served)
		e.Close()
	})
	return "ws://" + l.Addr().String()
}

// standard starts an executor with the built-in policy.
func standard(t *testing.T) string {
	t.Helper()
	return withPolicy(t, policy.Standard(), "")
}

// withPolicy starts an executor with a module and its configuration.
func withPolicy(t *testing.T, src policy.Source, config string) string {
	t.Helper()
	p := load(t, src, config)
	return startExecutor(t, p, p.Name())
}

func httpOrigin(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// rawOrigin takes connections one after the other and leaves every byte to the
// test: serve reads requests and writes answers, and the connection is closed
// when it returns.
func rawOrigin(t *testing.T, serve func(net.Conn, *bufio.Reader)) (hostPort string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer conn.Close()
				serve(conn, bufio.NewReader(conn))
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	return l.Addr().String()
}

// readHead reads a request's head from a raw origin, byte for byte.
func readHead(r *bufio.Reader) string {
	head := ""
	for {
		line, err := r.ReadString('\n')
		head += line
		if err != nil || line == "\r\n" {
			return head
		}
	}
}

func request(url string) wire.HTTPRequest {
	return wire.HTTPRequest{Method: "GET", URL: url, RequestID: "r-1"}
}

func streamed(url string) wire.HTTPRequest {
	p := request(url)
	p.Stream = true
	return p
}
