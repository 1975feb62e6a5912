// Package peertest scripts the other side of an exec-server conversation, for
// tests: a fake executor to test whatever calls one, and a fake caller to test
// whatever executes.
//
// # A scripted executor
//
// StartExecutor listens on a loopback websocket and plays a script against the
// first client that connects. The handshake is done before the script begins:
//
//	executor := peertest.StartExecutor(t, func(p *peertest.ExecutorPeer) {
//		id, req := p.ReadRequest()
//		require.Equal(p, "https://example.com/", req.URL)
//		p.Respond(id, wire.HTTPResponse{Status: 200})
//		p.Delta(wire.BodyDelta{RequestID: req.RequestID, Seq: 1, Delta: []byte("hi")})
//		p.Disconnect()
//	})
//	c, err := client.Dial(ctx, executor.URL(), nil)
//
// The script runs on its own goroutine. Its peer is a require.TestingT: what
// fails in the script fails the test, ends the script and drops the connection.
// At the test's end the script must have come to its own end, else the test fails.
// After the script, the executor keeps the connection open and reads what still
// arrives, until the test is over; with Strict such a message is a failure.
//
// PipeExecutor does the same over an in-memory channel, without a socket: made
// for bubbles of testing/synctest.
//
// # A scripted caller
//
// DialCaller connects to an executor, NewCaller takes any rpc.Channel. The steps
// are called by the test itself:
//
//	c := peertest.DialCaller(t, url)
//	id := c.Call(wire.HTTPRequest{Method: "GET", URL: origin, RequestID: "s1", Stream: true})
//	head := c.ReadResult(id)
//	body, problem := c.ReadStream("s1")
//
// ReadResult, ReadError and ReadStream look for what they are told to read and
// set other messages aside for later steps, since answers and streams may
// overtake each other. ReadMessage takes whatever came first. What the protocol
// forbids fails in any step: a delta before its response, a gap in a stream, an
// end that carries data.
//
// # Limits
//
// A step that waits longer than Timeout (5 s) fails, and the connection is
// dropped. Inside a bubble of testing/synctest that is bubble time: give a
// longer one if the clock is to jump. A Caller sets aside at most 4096 messages.
// The scripted executor takes one connection; others are answered with 503.
//
// # Sources
//
// The websocket's close codes are those of RFC 6455, section 7.4.1. The
// messages are those of package wire.
package peertest
