// Turns and instances: how many calls run at once, who starts the instances,
// and how everything ends.

package sandbox

import (
	"context"
	"time"
)

// A pool gives each call a turn and an instance of its own.
//
// A call holds one of the turns from enter to leave; finish takes all of them,
// so it waits for the calls in flight. One goroutine keeps ready filled; a call
// that finds it empty starts an instance itself.
type pool struct {
	module *Module
	turns  chan struct{}
	ready  chan *instance
	wanted chan struct{}   // wakes the goroutine that fills ready
	life   context.Context // ends when the module is being closed
	end    context.CancelFunc
	closed chan struct{}
}

func (p *pool) open(m *Module, first *instance) {
	p.module = m
	p.turns = make(chan struct{}, m.opts.Concurrency)
	p.ready = make(chan *instance, m.opts.Concurrency)
	p.wanted = make(chan struct{}, 1)
	p.life, p.end = context.WithCancel(context.Background())
	p.closed = make(chan struct{})
	p.ready <- first
	p.want()
	go p.run()
}

// enter waits for a turn.
func (p *pool) enter(ctx context.Context, doing string) error {
	select {
	case p.turns <- struct{}{}:
	default:
		if err := p.queue(ctx, doing); err != nil {
			return err
		}
	}
	select {
	case <-p.life.Done():
		<-p.turns
		return p.module.opts.fail(Closed, doing, "")
	default:
		return nil
	}
}

func (p *pool) queue(ctx context.Context, doing string) error {
	opts := &p.module.opts
	timer := time.NewTimer(opts.MaxWait)
	defer timer.Stop()
	select {
	case p.turns <- struct{}{}:
		return nil
	case <-p.life.Done():
		return opts.fail(Closed, doing, "")
	case <-ctx.Done():
		return opts.canceled(ctx, doing)
	case <-timer.C:
		return opts.fail(Overloaded, doing, "there was no turn within "+opts.MaxWait.String())
	}
}

func (p *pool) leave() { <-p.turns }

// take returns an instance; whoever takes it closes it.
func (p *pool) take(ctx context.Context) (*instance, error) {
	defer p.want()
	select {
	case inst := <-p.ready:
		return inst, nil
	default:
		return p.start(ctx)
	}
}

// want says that ready has room. One such word is enough for any number.
func (p *pool) want() {
	select {
	case p.wanted <- struct{}{}:
	default:
	}
}

func (p *pool) start(caller context.Context) (*instance, error) {
	ctx, cancel := context.WithTimeout(caller, p.module.opts.LoadTimeout)
	defer cancel()
	return p.module.start(ctx, caller, nil)
}

// run fills ready whenever instances are wanted, and ends the pool.
func (p *pool) run() {
	for {
		select {
		case <-p.wanted:
			p.fill()
		case <-p.life.Done():
			p.finish()
			return
		}
	}
}

// fill starts instances until ready is full. A failed start is not reported: a
// call that needs the instance meets the failure itself.
func (p *pool) fill() {
	for len(p.ready) < cap(p.ready) && p.life.Err() == nil {
		inst, err := p.start(p.life)
		if err != nil {
			return
		}
		p.ready <- inst // nobody else sends, so there is room
	}
}

// finish waits for the calls in flight and gives everything back.
func (p *pool) finish() {
	for range cap(p.turns) {
		p.turns <- struct{}{}
	}
	close(p.ready)
	for inst := range p.ready {
		inst.close()
	}
	p.module.release(context.Background())
	close(p.closed)
}

// Close ends the module: no further call starts, and it returns when those in
// flight are done, or with ctx's error if that ends first; then the rest happens
// by itself. Closing again waits again.
func (m *Module) Close(ctx context.Context) error {
	m.pool.end()
	select {
	case <-m.pool.closed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
