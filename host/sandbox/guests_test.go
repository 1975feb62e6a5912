// The guests of this package's tests, assembled by hand.

package sandbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/sandbox"
	w "github.com/sluice-run/sluice/host/sandbox/wasmtest"
)

const (
	wasi       = "wasi_snapshot_preview1"
	hookParams = w.I32 + w.I32
	bufferAt   = 1024
	scratchAt  = 16
)

var testABI = sandbox.ABI{
	Version:      "v1",
	Buffer:       "buffer",
	Configure:    "configure",
	Hooks:        []string{"hook", "other"},
	ImportModule: "host",
	ImportLog:    "log",
}

// echo answers with the input.
var echo = w.Seq(
	w.LocalGet(0), w.I64ExtendU, w.I64Const(32), w.I64Shl,
	w.LocalGet(1), w.I64ExtendU, w.I64Or)

// evil is the input on which whenEvil runs its body.
const evil = "evil"

func whenEvil(body ...w.Code) w.Code {
	return w.Seq(w.LocalGet(0), w.I32Load(0), w.I32Const(0x6c697665), w.I32Eq, w.If(body...))
}

func answer(ptr, size uint32) w.Code {
	return w.Seq(w.I64Const(int64(uint64(ptr)<<32|uint64(size))), w.Return)
}

// guestBase has everything but hooks; imports have gone before.
func guestBase(m *w.Module) *w.Module {
	m.Memory(1, 1000)
	m.ExportMemory("memory")
	m.Export("v1", m.Func("", "", ""))
	m.Export("buffer", m.Func(w.I32, w.I32, "", w.I32Const(bufferAt)))
	return m
}

// guestWith is a module with one hook.
func guestWith(body ...w.Code) []byte {
	m := guestBase(&w.Module{})
	m.Export("hook", m.Func(hookParams, w.I64, "", body...))
	return m.Bytes()
}

// guestThatImports is a module with one import, which is function 0.
func guestThatImports(module, name, params, results string, body ...w.Code) []byte {
	var m w.Module
	m.Import(module, name, params, results)
	guestBase(&m)
	m.Export("hook", m.Func(hookParams, w.I64, "", body...))
	return m.Bytes()
}

// testOptions has a load timeout that a busy machine keeps.
func testOptions() sandbox.Options {
	return sandbox.Options{Name: "test", ABI: testABI, LoadTimeout: time.Minute, MaxWait: time.Minute, Concurrency: 2}
}

func load(t testing.TB, wasm []byte, change ...func(*sandbox.Options)) *sandbox.Module {
	t.Helper()
	m, err := tryLoad(wasm, nil, change...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close(context.Background())) })
	return m
}

func tryLoad(wasm, config []byte, change ...func(*sandbox.Options)) (*sandbox.Module, error) {
	opts := testOptions()
	for _, c := range change {
		c(&opts)
	}
	return sandbox.Load(context.Background(), wasm, config, opts)
}

func call(t testing.TB, m *sandbox.Module, in string) (string, error) {
	t.Helper()
	h, ok := m.Hook("hook")
	require.True(t, ok)
	out, err := m.Call(context.Background(), h, []byte(in), nil)
	return string(out), err
}

// requireWorks says that the module still does its work.
func requireWorks(t testing.TB, m *sandbox.Module) {
	t.Helper()
	out, err := call(t, m, "good")
	require.NoError(t, err)
	require.Equal(t, "good", out)
}

func requireKind(t testing.TB, err error, kind sandbox.Kind, text string) {
	t.Helper()
	var e *sandbox.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, kind.Error(), e.Kind.Error(), err)
	require.ErrorIs(t, err, kind)
	require.ErrorContains(t, err, text)
	require.Equal(t, "test", e.Module)
}
