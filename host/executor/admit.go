package executor

import (
	"github.com/sluice-run/sluice/host/wire"
)

// Reasons of errors that the executor itself finds.
const (
	// reasonOverloaded is the reason of CodeOverloaded errors but those of the
	// rate.
	reasonOverloaded = "overloaded"
	// reasonRateLimited: the caller begins requests too often.
	reasonRateLimited = "rate_limited"
	// reasonHeaderEnv: a header asks for a variable of the executor's
	// environment.
	reasonHeaderEnv = "header_env_not_allowed"
)

// call is one http/request on its way.
type call struct {
	id     wire.ID
	params wire.HTTPRequest
	judge  judge // from when it starts to run
}

// httpRequest checks what can be checked without leaving the reader and starts
// the request or puts it in line.
func (c *conn) httpRequest(msg *wire.Message) {
	params, err := wire.DecodeHTTPRequest(msg.Params)
	if err != nil {
		c.refuse(msg.ID, asWireError(err))
		return
	}
	if err := c.handshaken("http"); err != nil {
		c.refuse(msg.ID, err)
		return
	}
	one := &call{id: msg.ID, params: params}
	if err := c.take(one); err != nil {
		c.refuse(msg.ID, err)
	}
}

func overloaded(format string, args ...any) *wire.Error {
	e := wire.Errorf(wire.CodeOverloaded, format, args...)
	e.Reason = reasonOverloaded
	return e
}

// take starts the call, or lets it wait, or says why not.
func (c *conn) take(one *call) *wire.Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	starts := c.running < c.exec.opts.ConcurrentRequests
	if err := c.limited(one, starts); err != nil {
		return err
	}
	if n := c.exec.requests.Add(1); n > int64(c.exec.opts.MaxRequests) {
		c.exec.requests.Add(-1)
		return overloaded("too many requests on this executor: %d; try again later", n-1)
	}
	if err := c.quota.begin(); err != nil {
		c.exec.requests.Add(-1)
		return err
	}
	if one.params.Stream {
		c.streams[one.params.RequestID] = struct{}{}
	}
	if c.left == 0 && c.idle != nil {
		c.idle.Stop()
	}
	c.left++
	if !starts {
		c.waiting = append(c.waiting, one)
		c.waitingBytes += len(one.params.Body)
		return nil
	}
	c.start(one)
	return nil
}

// limited says which limit of the connection stands against the call; c.mu is
// held.
func (c *conn) limited(one *call, starts bool) *wire.Error {
	o := &c.exec.opts
	if c.exec.draining.Load() {
		return overloaded("executor is shutting down; use another one")
	}
	if !starts && len(c.waiting) >= o.MaxWaiting {
		return overloaded("too many requests on this connection: %d run and %d wait; try again later", c.running, len(c.waiting))
	}
	if !starts && c.waitingBytes+len(one.params.Body) > o.MaxWaitingBytes {
		return overloaded("the bodies of waiting requests on this connection are over %d bytes; try again later", o.MaxWaitingBytes)
	}
	if !one.params.Stream {
		return nil
	}
	if _, active := c.streams[one.params.RequestID]; active {
		return wire.Errorf(wire.CodeInvalidParams, "http/request streamResponse requestId `%s` is already active", one.params.RequestID)
	}
	if len(c.streams) >= o.MaxStreams {
		return overloaded("too many streams on this connection: %d; try again later", len(c.streams))
	}
	return nil
}

// start runs the call in a goroutine of its own; c.mu is held.
func (c *conn) start(one *call) {
	c.running++
	c.wg.Go(func() { c.handle(one) })
}

// yield gives the place of a call to the next one.
func (c *conn) yield() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
	if len(c.waiting) == 0 || c.ctx.Err() != nil {
		return
	}
	next := c.waiting[0]
	c.waiting[0] = nil
	c.waiting = c.waiting[1:]
	c.waitingBytes -= len(next.params.Body)
	c.start(next)
}

// freeStream makes a stream's request id free for use again.
func (c *conn) freeStream(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.streams, id)
}

// over counts a call that leaves nothing behind.
func (c *conn) over() {
	c.exec.requests.Add(-1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left--
	if c.left > 0 {
		return
	}
	if c.quiet != nil {
		close(c.quiet)
		c.quiet = nil
	}
	if c.idle != nil {
		c.idle.Reset(c.exec.opts.IdleTimeout)
	}
}

// abandon gives up the calls that still wait when the connection has ended.
func (c *conn) abandon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.exec.requests.Add(-int64(len(c.waiting)))
	c.waiting = nil
	if c.idle != nil {
		c.idle.Stop()
	}
}
