package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/sluice-run/sluice/host/delta"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// Request, Response and Header are the protocol's own types.
type (
	Request  = wire.HTTPRequest
	Response = wire.HTTPResponse
	Header   = wire.Header
)

// Options are the settings of a client; nil means the defaults.
type Options struct {
	// ClientName is how the client introduces itself. Default "sluice".
	ClientName string
	// Token is the bearer token of Dial's websocket upgrade, if not empty.
	Token string
	// TLS are the settings of Dial's wss:// connections; nil trusts the system's
	// certificate authorities.
	TLS *tls.Config
	// ResumeSessionID asks for a session that an earlier client left.
	ResumeSessionID string
	// RPC are the settings of the JSON-RPC peer.
	RPC *rpc.Options
}

// ErrDisconnected is what calls fail with when the connection ends before they
// are answered: the request may or may not have been made. The error wraps the
// connection's *rpc.CloseError.
var ErrDisconnected = errors.New("exec-server transport disconnected")

// Client makes HTTP requests through an executor. All its methods may be called
// concurrently.
type Client struct {
	peer    *rpc.Peer
	stopped chan struct{} // the peer's Run has returned

	sessionID   string
	environment wire.EnvironmentInfo

	lastStream atomic.Uint64
	mu         sync.Mutex
	routes     map[string]*delta.Receiver // active streams by request id
	ended      error                      // set when the connection has ended
}

// New introduces itself over ch and returns a client that is ready for
// requests. The channel is the client's from then on, also if New fails.
func New(ctx context.Context, ch rpc.Channel, o *Options) (*Client, error) {
	if o == nil {
		o = &Options{}
	}
	c := &Client{stopped: make(chan struct{}), routes: make(map[string]*delta.Receiver)}
	c.peer = rpc.NewPeer(ch, (*handler)(c), o.RPC)
	go c.run()
	if err := c.introduce(ctx, o); err != nil {
		c.peer.Close(rpc.CloseNormal, "handshake failed")
		<-c.stopped
		return nil, fmt.Errorf("exec-server handshake: %w", c.callError(err))
	}
	return c, nil
}

func (c *Client) run() {
	defer close(c.stopped)
	reason := c.peer.Run()
	c.mu.Lock()
	c.ended = reason
	routes := c.routes
	c.routes = nil
	c.mu.Unlock()
	for _, route := range routes {
		route.Fail(ErrDisconnected.Error()+": "+reason.Error(), reason)
	}
}

func (c *Client) introduce(ctx context.Context, o *Options) error {
	name := o.ClientName
	if name == "" {
		name = "sluice"
	}
	params := &wire.InitializeParams{ClientName: name, ResumeSessionID: o.ResumeSessionID}
	err := c.peer.Call(ctx, wire.MethodInitialize, params, func(result []byte) error {
		r, err := wire.DecodeInitializeResult(result)
		c.sessionID, c.environment = r.SessionID, r.Environment
		return err
	})
	if err != nil {
		return err
	}
	if err := c.peer.Notify(ctx, wire.MethodInitialized, wire.Raw("{}")); err != nil {
		return err
	}
	// A Close right after New would drop it unsent.
	return c.peer.Flush(ctx)
}

// SessionID is the session's id, for Options.ResumeSessionID of a later client.
func (c *Client) SessionID() string { return c.sessionID }

// Environment is what the executor said of its machine.
func (c *Client) Environment() wire.EnvironmentInfo { return c.environment }

// Close ends the connection. Open bodies fail, calls in flight return
// ErrDisconnected.
func (c *Client) Close() error {
	c.peer.Close(rpc.CloseNormal, "client closed")
	<-c.stopped
	return nil
}

// Done is closed when the connection has ended.
func (c *Client) Done() <-chan struct{} { return c.stopped }

// Err says why the connection has ended: an *rpc.CloseError, nil before Done.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// callError gives a call's error the form that the package promises.
func (c *Client) callError(err error) error {
	var closed *rpc.CloseError
	if errors.As(err, &closed) {
		return &disconnected{closed}
	}
	return err
}

type disconnected struct{ reason *rpc.CloseError }

func (d *disconnected) Error() string   { return ErrDisconnected.Error() + ": " + d.reason.Error() }
func (d *disconnected) Unwrap() []error { return []error{ErrDisconnected, d.reason} }
