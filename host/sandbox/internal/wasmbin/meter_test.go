package wasmbin

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// A guest is a metered module that runs.
type guest struct {
	api.Module
	fuel, stack api.MutableGlobal
}

func instantiate(t testing.TB, wasm []byte) guest {
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(64))
	t.Cleanup(func() { require.NoError(t, r.Close(ctx)) })
	mod, err := r.Instantiate(ctx, wasm)
	require.NoError(t, err)
	g := guest{Module: mod}
	if fuel := mod.ExportedGlobal(FuelExport); fuel != nil {
		g.fuel = fuel.(api.MutableGlobal)
		g.stack = mod.ExportedGlobal(StackExport).(api.MutableGlobal)
	}
	return g
}

// metered instantiates a module after Inspect and Meter.
func metered(t testing.TB, b build) guest {
	wasm := b.wasm()
	_, err := Inspect(wasm, DefaultLimits(), Contract{})
	require.NoError(t, err)
	out, err := Meter(wasm, MeterOptions{Fuel: testFuel, Stack: testStack})
	require.NoError(t, err)
	return instantiate(t, out)
}

// spent calls f and returns the fuel it took.
func (g guest) spent(t testing.TB, args ...uint64) int64 {
	g.fuel.Set(testFuel)
	_, err := g.ExportedFunction("f").Call(context.Background(), args...)
	require.NoError(t, err)
	return testFuel - int64(g.fuel.Get())
}

// program is a module with a memory of one page, function 0 exported as f, and
// the types func(), func(i32), func(i32) -> (i32, i64).
func program(typ byte, code []byte) build {
	return build{
		types:    [][]byte{sig(nil, nil), sig([]byte{I32}, nil), sig([]byte{I32}, []byte{I32, I64})},
		funcs:    [][]byte{{typ}},
		memories: [][]byte{{0, 1}},
		exports:  [][]byte{export("f", kindFunc, 0), export("memory", kindMemory, 0)},
		codes:    [][]byte{code},
	}
}

// countdown loops as often as its parameter says: 5 instructions each time.
var countdown = []byte{opLoop, blockEmpty,
	opLocalGet, 0, opI32Const, 1, 0x6b, opLocalTee, 0, opBrIf, 0, opEnd}

func TestFuelIsCountedByInstructions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		typ  byte
		code []byte
		arg  []uint64
		want int64
	}{
		"nothing":             {0, fn(nil), nil, 3},
		"structure is free":   {0, fn(nil, opNop, opBlock, blockEmpty, opEnd), nil, 3},
		"straight":            {0, fn(nil, opI32Const, 1, opI32Const, 2, 0x6a, opDrop), nil, 3 + 4},
		"loop once":           {1, fn(nil, countdown...), []uint64{1}, 3 + 5},
		"loop a million":      {1, fn(nil, countdown...), []uint64{1e6}, 3 + 5e6},
		"after the loop":      {1, fn(nil, append(countdown, opI32Const, 1, opDrop)...), []uint64{10}, 3 + 50 + 2},
		"unreachable code":    {0, fn(nil, opReturn, opI32Const, 1, opDrop), nil, 3 + 1},
		"memory.grow":         {0, fn(nil, opI32Const, 2, opMemoryGrow, 0, opDrop), nil, 3 + 1 + 8 + 2*UnitsPerPage + 1},
		"memory.grow 0":       {0, fn(nil, opI32Const, 0, opMemoryGrow, 0, opDrop), nil, 3 + 1 + 8 + 1},
		"memory.fill":         {0, fn(nil, opI32Const, 0, opI32Const, 0, opI32Const, 0x80, 0x08, prefixBulk, 11, 0), nil, 3 + 3 + 8 + 128},
		"memory.copy":         {0, fn(nil, opI32Const, 0, opI32Const, 0, opI32Const, 0x80, 0x08, prefixBulk, 10, 0, 0), nil, 3 + 3 + 8 + 128},
		"small arm is folded": {1, fn(nil, opLocalGet, 0, opIf, blockEmpty, opI32Const, 1, opDrop, opEnd), []uint64{0}, 3 + 2 + 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, metered(t, program(c.typ, c.code)).spent(t, c.arg...))
		})
	}
}

func TestArmsAreChargedWhenTaken(t *testing.T) {
	t.Parallel()
	long := make([]byte, 0, 300)
	for range 100 {
		long = append(long, opI32Const, 1, opDrop)
	}
	g := metered(t, program(1, fn(nil, cat([]byte{opLocalGet, 0, opIf, blockEmpty}, long,
		[]byte{opElse}, long[:90], []byte{opEnd, opNop})...)))
	require.Equal(t, int64(3+2+200), g.spent(t, 1))
	require.Equal(t, int64(3+2+60), g.spent(t, 0))
}

