// Turns and instances: how many calls run at once, and how everything ends.

package sandbox

import (
	"context"
	"sync"
	"time"
)

// A pool gives each call a turn, and an instance of its own.
//
// A call holds one of the turns from enter to leave, which bounds the instances:
// there are never more than turns. Idle ones lie on a stack, so that the one
// used last, whose memory is still in the processor's caches, is taken first.
type pool struct {
	module  *Module
	turns   chan struct{}
	closing chan struct{} // closed when no further call may start
	closed  chan struct{} // closed when everything has been given back

	mu    sync.Mutex
	idle  []*instance
	calls int // between enter and leave
	ended bool
}

func (p *pool) open(m *Module, first *instance) {
	p.module = m
	p.turns = make(chan struct{}, m.opts.Concurrency)
	p.closing = make(chan struct{})
	p.closed = make(chan struct{})
	p.idle = append(make([]*instance, 0, m.opts.Concurrency), first)
}

// enter waits for a turn and returns an idle instance, nil if there is none.
func (p *pool) enter(ctx context.Context, doing string) (*instance, error) {
	if ctx.Err() != nil {
		return nil, p.module.opts.canceled(ctx, doing)
	}
	select {
	case p.turns <- struct{}{}:
	default:
		if err := p.queue(ctx, doing); err != nil {
			return nil, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		<-p.turns
		return nil, p.module.opts.fail(Closed, doing, "")
	}
	p.calls++
	last := len(p.idle) - 1
	if last < 0 {
		return nil, nil
	}
	inst := p.idle[last]
	p.idle = p.idle[:last]
	return inst, nil
}

func (p *pool) queue(ctx context.Context, doing string) error {
	opts := &p.module.opts
	timer := time.NewTimer(opts.MaxWait)
	defer timer.Stop()
	select {
	case p.turns <- struct{}{}:
		return nil
	case <-p.closing:
		return opts.fail(Closed, doing, "")
	case <-ctx.Done():
		return opts.canceled(ctx, doing)
	case <-timer.C:
		return opts.fail(Overloaded, doing, "there was no turn within "+opts.MaxWait.String())
	}
}

// leave ends a call's turn. It keeps the instance for another, if there is one.
func (p *pool) leave(inst *instance) {
	p.mu.Lock()
	if inst != nil {
		p.idle = append(p.idle, inst)
	}
	p.calls--
	last := p.ended && p.calls == 0
	p.mu.Unlock()
	<-p.turns
	if last {
		p.finish()
	}
}

// end lets no further call start.
func (p *pool) end() {
	p.mu.Lock()
	again := p.ended
	p.ended = true
	last := !again && p.calls == 0
	p.mu.Unlock()
	if !again {
		close(p.closing)
	}
	if last {
		p.finish()
	}
}

// finish gives everything back. It runs once, when no call is left and none can
// start.
func (p *pool) finish() {
	for _, inst := range p.idle {
		inst.close()
	}
	p.idle = nil
	p.module.release()
	close(p.closed)
}

// Close ends the module: no further call starts, and it returns when those in
// flight are done, or with ctx's error if that ends first; the last call then
// does the rest. Closing again waits again.
func (m *Module) Close(ctx context.Context) error {
	m.pool.end()
	select {
	case <-m.pool.closed:
		return nil
	default:
	}
	select {
	case <-m.pool.closed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
