package rpc_test

// The handler and the pair of peers that the tests use.

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// handlers is a rpc.Handler made of functions; those that are nil ignore.
type handlers struct {
	peer                *rpc.Peer // set by start
	request             func(*rpc.Peer, *wire.Message)
	notification, stray func(*wire.Message)
	malformed           func(error)
}

func (h *handlers) Request(m *wire.Message) {
	if h.request != nil {
		h.request(h.peer, m)
	}
}

func (h *handlers) Notification(m *wire.Message) { call(h.notification, m) }
func (h *handlers) Stray(m *wire.Message)        { call(h.stray, m) }
func (h *handlers) Malformed(err error)          { call(h.malformed, err) }

func call[T any](f func(T), v T) {
	if f != nil {
		f(v)
	}
}

// noPings keeps the clock of a bubble free of tickers.
var noPings = &rpc.Options{PingInterval: -1}

// start runs a peer until the end of the test. ended has what Run returned.
func start(t *testing.T, ch rpc.Channel, h *handlers, o *rpc.Options) (p *rpc.Peer, ended <-chan error) {
	t.Helper()
	if o == nil {
		o = noPings
	}
	p = rpc.NewPeer(ch, h, o)
	h.peer = p
	done := make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() { done <- p.Run() })
	t.Cleanup(func() {
		p.Close(rpc.CloseNormal, "the test is over")
		wg.Wait()
	})
	return p, done
}

// raw is a result or params as JSON text.
func raw(s string) wire.Raw { return wire.Raw(s) }

// into keeps a copy of a result.
func into(dst *string) func([]byte) error {
	return func(result []byte) error {
		*dst = string(result)
		return nil
	}
}

// recvAll notes what ch receives until it ends. It takes one message for each
// token of take, or all at once if take is nil.
type recvAll struct {
	mu   sync.Mutex
	msgs []string
}

func (r *recvAll) run(ch rpc.Channel, take <-chan struct{}) {
	for {
		if take != nil {
			if _, ok := <-take; !ok {
				return
			}
		}
		msg, err := ch.Recv(nil)
		if err != nil {
			return
		}
		r.mu.Lock()
		r.msgs = append(r.msgs, string(msg))
		r.mu.Unlock()
	}
}

func (r *recvAll) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.msgs...)
}

// deafChannel never answers a ping. Whatever else is asked of it waits for its
// Close.
type deafChannel struct {
	once   sync.Once
	closed chan struct{}
	code   rpc.CloseCode
	pings  int
	// answers is how many pings are answered before the side goes deaf.
	answers int
}

func newDeafChannel(answers int) *deafChannel {
	return &deafChannel{closed: make(chan struct{}), answers: answers}
}

var errClosed = errors.New("closed")

func (d *deafChannel) Send([]byte) error { <-d.closed; return errClosed }

func (d *deafChannel) Recv([]byte) ([]byte, error) { <-d.closed; return nil, errClosed }

func (d *deafChannel) Close(code rpc.CloseCode, _ string) error {
	d.once.Do(func() { d.code = code; close(d.closed) })
	return nil
}

func (d *deafChannel) Ping(ctx context.Context) error {
	d.pings++
	if d.pings <= d.answers {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-d.closed:
		return errClosed
	}
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func requireDone(t *testing.T, p *rpc.Peer) {
	t.Helper()
	select {
	case <-p.Done():
	default:
		require.Fail(t, "the conversation goes on")
	}
}
