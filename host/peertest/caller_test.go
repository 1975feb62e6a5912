package peertest_test

// The scripted caller, against scripted executors.

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// stream is a streamed request.
func stream(requestID string) wire.HTTPRequest {
	return wire.HTTPRequest{Method: "GET", URL: "https://example.com/", RequestID: requestID, Stream: true}
}

func delta(requestID string, seq uint64, text string) wire.BodyDelta {
	return wire.BodyDelta{RequestID: requestID, Seq: seq, Delta: []byte(text)}
}

func last(requestID string, seq uint64, problem string) wire.BodyDelta {
	return wire.BodyDelta{RequestID: requestID, Seq: seq, Done: true, Error: problem}
}

func TestCallerDoesTheHandshake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := peertest.NewCaller(t, peertest.PipeExecutor(t, func(p *peertest.ExecutorPeer) {
			require.Equal(p, wire.InitializeParams{ClientName: "me", ResumeSessionID: "old"}, p.Client())
		}), peertest.ClientName("me"), peertest.Resume("old"))
		require.Equal(t, "session-1", c.SessionID())
		require.Equal(t, wire.EnvironmentInfo{ShellName: "sh", ShellPath: "/bin/sh"}, c.Environment())
	})
}

func TestCallerReadsWhatOvertakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := peertest.NewCaller(t, peertest.PipeExecutor(t, func(p *peertest.ExecutorPeer) {
			a, _ := p.ReadRequest()
			b, _ := p.ReadRequest()
			d, _ := p.ReadRequest()
			p.Respond(b, wire.HTTPResponse{Status: 201})
			p.Delta(delta("b", 1, "b1"))
			p.RespondError(d, wire.Errorf(wire.CodeDenied, "denied"))
			p.Respond(a, wire.HTTPResponse{Status: 200})
			p.Delta(delta("a", 1, "a1"))
			p.Delta(delta("b", 2, "b2"))
			p.Delta(last("b", 3, "reset"))
			p.Notify("n", nil)
			p.Delta(delta("a", 2, "a2"))
			p.Delta(last("a", 3, ""))
			p.Close(rpc.CloseGoingAway, "done")
		}))
		a, b := c.Call(stream("a")), c.Call(stream("b"))
		d := c.Call(wire.HTTPRequest{Method: "GET", URL: "https://example.com/", RequestID: "d"})
		require.Equal(t, 200, c.ReadResult(a).Status)
		require.Equal(t, 201, c.ReadResult(b).Status)

		require.Equal(t, delta("b", 1, "b1"), c.ReadDelta(), "the oldest")
		body, problem := c.ReadStream("a")
		require.Equal(t, "a1a2", string(body))
		require.Empty(t, problem)
		body, problem = c.ReadStream("b")
		require.Equal(t, "b2", string(body), "b1 has been read")
		require.Equal(t, "reset", problem)

		require.ErrorIs(t, c.ReadError(d), wire.CodeDenied)
		require.Equal(t, "n", c.ReadMessage().Method)
		require.Equal(t, "done", c.ExpectClosed(rpc.CloseGoingAway))
	})
}

func TestCallerMayUseAnIDAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := peertest.NewCaller(t, peertest.PipeExecutor(t, func(p *peertest.ExecutorPeer) {
			for range 2 {
				id, _ := p.ReadRequest()
				p.Respond(id, wire.HTTPResponse{Status: 200})
				p.Delta(delta("s", 1, "x"))
				p.Delta(last("s", 2, ""))
			}
		}))
		for range 2 {
			require.Equal(t, 200, c.ReadResult(c.Call(stream("s"))).Status)
			body, _ := c.ReadStream("s")
			require.Equal(t, "x", string(body))
		}
	})
}

func TestCallerSendsAnything(t *testing.T) {
	t.Parallel()
	e := peertest.StartExecutor(t, func(p *peertest.ExecutorPeer) {
		require.Equal(p, "text", p.ReadMessage().Method)
		require.Equal(p, "binary", p.ReadMessage().Method)
		msg := p.ReadMessage()
		require.Equal(p, wire.NumberID(1), msg.ID)
		require.Equal(p, "m", msg.Method)
		p.ExpectClosed(rpc.CloseAbnormal)
	}, peertest.ByHand())
	c := peertest.DialCaller(t, e.URL(), peertest.ByHand())
	c.Send(`{"method":"text"}`)
	c.SendBinary([]byte(`{"method":"binary"}`))
	require.Equal(t, wire.NumberID(1), c.Request("m", nil))
	c.Disconnect()
	e.Wait()
}

