package sandbox

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	w "github.com/sluice-run/sluice/host/sandbox/wasmtest"
)

// What the scribbler writes to instead of the memory.
const (
	firstGlobal  = 1<<32 - 1 - iota
	secondGlobal // two below the end of the addresses
	moreMemory
)

const (
	scribbleFrom = 1 << 16 // in front of it lies the input
	scribbleTo   = 1 << 20
)

// scribbler's hook takes pairs of words and writes the second where the first
// says.
func scribbler(t testing.TB, way resetWay) (*Module, Hook) {
	var g w.Module
	g.Memory(scribbleTo>>16, 1000)
	g.ExportMemory("memory")
	g.Data(scribbleFrom, "some data")
	one, two := g.Global(1), g.Global(2)
	where, what := w.Seq(w.LocalGet(0), w.I32Load(0)), w.Seq(w.LocalGet(0), w.I32Load(4))
	step := func(local uint32, by int32) w.Code {
		return w.Seq(w.LocalGet(local), w.I32Const(by), w.I32Add, w.LocalSet(local))
	}
	is := func(place uint32) w.Code { return w.Seq(where, w.I32Const(int32(place)), w.I32Eq) }
	next := w.Seq(step(0, 8), step(1, -8))
	g.Export("buffer", g.Func(w.I32, w.I32, "", w.I32Const(1024)))
	g.Export("hook", g.Func(w.I32+w.I32, w.I64, "",
		w.Loop(w.LocalGet(1), w.If(
			is(firstGlobal), w.If(what, w.GlobalSet(one), next, w.Br(2)),
			is(secondGlobal), w.If(what, w.GlobalSet(two), next, w.Br(2)),
			is(moreMemory), w.If(what, w.MemoryGrow, w.Drop, next, w.Br(2)),
			where, what, w.I32Store(0), next, w.Br(1))),
		w.I64Const(0)))
	m, err := Load(context.Background(), g.Bytes(), nil, Options{
		ABI:    ABI{Buffer: "buffer", Hooks: []string{"hook"}},
		WarmUp: []WarmUp{{"hook", scribble(nil, 200<<10, 7, firstGlobal, 8)}},
		reset:  way,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close(context.Background())) })
	h, _ := m.Hook("hook")
	return m, h
}

func scribble(b []byte, pairs ...uint32) []byte {
	for _, word := range pairs {
		b = binary.LittleEndian.AppendUint32(b, word)
	}
	return b
}

// state is all that an idle instance holds.
func (i *instance) state() (memory []byte, globals []uint64) {
	memory, _ = i.memory.Read(0, i.memory.Size())
	for _, global := range i.globals {
		globals = append(globals, global.Get())
	}
	return memory, globals
}

// Whatever a call writes, memory and globals are those of the snapshot
// afterwards.
func TestResetBringsEverythingBack(t *testing.T) {
	t.Parallel()
	for _, way := range resetWays {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			m, h := scribbler(t, way.way)
			memory, globals := m.pool.idle[0].state()
			memory = bytes.Clone(memory)
			require.Equal(t, "some data", string(memory[scribbleFrom:][:9]))
			require.Equal(t, byte(7), memory[200<<10], "the warm-up is part of the snapshot")
			require.Equal(t, []uint64{8, 2}, globals)

			random := rand.New(rand.NewPCG(1, 2))
			var in []byte
			for round := range 1000 {
				in = in[:0]
				for range [...]int{1, 10, 100, 4000}[random.IntN(4)] {
					place := scribbleFrom + random.Uint32N(scribbleTo-scribbleFrom-4)
					switch random.IntN(10) {
					case 0:
						place = firstGlobal
					case 1:
						place = secondGlobal
					}
					in = scribble(in, place, random.Uint32())
				}
				_, err := m.Call(context.Background(), h, in, nil)
				require.NoError(t, err)
				require.Len(t, m.pool.idle, 1)
				gotMemory, gotGlobals := m.pool.idle[0].state()
				require.True(t, bytes.Equal(memory, gotMemory), "round %d", round)
				require.Equal(t, globals, gotGlobals, "round %d", round)
			}
		})
	}
}

// A memory that has grown cannot shrink again.
func TestGrownMemoryEndsTheInstance(t *testing.T) {
	t.Parallel()
	for _, way := range resetWays {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			m, h := scribbler(t, way.way)
			memory, globals := m.pool.idle[0].state()
			memory = bytes.Clone(memory)
			for range 3 {
				_, err := m.Call(context.Background(), h, scribble(nil, scribbleFrom, 1, moreMemory, 2, scribbleTo+8, 3, firstGlobal, 4), nil)
				require.NoError(t, err)
				require.Empty(t, m.pool.idle)
				_, err = m.Call(context.Background(), h, nil, nil)
				require.NoError(t, err)
				gotMemory, gotGlobals := m.pool.idle[0].state()
				require.True(t, bytes.Equal(memory, gotMemory))
				require.Equal(t, globals, gotGlobals)
			}
		})
	}
}

func TestCallsDoNotAllocate(t *testing.T) {
	for _, way := range resetWays {
		m, h := smallGuest().load(t, func(o *Options) { o.reset = way.way })
		in, out := []byte("good"), make([]byte, 0, 16)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			var err error
			if out, err = m.Call(context.Background(), h, in, out[:0]); err != nil || string(out) != "good" {
				panic("the call failed")
			}
		}), way.name)
	}
}

// The same input needs the same fuel, in whatever instance.
func TestFuelIsDeterministic(t *testing.T) {
	t.Parallel()
	g := goGuest(t)
	m, h := g.load(t)
	seen := map[int64]bool{}
	for round := range 6 {
		_, fuel, err := m.CallMetered(context.Background(), h, g.input, nil)
		require.NoError(t, err)
		require.Positive(t, fuel)
		seen[fuel] = true
		if round == 2 { // the next makes another
			m.pool.idle[0].close()
			m.pool.idle = m.pool.idle[:0]
		}
	}
	require.Len(t, seen, 1)
}
