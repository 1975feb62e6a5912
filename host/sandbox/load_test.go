package sandbox_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/sandbox"
	w "github.com/sluice-run/sluice/host/sandbox/wasmtest"
)

func TestLoadRefusesWhatIsNotAModule(t *testing.T) {
	t.Parallel()
	good := string(guestWith(echo))
	for name, c := range map[string]struct{ wasm, text string }{
		"empty":     {"", "it is empty"},
		"text":      {"(module)", "magic number is missing"},
		"component": {"\x00asm\x0d\x00\x01\x00", "a component"},
		"version":   {"\x00asm\x02\x00\x00\x00", "not of WebAssembly version 1"},
		"cut":       {good[:len(good)-3], ""},
		"too large": {good + strings.Repeat("\x00", 1<<20), "over the limit of 1048576"},
		"junk":      {good[:8] + "\xff\xff\xff\xff", ""},
	} {
		_, err := tryLoad([]byte(c.wasm), nil, func(o *sandbox.Options) { o.MaxModule = 1 << 20 })
		require.Error(t, err, name)
		requireKind(t, err, sandbox.Invalid, c.text)
	}
}

func TestLoadRefusesWrongExports(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		build func(m *w.Module)
		text  string
	}{
		"no memory": {func(m *w.Module) {
			m.Memory(1, 1)
			m.ExportMemory("mem")
			m.Export("v1", m.Func("", "", ""))
			m.Export("buffer", m.Func(w.I32, w.I32, "", w.I32Const(bufferAt)))
		}, "its export `memory`: the memory is missing"},
		"no version": {func(m *w.Module) {
			m.Memory(1, 1)
			m.ExportMemory("memory")
			m.Export("buffer", m.Func(w.I32, w.I32, "", w.I32Const(bufferAt)))
		}, "its export `v1`: the function is missing"},
		"version with a result": {func(m *w.Module) {
			m.Memory(1, 1)
			m.ExportMemory("memory")
			m.Export("v1", m.Func("", w.I32, "", w.I32Const(1)))
		}, "its export `v1`: exported as func() -> i32, it must be func()"},
		"no buffer": {func(m *w.Module) {
			m.Memory(1, 1)
			m.ExportMemory("memory")
			m.Export("v1", m.Func("", "", ""))
		}, "its export `buffer`: the function is missing"},
		"no hook": {func(m *w.Module) { guestBase(m) }, "none of the hooks"},
		"hook with an i32 result": {func(m *w.Module) {
			guestBase(m)
			m.Export("hook", m.Func(hookParams, w.I32, "", w.I32Const(0)))
		}, "its export `hook`: exported as func(i32, i32) -> i32, it must be func(i32, i32) -> i64"},
		"other with one parameter": {func(m *w.Module) {
			guestBase(m)
			m.Export("other", m.Func(w.I32, w.I64, "", w.I64Const(0)))
		}, "its export `other`: exported as func(i32) -> i64"},
		"configure without parameters": {func(m *w.Module) {
			guestBase(m)
			m.Export("configure", m.Func("", "", ""))
		}, "its export `configure`: exported as func(), it"},
		"initialize with a parameter": {func(m *w.Module) {
			guestBase(m)
			m.Export("_initialize", m.Func(w.I32, "", ""))
		}, "its export `_initialize`: exported as func(i32), it"},
	} {
		var m w.Module
		c.build(&m)
		_, err := tryLoad(m.Bytes(), nil)
		require.Error(t, err, name)
		requireKind(t, err, sandbox.Invalid, c.text)
	}
}

func TestLoadRefusesOtherImports(t *testing.T) {
	t.Parallel()
	withGlobal := func() []byte {
		var m w.Module
		m.ImportGlobal("env", "stack")
		guestBase(&m)
		m.Export("hook", m.Func(hookParams, w.I64, "", echo))
		return m.Bytes()
	}
	withMemory := func() []byte {
		var m w.Module
		m.ImportMemory("env", "memory")
		m.ExportMemory("memory")
		m.Export("v1", m.Func("", "", ""))
		m.Export("buffer", m.Func(w.I32, w.I32, "", w.I32Const(bufferAt)))
		m.Export("hook", m.Func(hookParams, w.I64, "", echo))
		return m.Bytes()
	}
	for name, c := range map[string]struct {
		wasm []byte
		text string
	}{
		"unknown module":   {guestThatImports("env", "abort", "", "", echo), "it imports `env.abort`: the host has no such function"},
		"unknown function": {guestThatImports("host", "dial", "", "", echo), "imports `host.dial`"},
		"file":             {guestThatImports(wasi, "path_open", "", "", echo), "imports `" + wasi + ".path_open`"},
		"socket":           {guestThatImports(wasi, "sock_accept", "", "", echo), "imports `" + wasi + ".sock_accept`"},
		"signature":        {guestThatImports(wasi, "random_get", w.I32, w.I32, echo), "imported as func(i32) -> i32, it is func(i32, i32) -> i32"},
		"global":           {withGlobal(), "env"},
		"memory":           {withMemory(), "it imports `env.memory`: only functions may be imported"},
		"hostile name":     {guestThatImports("a\x1b[2J\nb", strings.Repeat("x", 5000), "", "", echo), "over the limit of 512"},
	} {
		_, err := tryLoad(c.wasm, nil)
		require.Error(t, err, name)
		requireKind(t, err, sandbox.Invalid, c.text)
		require.Less(t, len(err.Error()), 400, name)
	}
}

