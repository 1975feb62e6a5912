// The policy in force, which can be replaced while requests fly.

package policy

import (
	"context"
	"sync"
	"sync/atomic"
)

// Active is the policy in force. A request takes a [Lease] and keeps it to its
// end: whatever is swapped meanwhile, all its hops and its response are judged
// by the policy it started with. A policy that was swapped out is closed when
// the last lease of it ends, by count.
type Active struct {
	current atomic.Pointer[Lease]
	closing sync.WaitGroup // policies that are being closed
}

// Lease is the right to use a policy. All requests that started under the same
// policy share one.
type Lease struct {
	policy *Policy
	active *Active
	// uses is the number of requests that hold the lease, and one more while
	// the policy is in force. At 0 it is over for good.
	uses atomic.Int64
}

// NewActive puts a policy in force. It owns p from then on.
func NewActive(p *Policy) *Active {
	a := new(Active)
	a.current.Store(a.newLease(p))
	return a
}

func (a *Active) newLease(p *Policy) *Lease {
	l := &Lease{policy: p, active: a}
	l.uses.Store(1)
	return l
}

// Acquire takes a lease of the policy in force; nil after Close. Each is
// released once.
func (a *Active) Acquire() *Lease {
	for {
		l := a.current.Load()
		if l == nil || l.take() {
			return l
		}
		// It was swapped out and has ended between the two lines: look again.
	}
}

// take counts one more use, unless the lease is over.
func (l *Lease) take() bool {
	for {
		n := l.uses.Load()
		if n == 0 {
			return false
		}
		if l.uses.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// Policy is the policy that the lease is of.
func (l *Lease) Policy() *Policy { return l.policy }

// Release ends one use of the lease.
func (l *Lease) Release() {
	if l.uses.Add(-1) > 0 {
		return
	}
	l.active.closing.Go(func() { _ = l.policy.Close(context.Background()) })
}

// Swap puts another policy in force, for requests that start from now on, and
// owns it from then on. After Close, p is closed instead.
func (a *Active) Swap(p *Policy) {
	next := a.newLease(p)
	for {
		old := a.current.Load()
		if old == nil {
			next.Release()
			return
		}
		if a.current.CompareAndSwap(old, next) {
			old.Release()
			return
		}
	}
}

// Close puts nothing in force and waits until every policy that was is closed,
// or ctx is done.
func (a *Active) Close(ctx context.Context) error {
	if last := a.current.Swap(nil); last != nil {
		last.Release()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.closing.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