func TestBlocksLeftEarlyAreChargedApart(t *testing.T) {
	t.Parallel()
	long := make([]byte, 0, 300)
	for range 100 {
		long = append(long, opI32Const, 1, opDrop)
	}
	// br_table over two blocks, as compilers write a switch: case 0, case 1.
	g := metered(t, program(1, fn(nil, cat([]byte{opBlock, blockEmpty, opBlock, blockEmpty, opBlock, blockEmpty,
		opLocalGet, 0, opBrTable, 1, 0, 1, opEnd}, long, []byte{opBr, 1, opEnd}, long[:150], []byte{opEnd})...)))
	require.Equal(t, int64(3+2+200+1), g.spent(t, 0))
	require.Equal(t, int64(3+2+100), g.spent(t, 1))
}

func TestExhaustedFuelTraps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code []byte
		arg  uint64
	}{
		"an endless loop":     {fn(nil, opLoop, blockEmpty, opBr, 0, opEnd), 0},
		"a long loop":         {fn(nil, countdown...), 1e9},
		"a loop of blocks":    {fn(nil, opLoop, blockEmpty, opBlock, blockEmpty, opBr, 0, opEnd, opBr, 0, opEnd), 0},
		"growing":             {fn(nil, opI32Const, 0xff, 0xff, 3, opMemoryGrow, 0, opDrop), 0},
		"a growth of 4 G":     {fn(nil, opI32Const, 0x7f, opMemoryGrow, 0, opDrop), 0},
		"calls without loops": {fn(nil, opLocalGet, 0, opIf, blockEmpty, opLocalGet, 0, opI32Const, 1, 0x6b, opCall, 0, opLocalGet, 0, opI32Const, 1, 0x6b, opCall, 0, opEnd), 40},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := metered(t, program(1, c.code))
			g.fuel.Set(1e6)
			_, err := g.ExportedFunction("f").Call(context.Background(), c.arg)
			require.ErrorContains(t, err, "unreachable")
			require.Negative(t, int64(g.fuel.Get()))
			require.Positive(t, int64(g.stack.Get()))
		})
	}
}

func TestOtherTrapsLeaveFuel(t *testing.T) {
	t.Parallel()
	g := metered(t, program(0, fn(nil, opUnreachable)))
	_, err := g.ExportedFunction("f").Call(context.Background())
	require.ErrorContains(t, err, "unreachable")
	require.Positive(t, int64(g.fuel.Get()))
}

// recursive calls itself as often as its parameter says, and returns in many
// ways: by return, by a branch to the function's label, by its end.
var recursive = fn(nil,
	opLocalGet, 0, 0x45, opIf, blockEmpty, opReturn, opEnd,
	opLocalGet, 0, opI32Const, 1, 0x6b, opCall, 0,
	opLocalGet, 0, opI32Const, 1, 0x71, opBrIf, 0, // odd: branch out
)

func TestStackIsGivenBack(t *testing.T) {
	t.Parallel()
	g := metered(t, program(1, recursive))
	g.stack.Set(1 << 20)
	g.spent(t, 1000)
	require.Equal(t, uint64(1<<20), g.stack.Get())
}

func TestRecursionIsBounded(t *testing.T) {
	t.Parallel()
	g := metered(t, program(1, recursive))
	g.stack.Set(1 << 20)
	_, err := g.ExportedFunction("f").Call(context.Background(), math.MaxUint32)
	require.ErrorContains(t, err, "unreachable")
	require.Negative(t, int64(g.stack.Get()))
	require.Positive(t, int64(g.fuel.Get()))
}

func TestFramesAreCountedByWhatTheyHold(t *testing.T) {
	t.Parallel()
	frame := func(code []byte) int64 {
		m, err := decode(program(1, code).wasm(), &noLimits)
		require.NoError(t, err)
		p, err := newPlanner(m).make(0)
		require.NoError(t, err)
		return int64(p.frame)
	}
	const base = 64 + 8 // the parameter
	require.Equal(t, int64(base), frame(fn(nil)))
	require.Equal(t, int64(base+10*8), frame(fn(local(10, I32))))
	require.Equal(t, int64(base+10*16), frame(fn(local(10, V128))))
	require.Equal(t, int64(base+8), frame(fn(nil, opLocalGet, 0, 0x45, opDrop)))
	require.Equal(t, int64(base+8), frame(fn(nil, opLocalGet, 0, opCall, 0)))
}

func TestMultipleResultsPassTheWrap(t *testing.T) {
	t.Parallel()
	// f(n) = n == 0 ? (7, 9) by return : f(n-1)
	g := metered(t, program(2, fn(nil,
		opLocalGet, 0, 0x45, opIf, blockEmpty, opI32Const, 7, opI64Const, 9, opReturn, opEnd,
		opLocalGet, 0, opI32Const, 1, 0x6b, opCall, 0)))
	got, err := g.ExportedFunction("f").Call(context.Background(), 3)
	require.NoError(t, err)
	require.Equal(t, []uint64{7, 9}, got)
	require.Equal(t, uint64(testStack), g.stack.Get())
}

