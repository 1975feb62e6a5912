package executor_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

func TestDrainFinishesWhatRuns(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	url := origin(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/late":
			return
		case "/stream":
			_ = http.NewResponseController(w).Flush()
		default:
			close(entered)
		}
		<-release
		_, _ = io.WriteString(w, "done")
	})
	e := start(t, nil)
	c := talk(t, e)
	buffered := c.Call(get(url))
	<-entered
	c.ReadResult(c.Call(stream(url+"/stream", "s")))

	drained := make(chan error, 1)
	go func() { drained <- e.Drain(context.Background()) }()
	for { // until the drain has begun
		c.Call(get(url + "/late"))
		if msg := c.ReadMessage(); msg.Kind == wire.KindError {
			require.Equal(t, wire.CodeOverloaded, msg.Error.Code)
			break
		}
	}

	close(release)
	require.Equal(t, "done", string(c.ReadResult(buffered).Body))
	body, problem := c.ReadStream("s")
	require.Empty(t, problem)
	require.Equal(t, "done", string(body))
	c.ExpectClosed(rpc.CloseGoingAway)
	require.NoError(t, <-drained)
}

func TestDrainGivesUpInTime(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{})
	url := origin(t, func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done() // the executor hangs up
	})
	e := start(t, nil)
	c := talk(t, e)
	c.Call(get(url))
	<-entered
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorContains(t, e.Drain(ctx), "1 connections still had requests running")
}

func TestConnectionsDuringDrainAreRefused(t *testing.T) {
	t.Parallel()
	e := start(t, nil)
	require.NoError(t, e.Drain(context.Background()))
	c := talk(t, e, peertest.ByHand())
	c.ExpectClosed(rpc.CloseGoingAway)
}
