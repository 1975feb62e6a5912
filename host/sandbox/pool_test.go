package sandbox

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// poolModule loads a guest whose hook echoes, or traps on "trap".
func poolModule(t *testing.T, concurrency int) (*Module, Hook) {
	return poolModuleWith(t, concurrency, resetBest)
}

func poolModuleWith(t *testing.T, concurrency int, way resetWay) (*Module, Hook) {
	m, err := Load(context.Background(), echoGuest(), nil, Options{
		ABI: ABI{Buffer: "buffer", Hooks: []string{"hook"}}, Concurrency: concurrency,
		LoadTimeout: time.Minute, MaxWait: time.Minute, reset: way,
	})
	require.NoError(t, err)
	h, ok := m.Hook("hook")
	require.True(t, ok)
	return m, h
}

func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, h := poolModule(t, 2)
		defer func() { require.NoError(t, m.Close(t.Context())) }()
		first := enter(t, m)
		require.NotNil(t, first, "loading has made one")
		require.Nil(t, enter(t, m))

		start := time.Now()
		_, err := m.Call(t.Context(), h, []byte("good"), nil)
		require.ErrorIs(t, err, Overloaded)
		require.ErrorContains(t, err, "no turn within 1m0s")
		require.Equal(t, m.opts.MaxWait, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = m.Call(ctx, h, []byte("good"), nil)
		require.ErrorIs(t, err, Canceled)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		time.AfterFunc(time.Second, func() { m.pool.leave(first) }) // in time
		out, err := m.Call(t.Context(), h, []byte("good"), nil)
		require.NoError(t, err)
		require.Equal(t, "good", string(out))
		m.pool.leave(nil)
	})
}

func TestCloseWaitsForCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, h := poolModule(t, 2)
		inst := enter(t, m)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, m.Close(ctx), context.DeadlineExceeded, "a call is in flight")
		_, err := m.Call(t.Context(), h, []byte("good"), nil)
		require.ErrorIs(t, err, Closed, "no further call starts")
		require.NotNil(t, m.runtime, "the call in flight still has its code")

		m.pool.leave(inst)
		require.NoError(t, m.Close(t.Context()))
		require.Nil(t, m.runtime)
		require.NoError(t, m.Close(t.Context()), "again")
		_, err = m.Call(t.Context(), h, []byte("good"), nil)
		require.ErrorIs(t, err, Closed)
	})
}

func TestPoolKeepsInstances(t *testing.T) {
	t.Parallel()
	m, h := poolModule(t, 3)
	defer func() { require.NoError(t, m.Close(context.Background())) }()
	first := m.pool.idle[0]
	call := func(in string) {
		t.Helper()
		_, err := m.Call(context.Background(), h, []byte(in), nil)
		require.Equal(t, in == "trap", errors.Is(err, Trap), err)
	}
	for range 5 {
		call("good")
	}
	require.Equal(t, []*instance{first}, m.pool.idle, "one at a time needs one instance")
	call("trap")
	require.Empty(t, m.pool.idle, "it is of no more use")
	call("good")
	require.Len(t, m.pool.idle, 1)
	require.NotSame(t, first, m.pool.idle[0])
}

func enter(t *testing.T, m *Module) *instance {
	t.Helper()
	inst, err := m.pool.enter(t.Context(), "test")
	require.NoError(t, err)
	return inst
}

// Many call while it is being closed: each call works, or fails as it should,
// and afterwards none is left.
func TestHammer(t *testing.T) {
	t.Parallel()
	for range 4 {
		m, h := poolModule(t, 3)
		var calls atomic.Int64
		var all sync.WaitGroup
		for caller := range 16 {
			all.Go(func() {
				for i := 0; ; i++ {
					in, out := "good", []byte(nil)
					if (caller+i)%7 == 0 {
						in = "trap"
					}
					out, err := m.Call(context.Background(), h, []byte(in), out)
					switch {
					case errors.Is(err, Closed):
						return
					case in == "trap":
						if !errors.Is(err, Trap) {
							t.Errorf("want a trap, got %v", err)
						}
					case err != nil || string(out) != in:
						t.Errorf("got %q, %v", out, err)
					}
					calls.Add(1)
				}
			})
		}
		for calls.Load() < 300 {
			time.Sleep(time.Millisecond)
		}
		for range 3 {
			all.Go(func() {
				if err := m.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}
