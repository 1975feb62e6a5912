package sandbox_test

import (
	"context"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/sandbox"
	w "github.com/sluice-run/sluice/host/sandbox/wasmtest"
)

func TestCall(t *testing.T) {
	t.Parallel()
	m := load(t, guestWith(
		w.LocalGet(1), w.I32Const(4), w.I32Ne, w.If(w.I64Const(0), w.Return), // no answer
		echo))
	h, _ := m.Hook("hook")
	out, err := m.Call(context.Background(), h, []byte("good"), []byte("so "))
	require.NoError(t, err)
	require.Equal(t, "so good", string(out), "the answer is appended")
	out, err = m.Call(context.Background(), h, []byte("no answer"), []byte("so "))
	require.NoError(t, err)
	require.Equal(t, "so ", string(out))
	out, err = m.Call(context.Background(), h, nil, nil)
	require.NoError(t, err)
	require.Nil(t, out)
}

// Each hostile guest misbehaves on one input and works on the next.
func TestCallSurvivesHostileGuests(t *testing.T) {
	t.Parallel()
	deep := func() []byte {
		m := guestBase(&w.Module{})
		f := uint32(2) // this function
		m.Func("", "", "", w.Call(f))
		m.Export("hook", m.Func(hookParams, w.I64, "", whenEvil(w.Call(f)), echo))
		return m.Bytes()
	}
	exit := func(code int32) []byte {
		return guestThatImports(wasi, "proc_exit", w.I32, "",
			whenEvil(w.I32Const(code), w.Call(0)), echo)
	}
	hook := func(body ...w.Code) []byte { return guestWith(whenEvil(body...), echo) }
	for name, c := range map[string]struct {
		wasm []byte
		kind sandbox.Kind
		text string
	}{
		"unreachable":      {hook(w.Unreachable), sandbox.Trap, "trap: unreachable"},
		"division":         {hook(w.I32Const(1), w.I32Const(0), w.I32DivU, w.Drop), sandbox.Trap, "integer divide by zero"},
		"out of bounds":    {hook(w.I32Const(-4), w.I32Load(0), w.Drop), sandbox.Trap, "out of bounds memory access"},
		"recursion":        {deep(), sandbox.Trap, "its calls went too deep"},
		"loop":             {hook(w.Loop(w.Br(0))), sandbox.Exhausted, "it took more than 1000000 units"},
		"growing loop":     {hook(w.Loop(w.I32Const(1), w.MemoryGrow, w.Drop, w.Br(0))), sandbox.Exhausted, "out of fuel"},
		"grow and trap":    {hook(w.Loop(w.I32Const(64), w.MemoryGrow, w.I32Const(-1), w.I32Ne, w.If(w.Br(1))), w.Unreachable), sandbox.Trap, "unreachable"},
		"fill beyond":      {hook(w.I32Const(0), w.I32Const(1), w.I32Const(1<<20), w.MemoryFill), sandbox.Trap, "out of bounds memory access"},
		"no length":        {hook(answer(8, 0)), sandbox.Malformed, "without a length"},
		"answer outside":   {hook(answer(64<<10-3, 4)), sandbox.Malformed, "4 bytes lies outside its memory"},
		"answer far away":  {hook(answer(math.MaxUint32, 1)), sandbox.Malformed, "lies outside its memory"},
		"answer wraps":     {hook(answer(math.MaxUint32, 1000)), sandbox.Malformed, "lies outside its memory"},
		"giant answer":     {hook(answer(0, 1001)), sandbox.Malformed, "1001 bytes is over the limit of 1000"},
		"all of memory":    {hook(answer(0, math.MaxUint32)), sandbox.Malformed, "over the limit"},
		"exit 0":           {exit(0), sandbox.Exited, "exit code 0"},
		"exit 7":           {exit(7), sandbox.Exited, "exit code 7"},
		"exit as canceled": {exit(-1), sandbox.Exited, "exit code 4294967295"},
		"exit as deadline": {exit(-268435457), sandbox.Exited, "exit code 4026531839"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := load(t, c.wasm, func(o *sandbox.Options) {
				o.MaxAnswer, o.MemoryLimit = 1000, 16<<20
				if c.kind == sandbox.Exhausted {
					o.Fuel = 1e6
				}
			})
			for range 3 {
				out, err := call(t, m, evil)
				requireKind(t, err, c.kind, c.text)
				require.Empty(t, out)
			}
			requireWorks(t, m)
		})
	}
}

