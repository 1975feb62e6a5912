package sandbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/sandbox"
	w "github.com/sluice-run/sluice/host/sandbox/wasmtest"
)

func TestCallMetered(t *testing.T) {
	t.Parallel()
	m := load(t, guestWith(whenEvil(w.Loop(w.Br(0))), echo), func(o *sandbox.Options) { o.Fuel = 1000 })
	h, _ := m.Hook("hook")
	out, fuel, err := m.CallMetered(context.Background(), h, []byte("good"), []byte("so "))
	require.NoError(t, err)
	require.Equal(t, "so good", string(out))
	require.Less(t, fuel, int64(100))
	require.Positive(t, fuel)
	_, again, err := m.CallMetered(context.Background(), h, []byte("else"), nil)
	require.NoError(t, err)
	require.Equal(t, fuel, again)

	_, fuel, err = m.CallMetered(context.Background(), h, []byte(evil), nil)
	requireKind(t, err, sandbox.Exhausted, "hook: out of fuel: it took more than 1000 units")
	require.GreaterOrEqual(t, fuel, int64(1000))
	_, fuel, err = m.CallMetered(context.Background(), sandbox.Hook{}, nil, nil)
	require.Error(t, err)
	require.Zero(t, fuel)
}

// What the host does for a guest is paid for: each loop would have fuel enough
// if its calls were free.
func TestHostFunctionsCostFuel(t *testing.T) {
	t.Parallel()
	n := w.I32Const
	for name, c := range map[string]struct {
		module, function, params, results string
		args                              []w.Code
		calls                             int32
	}{
		"log":    {"host", "log", w.I32 + w.I32 + w.I32, "", []w.Code{n(1), n(0), n(1000)}, 2000},
		"random": {wasi, "random_get", w.I32 + w.I32, w.I32, []w.Code{n(4096), n(60 << 10)}, 20},
		"write":  {wasi, "fd_write", w.I32 + w.I32 + w.I32 + w.I32, w.I32, []w.Code{n(1), n(64), n(1), n(72)}, 200},
		"yield":  {wasi, "sched_yield", "", w.I32, nil, 25000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var g w.Module
			f := g.Import(c.module, c.function, c.params, c.results)
			guestBase(&g)
			g.Data(64, words(0, 8000))
			left := g.Global(c.calls)
			drop := w.Code(nil)
			if c.results != "" {
				drop = w.Drop
			}
			loop := w.Loop(
				w.Seq(c.args...), w.Call(f), drop,
				w.GlobalGet(left), w.I32Const(-1), w.I32Add, w.GlobalSet(left),
				w.GlobalGet(left), w.If(w.Br(1)))
			g.Export("hook", g.Func(hookParams, w.I64, "", loop, echo))
			_, err := call(t, load(t, g.Bytes(), func(o *sandbox.Options) { o.Fuel = 1e6 }), "good")
			requireKind(t, err, sandbox.Exhausted, "more than 1000000 units")
			requireWorks(t, load(t, g.Bytes(), func(o *sandbox.Options) { o.Fuel = 1e8 }))
		})
	}
}

// A guest counts its calls in memory and logs each; the warm-up's count, its log
// lines do not.
func TestWarmUp(t *testing.T) {
	t.Parallel()
	var g w.Module
	log := g.Import("host", "log", w.I32+w.I32+w.I32, "")
	guestBase(&g)
	g.Export("hook", g.Func(hookParams, w.I64, "",
		whenEvil(w.Unreachable),
		w.I32Const(0), w.I32Const(0), w.I32Load(scratchAt), w.I32Const(1), w.I32Add, w.I32Store(scratchAt),
		w.I32Const(1), w.LocalGet(0), w.LocalGet(1), w.Call(log),
		w.I64Const(scratchAt<<32|4)))
	var rec recorder
	warm := func(calls ...sandbox.WarmUp) func(*sandbox.Options) {
		return func(o *sandbox.Options) { o.WarmUp, o.Log = calls, rec.log }
	}
	m := load(t, g.Bytes(), warm(sandbox.WarmUp{Hook: "hook", Input: []byte("warm")}, sandbox.WarmUp{Hook: "other", Input: []byte(evil)}))
	require.Empty(t, rec.taken())
	for range 3 {
		out, err := call(t, m, "good")
		require.NoError(t, err)
		require.Equal(t, words(33), out)
		require.Equal(t, []string{"1 good"}, rec.taken())
	}

	_, err := tryLoad(g.Bytes(), nil, warm(sandbox.WarmUp{Hook: "hook", Input: []byte(evil)}))
	requireKind(t, err, sandbox.Trap, "hook: trap: unreachable")
}

// Modules that would take a compiler or an engine down are refused in no time.
func TestLoadRefusesHostileModules(t *testing.T) {
	t.Parallel()
	manyLocals := append([]byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00"),
		"\x0a\x0a\x01\x08\x01\xff\xff\xff\xff\x0f\x7f\x0b"...)
	deep := w.Code{}
	for range 5000 {
		deep = w.Seq(w.I32Const(1), w.If(deep))
	}
	for name, c := range map[string]struct {
		wasm   []byte
		text   string
		change func(*sandbox.Limits)
	}{
		"locals":    {manyLocals, "over the limit of", nil},
		"depth":     {guestWith(deep, echo), "over the limit of", nil},
		"functions": {guestWith(echo), "functions", func(l *sandbox.Limits) { l.Functions = 2 }},
		"body":      {guestWith(echo), "over the limit of 4", func(l *sandbox.Limits) { l.FunctionBytes = 4 }},
	} {
		start := time.Now()
		_, err := tryLoad(c.wasm, nil, func(o *sandbox.Options) {
			if c.change != nil {
				o.Limits = sandbox.DefaultLimits()
				c.change(&o.Limits)
			}
		})
		require.Error(t, err, name)
		requireKind(t, err, sandbox.Invalid, c.text)
		require.Less(t, time.Since(start), time.Second, name)
	}
}
