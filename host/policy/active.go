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

	mu    sync.Mutex
	open  int           // policies that are not closed yet
	empty chan struct{} // closed when open is 0, if somebody waits for that
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
	a.mu.Lock()
	a.open++
	a.mu.Unlock()
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
	go l.active.end(l.policy) // nobody's request waits for it
}

// end closes a policy that nobody uses any more.
func (a *Active) end(p *Policy) {
	_ = p.Close(context.Background())
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open--
	if a.open == 0 && a.empty != nil {
		close(a.empty)
		a.empty = nil
	}
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
// which is when the last request that uses one ends, or until ctx is done.
func (a *Active) Close(ctx context.Context) error {
	if last := a.current.Swap(nil); last != nil {
		last.Release()
	}
	empty := a.whenEmpty()
	if empty == nil {
		return nil
	}
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// whenEmpty gives a channel that is closed once no policy is open; nil if none
// is now.
func (a *Active) whenEmpty() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open == 0 {
		return nil
	}
	if a.empty == nil {
		a.empty = make(chan struct{})
	}
	return a.empty
}
