package client_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// connect makes a client whose executor plays script in memory.
func connect(t *testing.T, script func(p *peertest.ExecutorPeer), options ...peertest.Option) *client.Client {
	t.Helper()
	c, err := client.New(t.Context(), peertest.PipeExecutor(t, script, options...), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func get(url string) *client.Request { return &client.Request{Method: "GET", URL: url} }

func piece(requestID string, seq uint64, text string) wire.BodyDelta {
	return wire.BodyDelta{RequestID: requestID, Seq: seq, Delta: []byte(text)}
}

func last(requestID string, seq uint64, problem string) wire.BodyDelta {
	return wire.BodyDelta{RequestID: requestID, Seq: seq, Done: true, Error: problem}
}