func TestCallSurvivesHostileBuffers(t *testing.T) {
	t.Parallel()
	// The buffer function misbehaves on inputs of 5 bytes.
	buffer := func(body ...w.Code) []byte {
		var m w.Module
		m.Memory(1, 1)
		m.ExportMemory("memory")
		m.Export("v1", m.Func("", "", ""))
		m.Export("buffer", m.Func(w.I32, w.I32, "",
			w.LocalGet(0), w.I32Const(5), w.I32Eq, w.If(body...), w.I32Const(bufferAt)))
		m.Export("hook", m.Func(hookParams, w.I64, "", echo))
		return m.Bytes()
	}
	for name, c := range map[string]struct {
		body w.Code
		kind sandbox.Kind
		text string
	}{
		"no room":  {w.Seq(w.I32Const(0), w.Return), sandbox.Memory, "no room for 5 bytes"},
		"outside":  {w.Seq(w.I32Const(-1), w.Return), sandbox.Malformed, "buffer for 5 bytes lies outside"},
		"half out": {w.Seq(w.I32Const(64<<10-4), w.Return), sandbox.Malformed, "lies outside"},
		"traps":    {w.Unreachable, sandbox.Trap, "buffer: trap: unreachable"},
		"negative": {w.Seq(w.I32Const(math.MinInt32), w.Return), sandbox.Malformed, "lies outside"},
		"loops":    {w.Loop(w.Br(0)), sandbox.Exhausted, "buffer: out of fuel"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := load(t, buffer(c.body), func(o *sandbox.Options) { o.Fuel = 1e6 })
			_, err := call(t, m, "12345")
			requireKind(t, err, c.kind, c.text)
			requireWorks(t, m)
		})
	}
}

// What one call leaves in memory, globals and the memory's size is gone in the
// next, also after failures.
func TestCallsSeeNothingOfEachOther(t *testing.T) {
	t.Parallel()
	g := guestBase(&w.Module{})
	global := g.Global(0)
	up := func(at uint32) w.Code {
		return w.Seq(w.I32Const(0), w.I32Const(0), w.I32Load(at), w.I32Const(1), w.I32Add, w.I32Store(at))
	}
	g.Export("hook", g.Func(hookParams, w.I64, "",
		up(scratchAt),
		w.GlobalGet(global), w.I32Const(1), w.I32Add, w.GlobalSet(global),
		w.I32Const(0), w.GlobalGet(global), w.I32Store(scratchAt+4),
		w.I32Const(0), w.I32Const(1), w.MemoryGrow, w.I32Store(scratchAt+8),
		w.I32Const(0), w.I32Const(2*bufferAt), w.I32Load(0), w.I32Store(scratchAt+12), // where a long input was
		whenEvil(w.Unreachable),
		w.I64Const(scratchAt<<32|16)))
	m := load(t, g.Bytes())
	want := "\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"
	for range 10 {
		out, err := call(t, m, "good")
		require.NoError(t, err)
		require.Equal(t, want, out)
		_, err = call(t, m, strings.Repeat(evil, 1000))
		requireKind(t, err, sandbox.Trap, "unreachable")
	}
}

// FuzzAnswer lets the guest answer with any pointer and length.
func FuzzAnswer(f *testing.F) {
	for _, seed := range [][2]uint32{
		{0, 0}, {0, 1}, {1, 0}, {bufferAt, 8}, {64<<10 - 1, 1}, {64 << 10, 1}, {64<<10 - 1, 2},
		{math.MaxUint32, math.MaxUint32}, {0, math.MaxUint32}, {math.MaxUint32, 1}, {1 << 31, 1 << 31}, {0, 64 << 10}, {1, 64 << 10},
	} {
		f.Add(seed[0], seed[1])
	}
	m := load(f, guestWith(w.LocalGet(0), w.I64Load(0)))
	h, _ := m.Hook("hook")
	f.Fuzz(func(t *testing.T, ptr, size uint32) {
		in := binary.LittleEndian.AppendUint64(nil, uint64(ptr)<<32|uint64(size))
		out, err := m.Call(context.Background(), h, in, nil)
		inside := size > 0 && uint64(ptr)+uint64(size) <= 64<<10
		if ptr == 0 && size == 0 {
			require.NoError(t, err)
			require.Empty(t, out)
			return
		}
		if !inside {
			requireKind(t, err, sandbox.Malformed, "")
			return
		}
		require.NoError(t, err)
		require.Len(t, out, int(size))
		if ptr == bufferAt && size >= 8 {
			require.Equal(t, in, out[:8])
		}
	})
}
