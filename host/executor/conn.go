package executor

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// conn is one caller's connection: the handshake, and the requests that run.
// It is the rpc.Handler of its peer; what follows "reader's own" is touched by
// the reading goroutine only.
type conn struct {
	exec   *Executor
	peer   *rpc.Peer
	caller Caller
	quota  *quota // the caller's, once admitted

	ctx    context.Context // ends with the connection
	cancel context.CancelFunc

	// reader's own
	session   *session
	ready     bool // initialized has arrived
	handshake *time.Timer

	mu           sync.Mutex
	running      int                 // requests that hold a place
	waiting      []*call             // requests that wait for one
	waitingBytes int                 // of their bodies
	streams      map[string]struct{} // request ids of streams in use
	left         int                 // requests and streams not yet over
	quiet        chan struct{}       // closed when left is 0, if drain waits
	idle         *time.Timer         // runs while left is 0; nil: for ever
	wg           sync.WaitGroup      // requests' goroutines
}

func newConn(e *Executor, ch rpc.Channel, caller Caller) *conn {
	c := &conn{exec: e, caller: caller, streams: make(map[string]struct{})}
	c.ctx, c.cancel = context.WithCancel(e.ctx)
	opts := e.opts.RPC
	c.peer = rpc.NewPeer(ch, c, &opts)
	return c
}

func (c *conn) run() error {
	c.handshake = time.AfterFunc(c.exec.opts.HandshakeTimeout, func() {
		c.peer.Close(rpc.ClosePolicyViolation, "handshake took too long")
	})
	reason := c.peer.Run()
	c.handshake.Stop()
	c.cancel() // origins' connections close here
	c.wg.Wait()
	c.abandon()
	if c.session != nil {
		c.exec.sessions.detach(c.session)
	}
	return reason
}

// Request answers a JSON-RPC request. Params are parsed before the handshake is
// looked at, as the reference does.
func (c *conn) Request(msg *wire.Message) {
	switch msg.Method {
	case wire.MethodInitialize:
		c.initialize(msg)
	case wire.MethodEnvInfo:
		if err := c.handshaken("environment info"); err != nil {
			c.refuse(msg.ID, err)
			return
		}
		_ = c.peer.Reply(msg.ID, &c.exec.opts.Environment)
	case wire.MethodHTTPRequest:
		c.httpRequest(msg)
	default:
		c.refuse(msg.ID, wire.Errorf(wire.CodeMethodNotFound, "exec-server stub does not implement `%s` yet", clip(msg.Method)))
	}
}

func (c *conn) refuse(id wire.ID, err *wire.Error) { _ = c.peer.ReplyError(id, err) }

func (c *conn) initialize(msg *wire.Message) {
	params, err := wire.DecodeInitializeParams(msg.Params)
	if err != nil {
		c.refuse(msg.ID, asWireError(err))
		return
	}
	if c.session != nil {
		c.refuse(msg.ID, wire.Errorf(wire.CodeInvalidRequest, "initialize may only be sent once per connection"))
		return
	}
	session, refusal := c.exec.sessions.attach(c.caller.Name, params.ResumeSessionID)
	if refusal != nil {
		c.refuse(msg.ID, refusal)
		return
	}
	c.session = session
	_ = c.peer.Reply(msg.ID, &wire.InitializeResult{SessionID: session.id, Environment: c.exec.opts.Environment})
}

// handshaken says what is missing before methods of a family may be used.
func (c *conn) handshaken(family string) *wire.Error {
	switch {
	case c.session == nil:
		return wire.Errorf(wire.CodeInvalidRequest, "client must call initialize before using %s methods", family)
	case !c.ready:
		return wire.Errorf(wire.CodeInvalidRequest, "client must send initialized before using %s methods", family)
	}
	return nil
}

// Notification takes initialized and ignores what it does not know.
func (c *conn) Notification(msg *wire.Message) {
	if msg.Method != wire.MethodInitialized {
		return
	}
	if c.session == nil {
		c.peer.Close(rpc.CloseProtocolError, "initialized before initialize")
		return
	}
	c.ready = true
	c.handshake.Stop()
	c.watchIdle()
}

// Stray is an answer to a question that the executor never asked.
func (c *conn) Stray(*wire.Message) {
	c.peer.Close(rpc.CloseProtocolError, "answer without a request")
}

// Malformed answers what is not JSON-RPC; the connection stays.
func (c *conn) Malformed(err error) {
	c.refuse(wire.UnparsedID, wire.Errorf(wire.CodeInvalidRequest,
		"failed to parse websocket JSON-RPC message from exec-server websocket %s: %s", c.caller.Addr, err.Error()))
}

// drain waits until every request has been answered and every stream has ended,
// and all of it has been written.
func (c *conn) drain(ctx context.Context) error {
	c.mu.Lock()
	if c.left > 0 && c.quiet == nil {
		c.quiet = make(chan struct{})
	}
	quiet := c.quiet
	c.mu.Unlock()
	if quiet != nil {
		select {
		case <-quiet:
		case <-c.peer.Done():
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := c.peer.Flush(ctx); err != nil && ctx.Err() != nil {
		return err
	}
	return nil
}

// asWireError gives a decoding error its place in the catalogue.
func asWireError(err error) *wire.Error {
	if known, ok := errors.AsType[*wire.Error](err); ok {
		return known
	}
	return wire.Errorf(wire.CodeInvalidParams, "%s", err.Error())
}

// maxEcho is how much of a caller's own text an error repeats, in bytes.
const maxEcho = 512

// clip cuts a text that an error repeats, between two characters.
func clip(text string) string {
	if len(text) <= maxEcho {
		return text
	}
	return strings.ToValidUTF8(text[:maxEcho], "") + "…"
}
