package client_test

// Bodies that arrive bit by bit.

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/delta"
	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

func TestStreamReplacesTheRequestID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, func(p *peertest.ExecutorPeer) {
			for _, want := range []string{"http-1", "http-2", "http-3"} {
				id, req := p.ReadRequest()
				require.Equal(p, want, req.RequestID)
				require.True(p, req.Stream)
				p.Respond(id, wire.HTTPResponse{Status: 200})
			}
		})
		req := get("https://a.test/")
		req.RequestID = "mine"
		for range 3 {
			res, err := c.Stream(t.Context(), req)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
		}
		require.Equal(t, "mine", req.RequestID, "the request is not changed")
		require.False(t, req.Stream)
	})
}

func TestStreamsAreKeptApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, func(p *peertest.ExecutorPeer) {
			a, _ := p.ReadRequest()
			p.Respond(a, wire.HTTPResponse{Status: 200, Headers: []wire.Header{{Name: "n", Value: "a"}}})
			b, _ := p.ReadRequest()
			p.Delta(piece("http-2", 1, "b1")) // before its response
			p.Delta(piece("http-1", 1, "a1"))
			p.Respond(b, wire.HTTPResponse{Status: 206})
			p.Delta(last("http-2", 2, ""))
			p.Delta(piece("http-3", 1, "never asked for"))
			p.Delta(piece("http-1", 2, "a2"))
			p.Delta(last("http-1", 3, ""))
		})
		a, err := c.Stream(t.Context(), get("https://a.test/"))
		require.NoError(t, err)
		require.Equal(t, 200, a.Status)
		require.Equal(t, []client.Header{{Name: "n", Value: "a"}}, a.Headers)
		b, err := c.Stream(t.Context(), get("https://b.test/"))
		require.NoError(t, err)
		require.Equal(t, 206, b.Status)
		body, err := io.ReadAll(b.Body)
		require.NoError(t, err)
		require.Equal(t, "b1", string(body))
		body, err = io.ReadAll(a.Body)
		require.NoError(t, err)
		require.Equal(t, "a1a2", string(body))
	})
}

func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	const failed = "exec-server protocol error: http response stream `http-1` failed: "
	for name, tc := range map[string]struct {
		send func(p *peertest.ExecutorPeer)
		want string
	}{
		"error":  {func(p *peertest.ExecutorPeer) { p.Delta(last("http-1", 2, "origin reset")) }, "origin reset"},
		"gap":    {func(p *peertest.ExecutorPeer) { p.Delta(piece("http-1", 4, "x")) }, "body delta 4 arrived where 2 was due"},
		"closed": {func(p *peertest.ExecutorPeer) { p.Close(rpc.CloseNormal, "bye") }, "exec-server transport disconnected: connection closed by the other side (1000): bye"},
		"lost":   {(*peertest.ExecutorPeer).Disconnect, "exec-server transport disconnected: connection lost"},
		"malformed delta": {
			func(p *peertest.ExecutorPeer) {
				p.Notify(wire.MethodBodyDelta, wire.Raw(`{"requestId":"http-1","seq":2}`))
				require.Equal(p, "malformed body delta", p.ExpectClosed(rpc.CloseProtocolError))
			},
			"exec-server transport disconnected: connection closed (1002): malformed body delta",
		},
		"not JSON-RPC": {
			func(p *peertest.ExecutorPeer) {
				p.Send("nonsense")
				require.Equal(p, "message is not JSON-RPC", p.ExpectClosed(rpc.CloseProtocolError))
			},
			"exec-server transport disconnected: connection closed (1002): message is not JSON-RPC",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := connect(t, func(p *peertest.ExecutorPeer) {
					id, _ := p.ReadRequest()
					p.Respond(id, wire.HTTPResponse{Status: 200})
					p.Delta(piece("http-1", 1, "some"))
					tc.send(p)
				})
				res, err := c.Stream(t.Context(), get("https://a.test/"))
				require.NoError(t, err)
				body, err := io.ReadAll(res.Body)
				require.Equal(t, "some", string(body))
				require.EqualError(t, err, failed+tc.want)
				var failure *delta.StreamError
				require.ErrorAs(t, err, &failure)
				_, err = res.Body.Read(make([]byte, 1))
				require.Equal(t, error(failure), err, "again and again")
			})
		})
	}
}

