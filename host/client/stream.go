package client

import (
	"context"
	"strconv"
	"sync"

	"github.com/sluice-run/sluice/host/delta"
	"github.com/sluice-run/sluice/host/wire"
)

// StreamResponse is a response whose body arrives bit by bit.
type StreamResponse struct {
	Status  int
	Headers []Header
	// Body must be closed.
	Body *Body
}

// Stream makes one request and returns when the response's head is there. ctx
// covers the body, too. req is not changed: its Stream is taken as true, its
// RequestID is replaced by one that is unique on this connection (http-1,
// http-2, …).
func (c *Client) Stream(ctx context.Context, req *Request) (*StreamResponse, error) {
	params := *req
	params.Stream = true
	params.RequestID = "http-" + strconv.FormatUint(c.lastStream.Add(1), 10)

	// The route stands before the request leaves: deltas may overtake the
	// response.
	route, err := c.open(params.RequestID)
	if err != nil {
		return nil, err
	}
	var res Response
	err = c.peer.Call(ctx, wire.MethodHTTPRequest, &params, func(result []byte) error {
		var err error
		res, err = wire.DecodeHTTPResponse(result)
		return err
	})
	if err != nil {
		c.remove(params.RequestID)
		return nil, c.callError(err)
	}
	body := &Body{client: c, id: params.RequestID, route: route, ctx: ctx}
	return &StreamResponse{Status: res.Status, Headers: res.Headers, Body: body}, nil
}

func (c *Client) open(id string) (*delta.Receiver, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		return nil, c.callError(c.ended)
	}
	route := delta.NewReceiver(id)
	c.routes[id] = route
	return route, nil
}

func (c *Client) remove(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.routes, id)
}

func (c *Client) route(id string) *delta.Receiver {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.routes[id]
}

// Body is the body of a streamed response: an io.ReadCloser, to be read by one
// goroutine at a time. It ends with io.EOF only if the origin's body ended;
// anything else is a *delta.StreamError.
type Body struct {
	client *Client
	id     string
	route  *delta.Receiver
	ctx    context.Context
	once   sync.Once
}

// Read reads from the body, waiting for the next delta if none is queued.
func (b *Body) Read(p []byte) (int, error) { return b.route.Read(b.ctx, p) }

// Recv returns the next delta's bytes as they came, at least one; it is Read
// without the copy and must not be mixed with it.
func (b *Body) Recv() ([]byte, error) { return b.route.Recv(b.ctx) }

// Close drops what has not been read. Deltas that still arrive are ignored.
func (b *Body) Close() error {
	b.once.Do(func() {
		b.client.remove(b.id)
		b.route.Close()
	})
	return nil
}
