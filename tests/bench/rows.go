package main

// What is measured. A measurement that a side cannot take is NaN.

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

type row struct {
	name    string
	unit    string
	less    bool // less is better
	measure func(ctx context.Context, b *bench, s *side) (float64, error)
}

type bench struct {
	origin string
	scale  int // divides the amount of work
}

var rows = []row{
	{"256 B buffered, one after the other, p50", "µs", true, sequential},
	{"256 B buffered, 64 outstanding", "req/s", false, outstanding("/small", 8000)},
	{"origin takes 10 ms, 64 outstanding", "req/s", false, outstanding("/slow", 2000)},
	{"256 B streamed, to the last delta, p50", "µs", true, streamedSmall},
	{"256 MiB streamed", "MB/s", false, streamedBig},
	{"1 MiB POST echoed", "MB/s", false, echo},
	{"first request on a new websocket, p50", "µs", true, firstRequest},
	{"1000 connections, one request each", "s", true, manyConnections},
	{"start to ready", "ms", true, startToReady},
	{"memory when idle", "MiB", true, idleMemory},
	{"memory with 8 unread streams of 256 MiB", "MiB above idle", true, unreadMemory},
}

func p50(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2].Nanoseconds()) / 1e3
}

// repeat takes the time of n calls.
func repeat(n int, call func() error) ([]time.Duration, error) {
	times := make([]time.Duration, 0, n)
	for range n {
		began := time.Now()
		if err := call(); err != nil {
			return nil, err
		}
		times = append(times, time.Since(began))
	}
	return times, nil
}

func sequential(ctx context.Context, b *bench, s *side) (float64, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return 0, err
	}
	defer c.close()
	get := func() error { return b.small(ctx, c, "/small") }
	if _, err := repeat(50, get); err != nil { // connections open, code warm
		return 0, err
	}
	times, err := repeat(2000/b.scale, get)
	if err != nil {
		return 0, err
	}
	return p50(times), nil
}

func (b *bench) small(ctx context.Context, c caller, path string) error {
	body, err := c.do(ctx, http.MethodGet, b.origin+path, nil)
	if err == nil && len(body) != smallBody {
		return fmt.Errorf("a body of %d bytes", len(body))
	}
	return err
}

func outstanding(path string, requests int) func(context.Context, *bench, *side) (float64, error) {
	return func(ctx context.Context, b *bench, s *side) (float64, error) {
		c, err := s.dial(ctx)
		if err != nil {
			return 0, err
		}
		defer c.close()
		n := int64(requests / b.scale)
		if s.name == "reference, limit 1" && path == "/slow" {
			n = min(n, 100) // one after the other
		}
		var left atomic.Int64
		left.Store(n)
		var failure atomic.Pointer[error]
		var wg sync.WaitGroup
		began := time.Now()
		for range 64 {
			wg.Go(func() {
				for left.Add(-1) >= 0 && failure.Load() == nil {
					if err := b.small(ctx, c, path); err != nil {
						failure.Store(&err)
					}
				}
			})
		}
		wg.Wait()
		if err := failure.Load(); err != nil {
			return 0, *err
		}
		return float64(n) / time.Since(began).Seconds(), nil
	}
}

func streamedSmall(ctx context.Context, b *bench, s *side) (float64, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return 0, err
	}
	defer c.close()
	get := func() error {
		n, err := b.drain(ctx, c, "/small")
		if err == nil && n != smallBody {
			return fmt.Errorf("a body of %d bytes", n)
		}
		return err
	}
	if _, err := repeat(5, get); err != nil {
		return 0, err
	}
	times, err := repeat(max(100/b.scale, 3), get)
	if err != nil {
		return 0, err
	}
	return p50(times), nil
}

func (b *bench) drain(ctx context.Context, c caller, path string) (int64, error) {
	body, err := c.stream(ctx, b.origin+path)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	return io.Copy(io.Discard, body)
}

func streamedBig(ctx context.Context, b *bench, s *side) (float64, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return 0, err
	}
	defer c.close()
	began := time.Now()
	n, err := b.drain(ctx, c, "/big")
	if err == nil && n != bigBody {
		err = fmt.Errorf("a body of %d bytes", n)
	}
	return float64(n) / 1e6 / time.Since(began).Seconds(), err
}

func echo(ctx context.Context, b *bench, s *side) (float64, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return 0, err
	}
	defer c.close()
	body := make([]byte, 1<<20)
	n := max(100/b.scale, 3)
	began := time.Now()
	for range n {
		got, err := c.do(ctx, http.MethodPost, b.origin+"/echo", body)
		if err == nil && len(got) != len(body) {
			err = fmt.Errorf("a body of %d bytes", len(got))
		}
		if err != nil {
			return 0, err
		}
	}
	return float64(n*len(body)) / 1e6 / time.Since(began).Seconds(), nil
}

func firstRequest(ctx context.Context, b *bench, s *side) (float64, error) {
	times := make([]time.Duration, 0, 20)
	for range max(20/b.scale, 3) {
		c, err := s.dial(ctx)
		if err != nil {
			return 0, err
		}
		began := time.Now()
		err = b.small(ctx, c, "/small")
		times = append(times, time.Since(began))
		c.close()
		if err != nil {
			return 0, err
		}
	}
	return p50(times), nil
}

func manyConnections(ctx context.Context, b *bench, s *side) (float64, error) {
	if !s.executor {
		return math.NaN(), nil
	}
	n := 1000 / b.scale
	callers := make([]caller, 0, n)
	defer func() {
		var wg sync.WaitGroup
		for _, c := range callers {
			wg.Go(c.close)
		}
		wg.Wait()
	}()
	began := time.Now()
	for range n {
		c, err := s.dial(ctx)
		if err != nil {
			return 0, err
		}
		callers = append(callers, c)
		if err := b.small(ctx, c, "/small"); err != nil {
			return 0, err
		}
	}
	return time.Since(began).Seconds(), nil
}

func startToReady(ctx context.Context, _ *bench, s *side) (float64, error) {
	if !s.executor {
		return math.NaN(), nil
	}
	began := time.Now()
	_, _, stop, err := start(ctx, s.command)
	if err != nil {
		return 0, err
	}
	took := time.Since(began)
	stop()
	return float64(took.Microseconds()) / 1e3, nil
}

func idleMemory(ctx context.Context, _ *bench, s *side) (float64, error) {
	if !s.executor {
		return math.NaN(), nil
	}
	_, pid, stop, err := start(ctx, s.command)
	if err != nil {
		return 0, err
	}
	defer stop()
	return residentMiB(pid), nil
}

// unreadMemory asks for eight bodies over a connection from which nothing is
// read, and looks at the executor's memory until it stands still.
func unreadMemory(ctx context.Context, b *bench, s *side) (float64, error) {
	if !s.executor {
		return math.NaN(), nil
	}
	url, pid, stop, err := start(ctx, s.command)
	if err != nil {
		return 0, err
	}
	defer stop()
	idle := residentMiB(pid)
	hangUp, err := askAndNeverRead(ctx, url, b.origin+"/big", 8)
	if err != nil {
		return 0, err
	}
	defer hangUp()
	most := 0.0
	for still := 0; still < 20; still++ {
		time.Sleep(50 * time.Millisecond)
		if now := residentMiB(pid); now > most+1 {
			most, still = now, 0
		}
	}
	return most - idle, nil
}
