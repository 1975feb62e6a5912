package executor

import (
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/rpc"
)

func TestCallersAreRememberedWhileTheirRateIsNotWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := quotas{maxConns: 1, limit: RateLimit{PerSecond: 1, Burst: 1}, byCaller: make(map[string]*quota)}
		enter := func(name string) *quota {
			t.Helper()
			one, refusal := all.enter(name)
			require.Nil(t, refusal)
			return one
		}
		all.leave(enter("idle"))
		require.Empty(t, all.byCaller, "who asked for nothing is forgotten at once")

		for i := range maxQuotas {
			one := enter(strconv.Itoa(i))
			require.Nil(t, one.begin())
			all.leave(one)
		}
		_, refusal := all.enter("one too many")
		require.Equal(t, &rpc.CloseError{Code: rpc.CloseTryAgainLater, Reason: "too many callers"}, refusal)
		require.NotNil(t, enter("7").begin(), "those that are known may come back, and are still limited")

		time.Sleep(time.Second) // the bubble's clock
		enter("one too many")
		require.Len(t, all.byCaller, 2)
	})
}

// All the connections of a caller share its rate.
func TestRateIsSharedByConcurrentConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := quotas{maxConns: 8, limit: RateLimit{PerSecond: 1, Burst: 100}, byCaller: make(map[string]*quota)}
		var mu sync.Mutex
		begun := 0
		var wg sync.WaitGroup
		for range 8 {
			one, refusal := all.enter("alice")
			require.Nil(t, refusal)
			wg.Go(func() {
				for range 50 {
					if one.begin() == nil {
						mu.Lock()
						begun++
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
		require.Equal(t, 100, begun)
	})
}

func TestBurstOfARateLimit(t *testing.T) {
	t.Parallel()
	require.Equal(t, 7, RateLimit{PerSecond: 3, Burst: 7}.burst())
	require.Equal(t, 3, RateLimit{PerSecond: 2.5}.burst())
	require.Equal(t, 1, RateLimit{PerSecond: 0.1}.burst())
}
