package executor

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

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
	// headerEnv is what callers may use of this process's environment.
	headerEnv headerEnv
	log       *slog.Logger

	ctx      context.Context // ends when the executor is closed
	cancel   context.CancelFunc
	draining atomic.Bool
	requests atomic.Int64 // of all connections: run, wait or stream
	// refusals keeps those who may not connect from filling the log.
	refusals rate.Sometimes

	mu        sync.Mutex
	conns     map[*conn]struct{}
	quotas    quotas
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
		refusals: rate.Sometimes{First: 16, Interval: time.Second},
		quotas:   quotas{maxConns: o.MaxConnectionsPerCaller, limit: o.RateLimit, byCaller: make(map[string]*quota)},
	}
	e.headerEnv = readHeaderEnv(o.HeaderEnv)
	out := o.Egress
	out.Policy = o.Policy
	out.OwnListeners = e.ownListeners
	e.egress = egress.New(out)
	return e
}

// Caller is who is at the other end of a connection.
type Caller struct {
	// Name is who it is, as far as somebody vouches for it. The policy is told,
	// sessions belong to it, and callers are limited by it; all those without a
	// name are one.
	Name string
	// Addr is where it is, for errors and logs: "127.0.0.1:4567" or "stdio".
	Addr string
}

// ServeChannel talks to one caller without a name over ch until the conversation
// ends and returns why, an *rpc.CloseError. addr is Caller.Addr.
func (e *Executor) ServeChannel(ch rpc.Channel, addr string) error {
	return e.ServeCaller(ch, Caller{Addr: addr})
}

// ServeCaller is ServeChannel for a caller whose name is known.
func (e *Executor) ServeCaller(ch rpc.Channel, caller Caller) error {
	c := newConn(e, ch, caller)
	if err := e.admit(c); err != nil {
		e.log.Debug("connection refused", "peer", caller.Addr, "caller", caller.Name, "reason", err.Reason)
		_ = ch.Close(err.Code, err.Reason)
		return err
	}
	defer e.wg.Done()
	e.log.Debug("connection opened", "peer", caller.Addr, "caller", caller.Name)
	reason := c.run()
	e.leave(c)
	e.log.Debug("connection closed", "peer", caller.Addr, "caller", caller.Name, "reason", reason.Error())
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
	var refusal *rpc.CloseError
	if c.quota, refusal = e.quotas.enter(c.caller.Name); refusal != nil {
		return refusal
	}
	e.conns[c] = struct{}{}
	e.wg.Add(1)
	return nil
}

func (e *Executor) leave(c *conn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.conns, c)
	e.quotas.leave(c.quota)
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