func TestStartFunctionIsMetered(t *testing.T) {
	t.Parallel()
	b := program(0, fn(nil, opLoop, blockEmpty, opBr, 0, opEnd))
	b.start = []byte{0}
	out, err := Meter(b.wasm(), MeterOptions{Fuel: 1000, Stack: 1000})
	require.NoError(t, err)
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	defer r.Close(ctx)
	mod, err := r.Instantiate(ctx, out)
	require.NoError(t, err, "instantiation does not run it")
	_, err = mod.ExportedFunction(StartExport).Call(ctx)
	require.ErrorContains(t, err, "unreachable")
	require.Negative(t, int64(mod.ExportedGlobal(FuelExport).Get()))
}

// TestAddedItemsAreOutOfReach: a module that names what Meter adds is invalid
// before, and must not become valid after.
func TestAddedItemsAreOutOfReach(t *testing.T) {
	t.Parallel()
	grow := []byte{opI32Const, 0, opMemoryGrow, 0, opDrop}
	for name, c := range map[string]struct {
		change func(*build)
		text   string
	}{
		"fuel":        {func(b *build) { b.codes[0] = fn(nil, opI64Const, 0, opGlobalSet, 0) }, "global 0 does not exist"},
		"stack":       {func(b *build) { b.codes[0] = fn(nil, opI64Const, 0, opGlobalSet, 1) }, "global 1 does not exist"},
		"helper":      {func(b *build) { b.codes[0] = fn(nil, append(grow, opI32Const, 0, opCall, 1, opDrop)...) }, "function 1 does not exist"},
		"helper type": {func(b *build) { b.codes[0] = fn(nil, append(grow, opI32Const, 0, opBlock, 3, opEnd, opDrop)...) }, "bad type of a block"},
		"wrap label":  {func(b *build) { b.codes[0] = fn(nil, opBr, 1) }, "label 1 does not exist"},
		"export fuel": {func(b *build) { b.exports = append(b.exports, export("g", kindGlobal, 0)) }, "exported item 0 does not exist"},
		"helper in a table": {func(b *build) {
			b.codes[0] = fn(nil, grow...)
			b.tables, b.elems = [][]byte{{FuncRef, 0, 1}}, [][]byte{{0, opI32Const, 0, opEnd, 1, 1}}
		}, "function 1 does not exist"},
		"helper as start": {func(b *build) { b.codes[0] = fn(nil, grow...); b.start = []byte{1} }, "function 1 does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := program(0, fn(nil))
			c.change(&b)
			_, err := Meter(b.wasm(), MeterOptions{})
			require.ErrorContains(t, err, c.text)
		})
	}
}

func TestMutableGlobalsAreExported(t *testing.T) {
	t.Parallel()
	b := program(0, fn(nil, opI32Const, 5, opGlobalSet, 2))
	b.globals = [][]byte{{F64, 1, opF64Const, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, opEnd}, {I32, 0, opI32Const, 3, opEnd}, {I32, 1, opI32Const, 4, opEnd}}
	info, err := Inspect(b.wasm(), DefaultLimits(), Contract{})
	require.NoError(t, err)
	require.Equal(t, []Global{{0, F64, "__sluice_global_0"}, {2, I32, "__sluice_global_2"}}, info.Globals)

	g := metered(t, b)
	require.Equal(t, math.Float64bits(1), g.ExportedGlobal("__sluice_global_0").Get())
	require.Nil(t, g.ExportedGlobal("__sluice_global_1"))
	g.spent(t)
	require.Equal(t, uint64(5), g.ExportedGlobal("__sluice_global_2").Get())
}

func TestMeterIsDeterministic(t *testing.T) {
	t.Parallel()
	wasm := policy().wasm()
	first, err := Meter(wasm, MeterOptions{Fuel: 1, Stack: 2})
	require.NoError(t, err)
	second, err := Meter(wasm, MeterOptions{Fuel: 1, Stack: 2})
	require.NoError(t, err)
	require.Equal(t, first, second)
}

func TestMeterDropsCustomSections(t *testing.T) {
	t.Parallel()
	b := program(0, fn(nil))
	b.custom = [][]byte{append(str("secret"), "/home/someone"...)}
	out, err := Meter(b.wasm(), MeterOptions{})
	require.NoError(t, err)
	require.NotContains(t, string(out), "someone")
}

func TestMeterAnEmptyModule(t *testing.T) {
	t.Parallel()
	g := metered(t, build{})
	require.Equal(t, uint64(testFuel), g.fuel.Get())
}
