package executor

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sluice-run/sluice/host/egress"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// Executor makes the HTTP requests that its callers ask for. Its methods may be
// called concurrently.
type Executor struct {
	opts     Options
	egress   *egress.Client
	sessions sessions
	log      *slog.Logger

	ctx      context.Context // ends when the executor is closed
	cancel   context.CancelFunc
	draining atomic.Bool

	mu        sync.Mutex
	conns     map[*conn]struct{}
	listeners []netip.AddrPort
	wg        sync.WaitGroup // connections
}

// New makes an executor whose requests are judged by o.Policy.
func New(o Options) *Executor {
	o.setDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	e := &Executor{
		opts:     o,
		sessions: sessions{max: o.MaxSessions, keep: o.SessionKeep, byID: make(map[string]*session)},
		log:      o.Logger,
		ctx:      ctx,
		cancel:   cancel,
		conns:    make(map[*conn]struct{}),
	}
	out := o.Egress
	out.Policy = o.Policy
	out.OwnListeners = e.ownListeners
	e.egress = egress.New(out)
	return e
}

// ServeChannel talks to one caller over ch until the conversation ends and
// returns why, an *rpc.CloseError. peerName names the caller in errors and logs,
// such as "127.0.0.1:4567" or "stdio".
func (e *Executor) ServeChannel(ch rpc.Channel, peerName string) error {
	c := newConn(e, ch, peerName)
	if err := e.admit(c); err != nil {
		_ = ch.Close(err.Code, err.Reason)
		return err
	}
	defer e.wg.Done()
	e.log.Debug("connection opened", "peer", peerName)
	reason := c.run()
	e.mu.Lock()
	delete(e.conns, c)
	e.mu.Unlock()
	e.log.Debug("connection closed", "peer", peerName, "reason", reason.Error())
	return reason
}

func (e *Executor) admit(c *conn) *rpc.CloseError {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.draining.Load():
		return &rpc.CloseError{Code: rpc.CloseGoingAway, Reason: "executor is shutting down"}
	case len(e.conns) >= e.opts.MaxConnections:
		return &rpc.CloseError{Code: rpc.CloseTryAgainLater, Reason: "too many connections"}
	}
	e.conns[c] = struct{}{}
	e.wg.Add(1)
	return nil
}

// Drain stops taking connections and requests, waits until what runs has been
// answered or ctx is done, then closes every connection with 1001. Listeners
// are the caller's to close.
func (e *Executor) Drain(ctx context.Context) error {
	e.mu.Lock()
	e.draining.Store(true)
	conns := make([]*conn, 0, len(e.conns))
	for c := range e.conns {
		conns = append(conns, c)
	}
	e.mu.Unlock()

	var wg sync.WaitGroup
	var late atomic.Int64
	for _, c := range conns {
		wg.Go(func() {
			if c.drain(ctx) != nil {
				late.Add(1)
			}
		})
	}
	wg.Wait()
	e.Close()
	if n := late.Load(); n > 0 {
		return wire.Errorf(wire.CodeInternal, "%d connections still had requests running when the time was up", n)
	}
	return nil
}

// Close ends all connections at once and waits until nothing of the executor
// runs any more.
func (e *Executor) Close() {
	e.mu.Lock()
	e.draining.Store(true)
	for c := range e.conns {
		go c.peer.Close(rpc.CloseGoingAway, "executor is shutting down")
	}
	e.mu.Unlock()
	e.cancel()
	e.wg.Wait()
	e.egress.Close()
}

// ownListeners gives the addresses that no request may reach unless the
// operator names them.
func (e *Executor) ownListeners() []netip.AddrPort {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.listeners)
}

func (e *Executor) addListener(addr net.Addr) {
	ap, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return // not a TCP address: nothing that a request could reach
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.listeners = append(e.listeners, ap)
}
