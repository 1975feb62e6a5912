package peertest

// The scripted caller: its connection and what it sends.

import (
	"context"
	"net/http"
	"testing"

	"github.com/coder/websocket"

	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// Caller is the caller's end of the conversation, in the hands of a test. Its
// steps belong to the test's goroutine, as t.FailNow does.
type Caller struct {
	peer
	lastID  int64
	session wire.InitializeResult
	inbox   inbox
}

// DialCaller connects to the executor at url (ws://…) and does the handshake.
func DialCaller(t testing.TB, url string, options ...Option) *Caller {
	t.Helper()
	s := newSettings(options)
	header := http.Header{}
	if s.token != "" {
		header.Set("Authorization", "Bearer "+s.token)
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.timeout)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPHeader:      header,
		CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		t.Fatalf("connect to executor: %v", err)
	}
	ch, sendBinary := overWebSocket(conn, wire.MaxResult)
	return newCaller(t, ch, sendBinary, s)
}

// NewCaller talks to an executor over ch and does the handshake. The channel is
// dropped at the end of the test.
func NewCaller(t testing.TB, ch rpc.Channel, options ...Option) *Caller {
	t.Helper()
	return newCaller(t, ch, nil, newSettings(options))
}

func newCaller(t testing.TB, ch rpc.Channel, sendBinary func([]byte) error, s settings) *Caller {
	t.Helper()
	c := &Caller{peer: peer{report: t, ch: ch, timeout: s.timeout, sendBinary: sendBinary}}
	c.inbox.init()
	t.Cleanup(c.Disconnect)
	if s.byHand {
		return c
	}
	id := c.Request(wire.MethodInitialize, &wire.InitializeParams{ClientName: s.clientName, ResumeSessionID: s.resume})
	msg := c.ReadMessage()
	if msg.Kind != wire.KindResult || msg.ID != id {
		c.fatalf("expected the result of `%s`, got %s", wire.MethodInitialize, described(&msg))
	}
	session, err := wire.DecodeInitializeResult(msg.Result)
	if err != nil {
		c.fatalf("the result of `%s` is malformed: %v", wire.MethodInitialize, err)
	}
	c.session = session
	c.Notify(wire.MethodInitialized, wire.Raw("{}"))
	return c
}

// SessionID is the id of the caller's session.
func (c *Caller) SessionID() string { return c.session.SessionID }

// Environment is what the executor said of its machine.
func (c *Caller) Environment() wire.EnvironmentInfo { return c.session.Environment }

// Call sends an http/request and returns its id.
func (c *Caller) Call(params wire.HTTPRequest) wire.ID {
	c.report.Helper()
	id := c.Request(wire.MethodHTTPRequest, &params)
	if params.Stream {
		c.inbox.asked(id, params.RequestID)
	}
	return id
}

// Request sends any request, whose params may be nil, and returns its id: 1, 2,
// 3 and so on.
func (c *Caller) Request(method string, params wire.Appender) wire.ID {
	c.report.Helper()
	c.lastID++
	id := wire.NumberID(c.lastID)
	c.send(wire.AppendRequest(nil, id, method, params, wire.Trace{}))
	return id
}
