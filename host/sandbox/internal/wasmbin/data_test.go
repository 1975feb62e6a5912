package wasmbin

import (
	"context"
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

func TestWithoutDataLeavesItToTheHost(t *testing.T) {
	t.Parallel()
	b := counting()
	b.datas = append(b.datas, cat([]byte{0, opI32Const, 0x7f, opEnd}, str("far"))) // at -1
	info, err := Inspect(b.wasm(), DefaultLimits(), Contract{})
	require.NoError(t, err)
	require.Equal(t, []Data{{8, []byte("data")}, {1<<32 - 1, []byte("far")}}, info.Data)

	out, err := Meter(b.wasm(), MeterOptions{Fuel: testFuel, WithoutData: true})
	require.NoError(t, err)
	g := instantiate(t, out)
	memory, _ := g.Memory().Read(0, 1<<16)
	require.Equal(t, make([]byte, 1<<16), memory)
}

func TestWithoutDataKeepsPassiveData(t *testing.T) {
	t.Parallel()
	// memory.init(dst 0, from 0, 4 bytes) of segment 1; segment 0 is active.
	b := program(0, fn(nil, opI32Const, 0, opI32Const, 0, opI32Const, 4, prefixBulk, 8, 1, 0))
	b.datas = [][]byte{cat([]byte{0, opI32Const, 8, opEnd}, str("gone")), cat([]byte{1}, str("stay"))}
	b.dataCount = true
	out, err := Meter(b.wasm(), MeterOptions{Fuel: testFuel, Stack: testStack, WithoutData: true})
	require.NoError(t, err)

	g := instantiate(t, out)
	_, err = g.ExportedFunction("f").Call(context.Background())
	require.NoError(t, err)
	memory, _ := g.Memory().Read(0, 12)
	require.Equal(t, "stay\x00\x00\x00\x00\x00\x00\x00\x00", string(memory))
}

func TestDataOffsetsAreConstants(t *testing.T) {
	t.Parallel()
	b := program(0, fn(nil))
	b.datas = [][]byte{cat([]byte{0, opI64Const, 8, opEnd}, str("data"))}
	_, err := Inspect(b.wasm(), DefaultLimits(), Contract{})
	require.EqualError(t, err, "wasm: data section[0]: the offset must be an i32 constant")
}