func TestLoadMeetsHostileStarts(t *testing.T) {
	t.Parallel()
	spin := w.Loop(w.Br(0))
	start := func(body ...w.Code) []byte {
		m := guestBase(&w.Module{})
		m.Export("hook", m.Func(hookParams, w.I64, "", echo))
		m.Start(m.Func("", "", "", body...))
		return m.Bytes()
	}
	initialize := func(body ...w.Code) []byte {
		m := guestBase(&w.Module{})
		m.Export("hook", m.Func(hookParams, w.I64, "", echo))
		m.Export("_initialize", m.Func("", "", "", body...))
		return m.Bytes()
	}
	data := func(at int32) []byte {
		m := guestBase(&w.Module{})
		m.Export("hook", m.Func(hookParams, w.I64, "", echo))
		m.Data(at, "data")
		return m.Bytes()
	}
	for name, c := range map[string]struct {
		wasm []byte
		kind sandbox.Kind
		text string
	}{
		"start spins":           {start(spin), sandbox.Exhausted, "out of fuel: it took more than 100000 units"},
		"start traps":           {start(w.Unreachable), sandbox.Trap, "start: trap: unreachable"},
		"initialize spins":      {initialize(spin), sandbox.Exhausted, "out of fuel: it took more than 100000 units"},
		"initialize traps":      {initialize(w.Unreachable), sandbox.Trap, "_initialize: trap: unreachable"},
		"data beyond memory":    {data(1 << 20), sandbox.Invalid, "a data segment lies outside its memory"},
		"data at the last byte": {data(64<<10 - 1), sandbox.Invalid, "outside its memory"},
	} {
		_, err := tryLoad(c.wasm, nil, func(o *sandbox.Options) {
			o.StartFuel = 1e5
		})
		require.Error(t, err, name)
		requireKind(t, err, c.kind, c.text)
	}
}

func TestLoadBoundsMemory(t *testing.T) {
	t.Parallel()
	var m w.Module
	m.Memory(200, 1000)
	m.ExportMemory("memory")
	_, err := tryLoad(m.Bytes(), nil, func(o *sandbox.Options) { o.MemoryLimit = 10 << 20 })
	requireKind(t, err, sandbox.Invalid, "pages of memory: 200 is over the limit of 160")
}

func TestConfigure(t *testing.T) {
	t.Parallel()
	configurable := func(body ...w.Code) []byte {
		m := guestBase(&w.Module{})
		m.Data(scratchAt, "rule 3 names no host\xff")
		m.Export("hook", m.Func(hookParams, w.I64, "", w.I32Const(0), w.Drop, w.I64Const(int64(bufferAt)<<32|4)))
		m.Export("configure", m.Func(hookParams, w.I64, "", body...))
		return m.Bytes()
	}
	for name, c := range map[string]struct {
		body w.Code
		kind sandbox.Kind
		text string
	}{
		"refuses":     {answer(scratchAt, 21), sandbox.Refused, "configure: configuration refused: rule 3 names no host\uFFFD"},
		"traps":       {w.Unreachable, sandbox.Trap, "configure: trap: unreachable"},
		"bad pointer": {answer(1<<31, 8), sandbox.Malformed, "lies outside its memory"},
		"no length":   {answer(8, 0), sandbox.Malformed, "without a length"},
	} {
		_, err := tryLoad(configurable(c.body), []byte("{}"))
		require.Error(t, err, name)
		requireKind(t, err, c.kind, c.text)
	}

	// Each instance is configured: the hook answers with what configure was
	// given, since it lies where it was put.
	m, err := tryLoad(configurable(w.I64Const(0)), []byte("conf"))
	require.NoError(t, err)
	defer m.Close(context.Background())
	h, _ := m.Hook("hook")
	for range 5 {
		out, err := m.Call(context.Background(), h, nil, []byte("> "))
		require.NoError(t, err)
		require.Equal(t, "> conf", string(out))
	}

	_, err = tryLoad(guestWith(echo), []byte("{}"))
	requireKind(t, err, sandbox.Invalid, "takes no configuration")
	// Without a configuration, configure gets an empty one.
	m, err = tryLoad(configurable(w.Seq(w.LocalGet(0), w.If(w.Unreachable), w.LocalGet(1), w.If(w.Unreachable), w.I64Const(0))), nil)
	require.NoError(t, err)
	require.NoError(t, m.Close(context.Background()))
	_, err = tryLoad(configurable(answer(scratchAt, 6)), nil)
	requireKind(t, err, sandbox.Refused, "configuration refused: rule 3")
}

func TestHooks(t *testing.T) {
	t.Parallel()
	m := load(t, guestWith(echo))
	require.True(t, m.Exports("hook"))
	require.False(t, m.Exports("other"), "not exported")
	require.False(t, m.Exports("buffer"), "not a hook")
	_, ok := m.Hook("other")
	require.False(t, ok)
	_, err := m.Call(context.Background(), sandbox.Hook{}, nil, nil)
	requireKind(t, err, sandbox.Invalid, "not one of this module")
}

func TestLoadObeysTheCaller(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := sandbox.Load(ctx, guestWith(echo), nil, testOptions())
	requireKind(t, err, sandbox.Canceled, "canceled")
	require.ErrorIs(t, err, context.Canceled)
}
