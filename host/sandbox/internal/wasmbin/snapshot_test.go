package wasmbin

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// counting starts by setting global 0 to 11 and memory[0] to 1, and has a data
// segment at 8; f counts global 0 up.
func counting() build {
	b := program(0, fn(nil, opGlobalGet, 0, opI32Const, 1, 0x6a, opGlobalSet, 0))
	b.funcs = append(b.funcs, []byte{0})
	b.codes = append(b.codes, fn(nil, opI32Const, 11, opGlobalSet, 0, opI32Const, 0, opI32Const, 1, 0x36, 0, 0))
	b.globals = [][]byte{{I32, 1, opI32Const, 0, opEnd}, {I64, 0, opI64Const, 5, opEnd}, {F32, 1, opF32Const, 0, 0, 0, 0, opEnd}}
	b.start = []byte{1}
	b.datas = [][]byte{cat([]byte{0, opI32Const, 8, opEnd}, str("data"))}
	return b
}

func TestSnapshotBeginsWithTheImage(t *testing.T) {
	t.Parallel()
	wasm, err := Meter(counting().wasm(), MeterOptions{Fuel: 100, Stack: 200})
	require.NoError(t, err)
	out, err := Snapshot(wasm, Image{Pages: 3, Globals: map[uint32]uint64{0: math.MaxUint32, 2: uint64(math.Float32bits(1.5))}})
	require.NoError(t, err)

	g := instantiate(t, out)
	require.Equal(t, uint32(3<<16), g.Memory().Size())
	memory, _ := g.Memory().Read(0, 3<<16)
	require.Equal(t, make([]byte, 3<<16), memory, "neither data nor start function")
	require.Equal(t, uint64(math.MaxUint32), g.ExportedGlobal("__sluice_global_0").Get())
	require.Equal(t, uint64(math.Float32bits(1.5)), g.ExportedGlobal("__sluice_global_2").Get())
	require.Equal(t, uint64(100), g.fuel.Get(), "not in the image: as it was")

	_, err = g.ExportedFunction("f").Call(context.Background())
	require.NoError(t, err)
	require.Equal(t, uint64(0), g.ExportedGlobal("__sluice_global_0").Get())
}

func TestSnapshotKeepsPassiveData(t *testing.T) {
	t.Parallel()
	// memory.init(dst 0, from 0, 4 bytes) of segment 1; segment 0 is active.
	b := program(0, fn(nil, opI32Const, 0, opI32Const, 0, opI32Const, 4, prefixBulk, 8, 1, 0))
	b.datas = [][]byte{cat([]byte{0, opI32Const, 8, opEnd}, str("gone")), cat([]byte{1}, str("stay"))}
	b.dataCount = true
	wasm, err := Meter(b.wasm(), MeterOptions{Fuel: testFuel})
	require.NoError(t, err)
	out, err := Snapshot(wasm, Image{Pages: 1})
	require.NoError(t, err)

	g := instantiate(t, out)
	_, err = g.ExportedFunction("f").Call(context.Background())
	require.NoError(t, err)
	memory, _ := g.Memory().Read(0, 12)
	require.Equal(t, "stay\x00\x00\x00\x00\x00\x00\x00\x00", string(memory))
}

func TestSnapshotKeepsTheMaximum(t *testing.T) {
	t.Parallel()
	b := program(0, fn(nil))
	b.memories = [][]byte{{1, 1, 4}}
	out, err := Snapshot(b.wasm(), Image{Pages: 4})
	require.NoError(t, err)
	m, err := decode(out, &noLimits)
	require.NoError(t, err)
	require.Equal(t, []memoryType{{min: 4, max: 4, hasMax: true}}, m.memories)
}

func TestSnapshotRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	b := counting()
	b.memories = [][]byte{{1, 2, 4}}
	for name, c := range map[string]struct {
		image Image
		text  string
	}{
		"too small":        {Image{Pages: 1}, "wasm: memory section[0]: an image of 1 pages does not fit"},
		"too large":        {Image{Pages: 5}, "wasm: memory section[0]: an image of 5 pages does not fit"},
		"immutable global": {Image{Pages: 2, Globals: map[uint32]uint64{1: 1}}, "wasm: global section[1]: an image has no value for this global"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Snapshot(b.wasm(), c.image)
			require.EqualError(t, err, c.text)
		})
	}
}
