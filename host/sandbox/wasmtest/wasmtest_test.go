package wasmtest_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"

	"github.com/sluice-run/sluice/host/sandbox/wasmtest"
)

// What is assembled runs in an engine and does what it says.
func TestAssembledModulesRun(t *testing.T) {
	t.Parallel()
	var m wasmtest.Module
	m.Memory(1, 2)
	m.ExportMemory("memory")
	m.Data(8, "data")
	counter := m.Global(40)
	up := m.Func("", "", "", wasmtest.GlobalGet(counter), wasmtest.I32Const(1), wasmtest.I32Add, wasmtest.GlobalSet(counter))
	m.Start(up)
	m.Export("next", m.Func("", wasmtest.I32, "", wasmtest.Call(up), wasmtest.GlobalGet(counter)))
	// Sums i + ... + 1 in a loop.
	m.Export("sum", m.Func(wasmtest.I32, wasmtest.I32, wasmtest.I32,
		wasmtest.Loop(
			wasmtest.LocalGet(0),
			wasmtest.If(
				wasmtest.LocalGet(0), wasmtest.LocalGet(1), wasmtest.I32Add, wasmtest.LocalSet(1),
				wasmtest.LocalGet(0), wasmtest.I32Const(-1), wasmtest.I32Add, wasmtest.LocalSet(0),
				wasmtest.Br(1),
			),
		),
		wasmtest.LocalGet(1)))

	ctx := context.Background()
	runtime := wazero.NewRuntime(ctx)
	defer runtime.Close(ctx)
	inst, err := runtime.Instantiate(ctx, m.Bytes())
	require.NoError(t, err)

	got, err := inst.ExportedFunction("next").Call(ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(42), got[0], "41 after the start function")
	got, err = inst.ExportedFunction("sum").Call(ctx, 10)
	require.NoError(t, err)
	require.Equal(t, uint64(55), got[0])
	data, ok := inst.Memory().Read(8, 4)
	require.True(t, ok)
	require.Equal(t, "data", string(data))
}

func TestConstants(t *testing.T) {
	t.Parallel()
	for _, v := range []int64{0, 1, -1, 63, 64, -64, -65, 127, 128, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64} {
		var m wasmtest.Module
		m.Export("i64", m.Func("", wasmtest.I64, "", wasmtest.I64Const(v)))
		m.Export("i32", m.Func("", wasmtest.I32, "", wasmtest.I32Const(int32(v))))

		ctx := context.Background()
		runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
		inst, err := runtime.Instantiate(ctx, m.Bytes())
		require.NoError(t, err, v)
		long, err := inst.ExportedFunction("i64").Call(ctx)
		require.NoError(t, err, v)
		require.Equal(t, v, int64(long[0]))
		short, err := inst.ExportedFunction("i32").Call(ctx)
		require.NoError(t, err, v)
		require.Equal(t, int32(v), int32(uint32(short[0])))
		require.NoError(t, runtime.Close(ctx))
	}
}