func TestCallerFailures(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		script func(*peertest.ExecutorPeer)
		caller func(c *peertest.Caller)
		want   string
	}{
		"delta before its response": {
			script: func(p *peertest.ExecutorPeer) { p.ReadRequest(); p.Delta(delta("s", 1, "x")) },
			caller: func(c *peertest.Caller) { c.ReadResult(c.Call(stream("s"))) },
			want:   "expected the response of stream `s` before its first delta",
		},
		"delta after an error": {
			script: func(p *peertest.ExecutorPeer) {
				id, _ := p.ReadRequest()
				p.RespondError(id, wire.Errorf(wire.CodeInternal, "no"))
				p.Delta(delta("s", 1, "x"))
			},
			caller: func(c *peertest.Caller) { c.ReadError(c.Call(stream("s"))); c.ReadDelta() },
			want:   "expected the response of stream `s` before its first delta",
		},
		"gap": {
			script: func(p *peertest.ExecutorPeer) { p.Delta(delta("s", 1, "x")); p.Delta(delta("s", 3, "x")) },
			caller: func(c *peertest.Caller) { c.ReadStream("s") },
			want:   "expected delta 2 of stream `s`, got delta 3",
		},
		"end with data": {
			script: func(p *peertest.ExecutorPeer) {
				p.Delta(wire.BodyDelta{RequestID: "s", Seq: 1, Delta: []byte("xyz"), Done: true})
			},
			caller: func(c *peertest.Caller) { c.ReadStream("s") },
			want:   "expected the last delta of stream `s` to be empty, got 3 bytes",
		},
		"error that is not the end": {
			script: func(p *peertest.ExecutorPeer) { p.Delta(wire.BodyDelta{RequestID: "s", Seq: 1, Error: "e"}) },
			caller: func(c *peertest.Caller) { c.ReadStream("s") },
			want:   "expected the delta of stream `s` that carries an error to be the last",
		},
		"malformed delta": {
			script: func(p *peertest.ExecutorPeer) { p.Notify(wire.MethodBodyDelta, wire.Raw(`{"requestId":"s"}`)) },
			caller: func(c *peertest.Caller) { c.ReadDelta() },
			want:   "a body delta is malformed: missing field `seq`: {\"requestId\":\"s\"}",
		},
		"error instead of a result": {
			script: func(p *peertest.ExecutorPeer) {
				id, _ := p.ReadRequest()
				p.RespondError(id, wire.Errorf(wire.CodeDenied, "denied by policy"))
			},
			caller: func(c *peertest.Caller) { c.ReadResult(c.Call(stream("s"))) },
			want:   "expected the result of 2, got error of 2: -32020 denied by policy",
		},
		"result instead of an error": {
			script: func(p *peertest.ExecutorPeer) { id, _ := p.ReadRequest(); p.Result(id, wire.Raw(`{"x":1}`)) },
			caller: func(c *peertest.Caller) { c.ReadError(c.Call(stream("s"))) },
			want:   "expected an error that answers 2, got result of 2: {\"x\":1}",
		},
		"malformed result": {
			script: func(p *peertest.ExecutorPeer) { id, _ := p.ReadRequest(); p.Result(id, wire.Raw(`{"x":1}`)) },
			caller: func(c *peertest.Caller) { c.ReadResult(c.Call(stream("s"))) },
			want:   "the result of 2 is malformed: missing field `status`: {\"x\":1}",
		},
		"nothing comes": {
			script: func(*peertest.ExecutorPeer) {},
			caller: func(c *peertest.Caller) { c.ReadStream("s") },
			want:   "expected a delta of stream `s`, got nothing within 5s",
		},
		"too much else": {
			script: func(p *peertest.ExecutorPeer) {
				for range 4097 {
					p.Notify("n", nil)
				}
			},
			caller: func(c *peertest.Caller) { c.ReadDelta() },
			want:   "expected a body delta, got 4096 other messages",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				requireFailure(t, func(t testing.TB) {
					tc.caller(peertest.NewCaller(t, peertest.PipeExecutor(t, tc.script)))
				}, tc.want)
			})
		})
	}
}

func TestCallerHandshakeFailures(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"error":{"code":-32600,"message":"unknown session id"},"id":1}`: "expected the result of `initialize`, got error of 1: -32600 unknown session id",
		`{"id":1,"result":{}}`: "the result of `initialize` is malformed: missing field `sessionId`",
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				requireFailure(t, func(t testing.TB) {
					peertest.NewCaller(t, peertest.PipeExecutor(t, func(p *peertest.ExecutorPeer) {
						p.ReadMessage()
						p.Send(answer)
					}, peertest.ByHand()))
				}, want)
			})
		})
	}
}
