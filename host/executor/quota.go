package executor

// What one caller may have, over all of its connections.

import (
	"math"
	"time"

	"golang.org/x/time/rate"

	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// RateLimit is how often something may happen: PerSecond in the long run, and up
// to Burst at once, by default as many. The zero value is no limit.
type RateLimit struct {
	PerSecond float64
	Burst     int
}

func (r RateLimit) burst() int {
	if r.Burst > 0 {
		return r.Burst
	}
	return int(math.Ceil(r.PerSecond))
}

// maxQuotas bounds the callers that are remembered, connected or not.
const maxQuotas = 16384

// quotas are guarded by the executor's mu.
type quotas struct {
	maxConns int
	limit    RateLimit
	byCaller map[string]*quota
}

// quota is one caller's.
type quota struct {
	caller string
	conns  int           // guarded by the executor's mu
	rate   *rate.Limiter // nil: no limit
}

// enter counts a connection of the caller.
func (q *quotas) enter(caller string) (*quota, *rpc.CloseError) {
	one := q.byCaller[caller]
	if one == nil {
		if len(q.byCaller) >= maxQuotas {
			q.forgetRested() // only now: it looks at all of them
		}
		if len(q.byCaller) >= maxQuotas {
			return nil, &rpc.CloseError{Code: rpc.CloseTryAgainLater, Reason: "too many callers"}
		}
		one = &quota{caller: caller}
		if q.limit.PerSecond > 0 {
			one.rate = rate.NewLimiter(rate.Limit(q.limit.PerSecond), q.limit.burst())
		}
		q.byCaller[caller] = one
	}
	if one.conns >= q.maxConns {
		return nil, &rpc.CloseError{Code: rpc.CloseTryAgainLater, Reason: "too many connections of this caller"}
	}
	one.conns++
	return one, nil
}

func (q *quotas) leave(one *quota) {
	one.conns--
	if one.conns == 0 && one.rested() {
		delete(q.byCaller, one.caller)
	}
}

// forgetRested drops those who are gone and whose rate is whole again: they lose
// nothing by it. Those whose rate is not are kept, or a new connection would
// make it whole.
func (q *quotas) forgetRested() {
	for name, one := range q.byCaller {
		if one.conns == 0 && one.rested() {
			delete(q.byCaller, name)
		}
	}
}

func (one *quota) rested() bool {
	return one.rate == nil || one.rate.Tokens() >= float64(one.rate.Burst())
}

// begin counts a request, or says when there will be room for one.
func (one *quota) begin() *wire.Error {
	if one.rate == nil {
		return nil
	}
	now := time.Now()
	turn := one.rate.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	turn.CancelAt(now)
	ms := uint64(math.Ceil(float64(wait) / float64(time.Millisecond)))
	e := overloaded("too many requests of this caller in a short time; try again in %d ms", ms)
	e.Reason, e.RetryAfterMs = reasonRateLimited, ms
	return e
}
