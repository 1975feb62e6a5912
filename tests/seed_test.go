package tests

// The scenarios of the reference's own client: what any client of the protocol
// must do, over a real websocket.

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/wire"
)

const (
	// routeFrames is how many deltas a client keeps for a reader that is late.
	routeFrames = 256
	// patience is how long any scenario may take.
	patience = 10 * time.Second

	streamFailed = "exec-server protocol error: http response stream `http-1` failed: "
)

// dialScripted connects the client to an executor that plays script.
func dialScripted(t *testing.T, script func(p *peertest.ExecutorPeer)) (context.Context, *client.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	executor := peertest.StartExecutor(t, script, peertest.Strict())
	c, err := client.Dial(ctx, executor.URL(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return ctx, c
}

// expectStream reads a streamed GET of url with no header under the id that the
// client must have made.
func expectStream(p *peertest.ExecutorPeer, url, requestID string) wire.ID {
	id, req := p.ReadRequest()
	require.Equal(p, wire.HTTPRequest{
		Method: "GET", URL: url, Headers: []wire.Header{}, RequestID: requestID, Stream: true,
	}, req)
	return id
}

// callerRequest is a request as a careless caller makes it: with an id of its
// own and the wrong mode.
func callerRequest(url string, stream bool) *client.Request {
	return &client.Request{Method: "GET", URL: url, RequestID: "caller-id", Stream: stream}
}

func deltaOf(requestID string, seq uint64, text string) wire.BodyDelta {
	return wire.BodyDelta{RequestID: requestID, Seq: seq, Delta: []byte(text)}
}

func finalDelta(requestID string, seq uint64, text string) wire.BodyDelta {
	d := deltaOf(requestID, seq, text)
	d.Done = true
	return d
}

// countChunks receives until the body's end.
func countChunks(b *client.Body) (chunks int, end error) {
	for {
		if _, err := b.Recv(); err != nil {
			return chunks, err
		}
		chunks++
	}
}

// Do asks for a buffered response, whatever mode the caller has set.
func TestHTTPRequestForcesBufferedRequestParams(t *testing.T) {
	t.Parallel()
	const url = "https://origin.test/whole"
	ctx, c := dialScripted(t, func(p *peertest.ExecutorPeer) {
		id, req := p.ReadRequest()
		require.Equal(p, wire.HTTPRequest{
			Method: "GET", URL: url, Headers: []wire.Header{}, RequestID: "caller-id", Stream: false,
		}, req)
		p.Respond(id, wire.HTTPResponse{Status: 200, Body: []byte("whole body")})
	})

	res, err := c.Do(ctx, callerRequest(url, true))
	require.NoError(t, err)
	require.Equal(t, &client.Response{Status: 200, Headers: []client.Header{}, Body: []byte("whole body")}, res)
}

// Stream replaces the caller's ids by its own, hands the deltas out in order and
// ends at the last one.
func TestHTTPResponseBodyStreamUsesGeneratedIDsAndReceivesOrderedDeltas(t *testing.T) {
	t.Parallel()
	ctx, c := dialScripted(t, func(p *peertest.ExecutorPeer) {
		id, req := p.ReadRequest()
		require.Equal(p, wire.HTTPRequest{
			Method: "GET", URL: "https://origin.test/events",
			Headers:   []wire.Header{{Name: "accept", Value: "text/event-stream"}},
			RequestID: "http-1", Stream: true,
		}, req)
		p.Respond(id, wire.HTTPResponse{Status: 200, Headers: []wire.Header{{Name: "content-type", Value: "text/event-stream"}}})
		p.Delta(deltaOf("http-1", 1, "one "))
		p.Delta(deltaOf("http-1", 2, "two "))
		p.Delta(finalDelta("http-1", 3, "three"))

		p.Respond(expectStream(p, "https://origin.test/again", "http-2"), wire.HTTPResponse{Status: 204})
	})

	req := callerRequest("https://origin.test/events", false)
	req.Headers = []client.Header{{Name: "accept", Value: "text/event-stream"}}
	res, err := c.Stream(ctx, req)
	require.NoError(t, err)
	require.Equal(t, 200, res.Status)
	require.Equal(t, []client.Header{{Name: "content-type", Value: "text/event-stream"}}, res.Headers)
	for _, want := range []string{"one ", "two ", "three"} {
		chunk, err := res.Body.Recv()
		require.NoError(t, err)
		require.Equal(t, want, string(chunk))
	}
	_, err = res.Body.Recv()
	require.Equal(t, io.EOF, err)
	require.NoError(t, res.Body.Close())

	res, err = c.Stream(ctx, callerRequest("https://origin.test/again", false))
	require.NoError(t, err)
	require.Equal(t, 204, res.Status)
	require.NoError(t, res.Body.Close())
}

// A body that is closed with its end still queued leaves nothing behind for the
// next stream.
func TestHTTPResponseBodyStreamDropsQueuedTerminalBeforeNextGeneratedID(t *testing.T) {
	t.Parallel()
	ctx, c := dialScripted(t, func(p *peertest.ExecutorPeer) {
		id := expectStream(p, "https://origin.test/first", "http-1")
		p.Delta(finalDelta("http-1", 1, "")) // before the response
		p.Respond(id, wire.HTTPResponse{Status: 200})

		p.Respond(expectStream(p, "https://origin.test/second", "http-2"), wire.HTTPResponse{Status: 204})
		p.Delta(finalDelta("http-2", 1, "fresh"))
	})

	first, err := c.Stream(ctx, callerRequest("https://origin.test/first", false))
	require.NoError(t, err)
	require.Equal(t, 200, first.Status)
	require.NoError(t, first.Body.Close())

	second, err := c.Stream(ctx, callerRequest("https://origin.test/second", false))
	require.NoError(t, err)
	require.Equal(t, 204, second.Status)
	body, err := io.ReadAll(second.Body)
	require.NoError(t, err)
	require.Equal(t, "fresh", string(body))
}

// A call that is given up before its response takes its route along: a late
// delta goes nowhere.
func TestHTTPResponseBodyStreamIgnoresLateDeltasAfterCancelledRequest(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	ctx, c := dialScripted(t, func(p *peertest.ExecutorPeer) {
		expectStream(p, "https://origin.test/given-up", "http-1")
		close(arrived)

		id := expectStream(p, "https://origin.test/second", "http-2")
		p.Delta(deltaOf("http-1", 1, "stale"))
		p.Respond(id, wire.HTTPResponse{Status: 200})
		p.Delta(finalDelta("http-2", 1, "fresh"))
	})

	cancelled, cancel := context.WithCancel(ctx)
	givenUp := make(chan error, 1)
	go func() {
		_, err := c.Stream(cancelled, callerRequest("https://origin.test/given-up", false))
		givenUp <- err
	}()
	<-arrived
	cancel()
	require.Equal(t, context.Canceled, <-givenUp)

	res, err := c.Stream(ctx, callerRequest("https://origin.test/second", false))
	require.NoError(t, err)
	require.Equal(t, 200, res.Status)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, "fresh", string(body))
}

// A body that is closed before its end takes its route along.
func TestHTTPResponseBodyStreamIgnoresLateDeltasAfterDrop(t *testing.T) {
	t.Parallel()
	dropped, sent := make(chan struct{}), make(chan struct{})
	ctx, c := dialScripted(t, func(p *peertest.ExecutorPeer) {
		p.Respond(expectStream(p, "https://origin.test/dropped", "http-1"), wire.HTTPResponse{Status: 200})
		<-dropped
		p.Delta(deltaOf("http-1", 1, "stale"))
		close(sent)

		p.Respond(expectStream(p, "https://origin.test/second", "http-2"), wire.HTTPResponse{Status: 200})
		p.Delta(finalDelta("http-2", 1, "fresh"))
	})

	first, err := c.Stream(ctx, callerRequest("https://origin.test/dropped", false))
	require.NoError(t, err)
	require.Equal(t, 200, first.Status)
	require.NoError(t, first.Body.Close())
	close(dropped)
	<-sent

	second, err := c.Stream(ctx, callerRequest("https://origin.test/second", false))
	require.NoError(t, err)
	body, err := io.ReadAll(second.Body)
	require.NoError(t, err)
	require.Equal(t, "fresh", string(body))
}

// A connection that is lost fails the bodies on it: they do not hang and do not
// look complete.
func TestHTTPResponseBodyStreamFailsWhenTransportDisconnects(t *testing.T) {
	t.Parallel()
	ctx, c := dialScripted(t, func(p *peertest.ExecutorPeer) {
		p.Respond(expectStream(p, "https://origin.test/lost", "http-1"), wire.HTTPResponse{Status: 200})
		p.Disconnect()
	})

	res, err := c.Stream(ctx, callerRequest("https://origin.test/lost", false))
	require.NoError(t, err)
	_, err = res.Body.Recv()
	requireDisconnected(t, err)
}

func requireDisconnected(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	require.NotErrorIs(t, err, io.EOF)
	require.Regexp(t, "^"+streamFailed+"exec-server transport disconnected", err.Error())
}

// The loss is reported when the queue is full, too, after what was queued.
func TestHTTPResponseBodyStreamReportsDisconnectWhenQueueIsFull(t *testing.T) {
	t.Parallel()
	ctx, c := dialScripted(t, func(p *peertest.ExecutorPeer) {
		id := expectStream(p, "https://origin.test/lost-when-full", "http-1")
		for seq := uint64(1); seq <= routeFrames; seq++ {
			p.Delta(deltaOf("http-1", seq, "x"))
		}
		p.Respond(id, wire.HTTPResponse{Status: 200})
		p.Disconnect()
	})

	res, err := c.Stream(ctx, callerRequest("https://origin.test/lost-when-full", false))
	require.NoError(t, err)
	<-c.Done()
	chunks, err := countChunks(res.Body)
	require.Equal(t, routeFrames, chunks)
	requireDisconnected(t, err)
}

// A body whose reader is too late is cut short with an error, never with a clean
// end.
func TestHTTPResponseBodyStreamReportsBackpressureTruncation(t *testing.T) {
	t.Parallel()
	const sent = 4 * routeFrames
	finish := make(chan struct{})
	ctx, c := dialScripted(t, func(p *peertest.ExecutorPeer) {
		id := expectStream(p, "https://origin.test/too-fast", "http-1")
		for seq := uint64(1); seq <= sent; seq++ {
			p.Delta(deltaOf("http-1", seq, "x"))
		}
		p.Respond(id, wire.HTTPResponse{Status: 200})
		<-finish // the connection stays: it is not its loss that is reported
	})

	res, err := c.Stream(ctx, callerRequest("https://origin.test/too-fast", false))
	require.NoError(t, err)
	chunks, err := countChunks(res.Body)
	require.Equal(t, routeFrames, chunks)
	require.EqualError(t, err, streamFailed+"body delta channel filled before delivery")
	close(finish)
}
