// What a call costs: bare, in the sandbox, and in a fresh instance.

package sandbox

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"

	"github.com/sluice-run/sluice/abi"
	w "github.com/sluice-run/sluice/host/sandbox/wasmtest"
)

// A benchGuest is a module with an input for it.
type benchGuest struct {
	wasm  []byte
	hook  string
	input []byte
	abi   ABI
}

// smallGuest echoes.
func smallGuest() benchGuest {
	return benchGuest{wasm: echoGuest(), hook: "hook", input: []byte("good"), abi: ABI{Buffer: "buffer", Hooks: []string{"hook"}}}
}

// goGuest is the policy that is built in, without rules.
func goGuest(t testing.TB) benchGuest {
	wasm, err := os.ReadFile("../policy/standard.wasm")
	require.NoError(t, err)
	request := abi.Request{
		Method: "GET", URL: "http://example.com/a?b", Scheme: "http", Host: "example.com", Port: 80, Path: "/a", Query: "b",
		Headers: []abi.Header{{Name: "accept", Value: "*/*"}},
	}
	return benchGuest{wasm: wasm, hook: abi.ExportOnRequest, input: request.Append(nil), abi: ABI{
		Version: abi.ExportVersion, Buffer: abi.ExportBuffer, Configure: abi.ExportConfigure,
		Hooks: []string{abi.ExportOnRequest}, ImportModule: abi.ImportModule, ImportLog: abi.ImportLog,
	}}
}

func (g benchGuest) load(t testing.TB, change ...func(*Options)) (*Module, Hook) {
	opts := Options{ABI: g.abi, CacheDir: testCache, WarmUp: []WarmUp{{g.hook, g.input}}}
	for _, c := range change {
		c(&opts)
	}
	m, err := Load(context.Background(), g.wasm, nil, opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close(context.Background())) })
	h, ok := m.Hook(g.hook)
	require.True(t, ok)
	return m, h
}

func BenchmarkCall(b *testing.B) {
	for _, c := range []struct {
		name  string
		guest benchGuest
	}{{"small", smallGuest()}, {"go", goGuest(b)}} {
		b.Run(c.name+"/bare", func(b *testing.B) { benchmarkBare(b, c.guest) })
		for _, way := range resetWays {
			b.Run(c.name+"/"+way.name, func(b *testing.B) { benchmarkCall(b, c.guest, way.way) })
		}
		b.Run(c.name+"/fresh", func(b *testing.B) { benchmarkFresh(b, c.guest) })
	}
}

// benchmarkBare calls one instance of the module as it is, and never resets it.
func benchmarkBare(b *testing.B, g benchGuest) {
	m, _ := g.load(b) // for the host's functions
	ctx := context.Background()
	compiled, err := m.runtime.CompileModule(ctx, g.wasm)
	require.NoError(b, err)
	guest := &guest{world: &m.world, fuel: mutableGlobal(m.pool.idle[0].module, "__sluice_fuel")}
	ctx = &visit{Context: ctx, guest: guest}
	mod, err := m.runtime.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	require.NoError(b, err)
	if configure := mod.ExportedFunction(g.abi.Configure); configure != nil {
		_, err := configure.Call(ctx, 0, 0)
		require.NoError(b, err)
	}
	buffer, hook, memory := mod.ExportedFunction(g.abi.Buffer), mod.ExportedFunction(g.hook), mod.ExportedMemory("memory")
	var stack [2]uint64
	var out []byte
	for b.Loop() {
		stack[0] = uint64(len(g.input))
		if err := buffer.CallWithStack(ctx, stack[:]); err != nil {
			b.Fatal(err)
		}
		memory.Write(uint32(stack[0]), g.input)
		stack[1] = uint64(len(g.input))
		if err := hook.CallWithStack(ctx, stack[:]); err != nil {
			b.Fatal(err)
		}
		answer, _ := memory.Read(uint32(stack[0]>>32), uint32(stack[0]))
		out = append(out[:0], answer...)
	}
}

func benchmarkCall(b *testing.B, g benchGuest, way resetWay) {
	m, h := g.load(b, func(o *Options) { o.reset = way })
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if out, err = m.Call(context.Background(), h, g.input, out[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

// benchmarkFresh starts an instance from nothing for each call.
func benchmarkFresh(b *testing.B, g benchGuest) {
	m, h := g.load(b)
	info, err := inspect(g.wasm, &m.opts)
	require.NoError(b, err)
	for b.Loop() {
		inst, err := m.instantiate(nil)
		require.NoError(b, err)
		require.NoError(b, inst.writeData(info.Data))
		require.NoError(b, inst.start(nil))
		inst.grant(m.opts.Fuel)
		_, err = inst.enter(inst.hooks[h.number-1], g.hook, g.input)
		require.NoError(b, err)
		inst.close()
	}
}

// echoGuest's hook answers with its input, and traps on "trap".
func echoGuest() []byte {
	var g w.Module
	g.Memory(1, 1)
	g.ExportMemory("memory")
	g.Export("buffer", g.Func(w.I32, w.I32, "", w.I32Const(1024)))
	g.Export("hook", g.Func(w.I32+w.I32, w.I64, "",
		w.LocalGet(0), w.I32Load(0), w.I32Const(0x70617274), w.I32Eq, w.If(w.Unreachable),
		w.LocalGet(0), w.I64ExtendU, w.I64Const(32), w.I64Shl, w.LocalGet(1), w.I64ExtendU, w.I64Or))
	return g.Bytes()
}

// resetWays are all ways; where one does not work, the module falls back to
// copying.
var resetWays = []struct {
	name string
	way  resetWay
}{{"scan", resetScan}, {"pagemap", resetPagemap}, {"copy", resetCopy}}
