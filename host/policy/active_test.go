package policy_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/policy"
)

// denying is a policy that denies everything with its own name as the reason,
// so that a decision tells who made it.
func denying(name string) policy.Source {
	return policy.Source{Name: name, Wasm: decides(encoded(abi.Decision{Verdict: abi.Deny, Reason: name}))}
}

// broken is a module that does not load.
func broken() policy.Source {
	return policy.Source{Name: "broken", Wasm: []byte("\x00asm\x01\x00\x00\x00")}
}

func loadActive(t *testing.T, src policy.Source) *policy.Policy {
	t.Helper()
	p, err := tryLoad(src)
	require.NoError(t, err)
	return p
}

func TestLeaseOutlivesASwap(t *testing.T) {
	t.Parallel()
	a := policy.NewActive(loadActive(t, denying("first")))
	old := a.Acquire()
	a.Swap(loadActive(t, denying("second")))
	young := a.Acquire()
	require.Equal(t, "second", young.Policy().Name())
	requireReason(t, old.Policy(), "first")
	requireReason(t, young.Policy(), "second")

	old.Release()
	young.Release()
	require.NoError(t, a.Close(context.Background()))
	require.Nil(t, a.Acquire())
	var d abi.Decision
	require.ErrorContains(t, old.Policy().OnRequest(context.Background(), request(), &d), "closed")
}

func TestCloseWaitsForLeases(t *testing.T) {
	t.Parallel()
	a := policy.NewActive(loadActive(t, denying("only")))
	l := a.Acquire()
	a.Swap(loadActive(t, denying("other")))
	hasty, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, a.Close(hasty), context.Canceled, "a request still uses a policy")
	requireReason(t, l.Policy(), "only")

	closed := make(chan error, 1)
	go func() { closed <- a.Close(context.Background()) }()
	l.Release()
	require.NoError(t, <-closed)
	a.Swap(loadActive(t, denying("late"))) // owned, and closed, all the same
	require.NoError(t, a.Close(context.Background()))
	require.Nil(t, a.Acquire())
}

func requireReason(t *testing.T, p *policy.Policy, reason string) {
	t.Helper()
	q := request()
	q.Hop = 1
	var d abi.Decision
	require.NoError(t, p.OnRequest(context.Background(), q, &d))
	require.Equal(t, reason, d.Reason)
}

// Many callers judge while policies are swapped under them, good ones and ones
// that do not load. No request fails, and none is judged by two policies.
func TestSwapHammer(t *testing.T) {
	t.Parallel()
	const callers = 64
	swaps := 1000
	if raceDetector {
		swaps = 150
	}
	sources := []policy.Source{denying("first"), denying("second")}
	a := policy.NewActive(loadActive(t, sources[0]))

	var stop atomic.Bool
	var judged, failed, mixed atomic.Int64
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			var d abi.Decision
			q, r := request(), response()
			q.Hop, r.Hop = 1, 1
			for !stop.Load() {
				l := a.Acquire()
				name := l.Policy().Name()
				if err := l.Policy().OnRequest(context.Background(), q, &d); err != nil {
					failed.Add(1)
				} else if d.Reason != name {
					mixed.Add(1)
				}
				if err := l.Policy().OnResponse(context.Background(), r, &d); err != nil {
					failed.Add(1)
				} else if d.Reason != name {
					mixed.Add(1)
				}
				l.Release()
				judged.Add(1)
			}
		})
	}
	for i := range swaps {
		if i%3 == 2 {
			_, err := tryLoad(broken())
			require.Error(t, err)
			continue
		}
		a.Swap(loadActive(t, sources[i%2]))
	}
	stop.Store(true)
	wg.Wait()
	require.NoError(t, a.Close(context.Background()))
	require.Zero(t, failed.Load())
	require.Zero(t, mixed.Load())
	require.NotZero(t, judged.Load())
}
