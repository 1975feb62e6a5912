package wasmbin

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzInspect(f *testing.F) {
	f.Add(policy().wasm())
	f.Add(counting().wasm())
	for _, wasm := range attacks() {
		if len(wasm) < 1<<12 {
			f.Add(wasm)
		}
	}
	for seed := range uint64(4) {
		f.Add(generate(randomBytes(seed, 400)).wasm())
	}
	f.Fuzz(func(t *testing.T, wasm []byte) {
		info, err := Inspect(wasm, DefaultLimits(), Contract{})
		if err != nil {
			require.NotEmpty(t, err.Error())
		} else {
			require.Equal(t, len(wasm), info.Size)
		}
		for _, without := range []bool{false, true} {
			out, err := Meter(wasm, MeterOptions{WithoutData: without})
			if err != nil {
				return
			}
			// What Meter writes can be read again.
			_, err = decode(out, &noLimits)
			require.NoError(t, err)
		}
	})
}

func FuzzMeter(f *testing.F) {
	for seed := range uint64(16) {
		f.Add(randomBytes(seed, 600), uint32(seed), seed)
	}
	f.Fuzz(func(t *testing.T, in []byte, a uint32, b uint64) { behavesTheSame(t, in, a, b) })
}

func TestMeteredModulesBehaveTheSame(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		behavesTheSame(t, randomBytes(seed+1000, 200+int(seed)*10), uint32(seed), seed*seed)
	}
}

func randomBytes(seed uint64, n int) []byte {
	rng := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, 0, n+8)
	for len(b) < n {
		b = binary.LittleEndian.AppendUint64(b, rng.Uint64())
	}
	return b[:n]
}

// behavesTheSame generates a module and runs it plain, metered, and counted: the
// outcome is the same, and the fuel covers all instructions that were executed.
func behavesTheSame(t *testing.T, in []byte, a uint32, b uint64) {
	const fuel = 1 << 20
	wasm := generate(in).wasm()
	_, err := Inspect(wasm, DefaultLimits(), Contract{})
	require.NoError(t, err)
	out, err := Meter(wasm, MeterOptions{Fuel: fuel, Stack: 1 << 20})
	require.NoError(t, err)

	g := instantiate(t, out)
	got := run(g, a, b)
	if int64(g.fuel.Get()) < 0 || int64(g.stack.Get()) < 0 {
		return // the plain module might run for ever
	}
	require.Equal(t, run(instantiate(t, wasm), a, b), got)
	if got.trap == "" {
		require.Equal(t, uint64(1<<20), g.stack.Get(), "the stack is given back")
	}
	counted := instantiate(t, countInstructions(t, wasm))
	run(counted, a, b)
	executed := counted.ExportedGlobal("counted").Get()
	require.LessOrEqual(t, executed, fuel-g.fuel.Get(), "fuel covers what was executed")
}

// An outcome is all that a run shows.
type outcome struct {
	results []uint64
	trap    string
	memory  []byte
	globals [2]uint64
}

func run(g guest, a uint32, b uint64) outcome {
	results, err := g.ExportedFunction("f").Call(context.Background(), uint64(a), b)
	memory, _ := g.Memory().Read(0, g.Memory().Size())
	return outcome{results, trapText(err), bytes.Clone(memory),
		[2]uint64{g.ExportedGlobal("g0").Get(), g.ExportedGlobal("g1").Get()}}
}

// countInstructions puts a counter in front of every single instruction: slow,
// plain to see, and nothing like Meter.
func countInstructions(t *testing.T, wasm []byte) []byte {
	m, err := decode(wasm, &noLimits)
	require.NoError(t, err)
	counter := uint64(len(m.globals))
	w := walker{m: m, limits: &noLimits}
	var codes [][]byte
	for i, body := range m.bodies {
		b := bytes.Clone(body.entry[:len(body.entry)-len(body.code)])
		var in instr
		for w.enter(i); w.next(&in); {
			if n := cost(in.op); n > 0 {
				b = appendUleb(append(b, opGlobalGet), counter)
				b = appendSleb(append(b, opI64Const), int64(n))
				b = appendUleb(append(b, opI64Add, opGlobalSet), counter)
			}
			b = append(b, body.code[in.start:in.end]...)
		}
		require.NoError(t, w.err)
		codes = append(codes, sized(b))
	}
	out := bytes.Clone(header)
	for _, s := range m.sections {
		switch s.id {
		case idGlobal:
			s.payload = extended(s.payload, 1, []byte{I64, 1, opI64Const, 0, opEnd})
		case idExport:
			s.payload = extended(s.payload, 1, export("counted", kindGlobal, uint32(counter)))
		case idCode:
			s.payload = vector(codes)
		}
		out = appendSection(out, s.id, s.payload)
	}
	return out
}
