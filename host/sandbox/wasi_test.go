package sandbox_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/sandbox"
	w "github.com/sluice-run/sluice/host/sandbox/wasmtest"
)

// wasiGuest calls one function of WASI with fixed arguments and answers with the
// first 256 bytes of its memory; the error number is the first of them. data
// lies at address 64.
func wasiGuest(name, params, data string, args ...w.Code) []byte {
	var m w.Module
	f := m.Import(wasi, name, params, w.I32)
	guestBase(&m)
	m.Data(64, data)
	m.Export("hook", m.Func(hookParams, w.I64, "",
		w.I32Const(0), w.Seq(args...), w.Call(f), w.I32Store(0), w.I64Const(256)))
	return m.Bytes()
}

func words(values ...uint32) string {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return string(b)
}

// untouched stands where a call writes, to show how much.
var untouched = strings.Repeat("#", 48)

func TestWASI(t *testing.T) {
	t.Parallel()
	const (
		ok, badf, fault, inval, notsup, spipe = 0, 8, 21, 28, 58, 70

		two, three, four = w.I32 + w.I32, w.I32 + w.I32 + w.I32, w.I32 + w.I32 + w.I32 + w.I32
		clock, seek      = w.I32 + w.I64 + w.I32, w.I32 + w.I64 + w.I32 + w.I32
	)
	n := w.I32Const
	far := n(-8)
	// A buffer list of two: 5 bytes at 96 and all the rest from 0 on.
	vectors := words(96, 5, 0, 1<<16)
	sleep := words(7, 0, 0, 0, 1, 0, 1000, 0, 0, 0, 0, 0) // relative, 1000 ns, monotonic
	readable := words(9, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for name, c := range map[string]struct {
		function, params, data string
		args                   []w.Code
		errno                  uint32
		want                   string // the bytes from 64 on
	}{
		"no arguments":       {"args_get", two, untouched, []w.Code{n(64), n(68)}, ok, untouched},
		"argument sizes":     {"args_sizes_get", two, untouched, []w.Code{n(64), n(68)}, ok, words(0, 0) + "#"},
		"argument sizes far": {"args_sizes_get", two, untouched, []w.Code{n(64), n(-1)}, fault, words(0) + "#"},
		"environment sizes":  {"environ_sizes_get", two, untouched, []w.Code{n(64), n(68)}, ok, words(0, 0) + "#"},
		"no environment":     {"environ_get", two, untouched, []w.Code{n(64), n(68)}, ok, untouched},
		"resolution":         {"clock_res_get", two, untouched, []w.Code{n(0), n(64)}, ok, words(1, 0) + "#"},
		"resolution of none": {"clock_res_get", two, untouched, []w.Code{n(9), n(64)}, notsup, untouched},
		"monotonic":          {"clock_time_get", clock, untouched, []w.Code{n(1), w.I64Const(1), n(64)}, ok, words(1e9, 0) + "#"},
		"processor time":     {"clock_time_get", clock, untouched, []w.Code{n(2), w.I64Const(1), n(64)}, notsup, untouched},
		"time far":           {"clock_time_get", clock, untouched, []w.Code{n(0), w.I64Const(1), far}, fault, untouched},
		"close output":       {"fd_close", w.I32, untouched, []w.Code{n(1)}, ok, untouched},
		"close another":      {"fd_close", w.I32, untouched, []w.Code{n(3)}, badf, untouched},
		"state of input":     {"fd_fdstat_get", two, untouched, []w.Code{n(0), n(64)}, ok, words(2, 0, 2, 0, 0, 0) + "#"},
		"state of error":     {"fd_fdstat_get", two, untouched, []w.Code{n(2), n(64)}, ok, words(2, 0, 64, 0, 0, 0) + "#"},
		"state of another":   {"fd_fdstat_get", two, untouched, []w.Code{n(3), n(64)}, badf, untouched},
		"state far":          {"fd_fdstat_get", two, untouched, []w.Code{n(1), far}, fault, untouched},
		"flags":              {"fd_fdstat_set_flags", two, untouched, []w.Code{n(1), n(4)}, ok, untouched},
		"no folder":          {"fd_prestat_get", two, untouched, []w.Code{n(3), n(64)}, badf, untouched},
		"no folder name":     {"fd_prestat_dir_name", three, untouched, []w.Code{n(3), n(64), n(8)}, badf, untouched},
		"end of input":       {"fd_read", four, vectors, []w.Code{n(0), n(64), n(2), n(80)}, ok, vectors + words(0)},
		"read a file":        {"fd_read", four, vectors, []w.Code{n(3), n(64), n(2), n(80)}, badf, vectors},
		"seek":               {"fd_seek", seek, untouched, []w.Code{n(1), w.I64Const(0), n(0), n(64)}, spipe, untouched},
		"seek in a file":     {"fd_seek", seek, untouched, []w.Code{n(5), w.I64Const(0), n(0), n(64)}, badf, untouched},
		"write, short":       {"fd_write", four, vectors, []w.Code{n(1), n(64), n(2), n(80)}, ok, vectors + words(1<<16)},
		"write to a file":    {"fd_write", four, vectors, []w.Code{n(3), n(64), n(2), n(80)}, badf, vectors},
		"write to input":     {"fd_write", four, vectors, []w.Code{n(0), n(64), n(2), n(80)}, badf, vectors},
		"write too many":     {"fd_write", four, vectors, []w.Code{n(1), n(64), n(1025), n(80)}, inval, vectors},
		"write far list":     {"fd_write", four, vectors, []w.Code{n(1), far, n(2), n(80)}, fault, vectors},
		"write far bytes":    {"fd_write", four, words(1<<31, 5), []w.Code{n(1), n(64), n(1), n(80)}, fault, words(1<<31, 5)},
		"write with wrap":    {"fd_write", four, vectors, []w.Code{n(1), n(64), n(1 << 29), n(80)}, inval, vectors},
		"sleep":              {"poll_oneoff", four, sleep, []w.Code{n(64), n(112), n(1), n(144)}, ok, sleep + words(7, 0, 0, 0, 0, 0, 0, 0) + words(1)},
		"wait for input":     {"poll_oneoff", four, readable, []w.Code{n(64), n(112), n(1), n(144)}, ok, readable + words(9, 0, 8|1<<16, 0, 0, 0, 0, 0) + words(1)},
		"poll nothing":       {"poll_oneoff", four, sleep, []w.Code{n(64), n(112), n(0), n(144)}, inval, sleep},
		"poll too much":      {"poll_oneoff", four, sleep, []w.Code{n(64), n(112), n(65), n(144)}, inval, sleep},
		"poll far":           {"poll_oneoff", four, sleep, []w.Code{far, n(112), n(1), n(144)}, fault, sleep},
		"poll into far":      {"poll_oneoff", four, sleep, []w.Code{n(64), far, n(1), n(144)}, fault, sleep},
		"random far":         {"random_get", two, untouched, []w.Code{far, n(9)}, fault, untouched},
		"too much random":    {"random_get", two, untouched, []w.Code{n(0), n(1<<16 + 1)}, inval, untouched},
		"yield":              {"sched_yield", "", untouched, nil, ok, untouched},
		"sleep on another clock": {"poll_oneoff", four, words(7, 0, 0, 0, 3), []w.Code{n(64), n(112), n(1), n(144)}, ok,
			words(7, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0) + words(7, 0, 58, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := call(t, load(t, wasiGuest(c.function, c.params, c.data, c.args...)), "good")
			require.NoError(t, err)
			require.Equal(t, c.errno, binary.LittleEndian.Uint32([]byte(out)))
			require.Equal(t, c.want, out[64:64+len(c.want)])
		})
	}
}

// The clock stands still at the load, for all calls; a sleep moves it within its
// call.
func TestClock(t *testing.T) {
	t.Parallel()
	var g w.Module
	clock := g.Import(wasi, "clock_time_get", w.I32+w.I64+w.I32, w.I32)
	poll := g.Import(wasi, "poll_oneoff", w.I32+w.I32+w.I32+w.I32, w.I32)
	guestBase(&g)
	const second = 1000000000
	g.Data(64, words(0, 0, 0, 0, 0, 0, second, 0, 0, 0, 0, 0))
	now := func(at int32) w.Code {
		return w.Seq(w.I32Const(0), w.I64Const(1), w.I32Const(at), w.Call(clock), w.Drop)
	}
	g.Export("hook", g.Func(hookParams, w.I64, "",
		now(0), w.I32Const(64), w.I32Const(256), w.I32Const(1), w.I32Const(8), w.Call(poll), w.Drop, now(8),
		w.I64Const(16)))
	before := time.Now()
	m := load(t, g.Bytes())
	after := time.Now()
	first, err := call(t, m, "good")
	require.NoError(t, err)
	start := binary.LittleEndian.Uint64([]byte(first))
	require.GreaterOrEqual(t, start, uint64(before.UnixNano()))
	require.LessOrEqual(t, start, uint64(after.UnixNano()))
	require.Equal(t, start+second, binary.LittleEndian.Uint64([]byte(first[8:])))
	for range 3 {
		next, err := call(t, m, "good")
		require.NoError(t, err)
		require.Equal(t, first, next)
	}
}

// Random bytes are the same in each call, and others in each load.
func TestRandom(t *testing.T) {
	t.Parallel()
	wasm := wasiGuest("random_get", w.I32+w.I32, untouched, w.I32Const(64), w.I32Const(32))
	random := func(m *sandbox.Module) string {
		out, err := call(t, m, "good")
		require.NoError(t, err)
		require.Equal(t, untouched[32:], out[96:112], "not a byte more")
		return out[64:96]
	}
	one, two := load(t, wasm), load(t, wasm)
	require.NotEqual(t, untouched[:32], random(one))
	require.Equal(t, random(one), random(one))
	require.NotEqual(t, random(one), random(two))
}