func TestBodyOfALostConnectionNamesTheReason(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, func(p *peertest.ExecutorPeer) {
			id, _ := p.ReadRequest()
			p.Respond(id, wire.HTTPResponse{Status: 200})
			p.Close(rpc.CloseTryAgainLater, "busy")
		})
		res, err := c.Stream(t.Context(), get("https://a.test/"))
		require.NoError(t, err)
		_, err = res.Body.Recv()
		var closed *rpc.CloseError
		require.True(t, errors.As(err, &closed), "%v", err)
		require.Equal(t, rpc.CloseTryAgainLater, closed.Code)
	})
}

func TestBodyEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, func(p *peertest.ExecutorPeer) {
			id, _ := p.ReadRequest()
			p.Respond(id, wire.HTTPResponse{Status: 200})
			p.Delta(piece("http-1", 1, "some"))
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		res, err := c.Stream(ctx, get("https://a.test/"))
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.Equal(t, "some", string(body))
		require.Equal(t, context.DeadlineExceeded, err)
		require.NoError(t, res.Body.Close())
	})
}

func TestStreamEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, func(p *peertest.ExecutorPeer) { p.ReadRequest() })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Stream(ctx, get("https://a.test/"))
		require.Equal(t, context.DeadlineExceeded, err)
	})
}

func TestBodyClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, func(p *peertest.ExecutorPeer) {
			id, _ := p.ReadRequest()
			p.Respond(id, wire.HTTPResponse{Status: 200})
			p.Delta(piece("http-1", 1, "some"))
			id, _ = p.ReadRequest()
			p.Delta(piece("http-1", 2, "late"))
			p.Respond(id, wire.HTTPResponse{Status: 204})
		})
		res, err := c.Stream(t.Context(), get("https://a.test/"))
		require.NoError(t, err)
		synctest.Wait()
		require.NoError(t, res.Body.Close())
		require.NoError(t, res.Body.Close())
		_, err = res.Body.Read(make([]byte, 1))
		require.Equal(t, io.ErrClosedPipe, err)
		_, err = c.Do(t.Context(), get("https://a.test/"))
		require.NoError(t, err, "a late delta does no harm")
	})
}

func TestStreamWithAMalformedHead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, func(p *peertest.ExecutorPeer) {
			id, _ := p.ReadRequest()
			p.Result(id, wire.Raw(`{"status":200}`))
			p.Delta(piece("http-1", 1, "ignored"))
			id, _ = p.ReadRequest()
			p.Respond(id, wire.HTTPResponse{Status: 204})
		})
		_, err := c.Stream(t.Context(), get("https://a.test/"))
		require.EqualError(t, err, "missing field `headers`")
		_, err = c.Do(t.Context(), get("https://a.test/"))
		require.NoError(t, err)
	})
}

func TestOtherMessagesOfTheExecutor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, func(p *peertest.ExecutorPeer) {
			id, _ := p.ReadRequest()
			p.Notify("something/new", wire.Raw(`{"x":[1]}`))
			p.Result(wire.TextID("never asked"), wire.Raw(`1`))
			p.Send(`{"id":"q","method":"environment/info"}`)
			msg := p.ReadMessage()
			require.Equal(p, wire.TextID("q"), msg.ID)
			require.Equal(p, wire.Errorf(wire.CodeMethodNotFound, "a client offers no methods"), msg.Error)
			p.Respond(id, wire.HTTPResponse{Status: 204})
		}, peertest.Strict())
		_, err := c.Do(t.Context(), get("https://a.test/"))
		require.NoError(t, err)
	})
}
