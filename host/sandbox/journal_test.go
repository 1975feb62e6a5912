package sandbox_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/sandbox"
	w "github.com/sluice-run/sluice/host/sandbox/wasmtest"
)

// A recorder is a log for tests.
type recorder struct {
	mu    sync.Mutex
	lines []string
}

func (r *recorder) log(level uint32, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprint(level, " ", text))
}

func (r *recorder) taken() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() { r.lines = nil }()
	return r.lines
}

func TestLogLines(t *testing.T) {
	t.Parallel()
	var rec recorder
	logging := func(body ...w.Code) *sandbox.Module {
		return load(t, guestThatImports("host", "log", w.I32+w.I32+w.I32, "", body...),
			func(o *sandbox.Options) { o.Log = rec.log })
	}
	logInput := w.Seq(w.I32Const(2), w.LocalGet(0), w.LocalGet(1), w.Call(0))

	m := logging(logInput, echo)
	_, err := call(t, m, "a line\xff\x1b[2J")
	require.NoError(t, err)
	require.Equal(t, []string{"2 a line\uFFFD\x1b[2J"}, rec.taken())
	_, err = call(t, m, strings.Repeat("x", sandbox.MaxLogLine+1))
	require.NoError(t, err)
	require.Equal(t, []string{"2 " + strings.Repeat("x", sandbox.MaxLogLine)}, rec.taken())

	m = logging(w.I32Const(3), w.I32Const(-2), w.I32Const(4), w.Call(0), echo)
	_, err = call(t, m, "good")
	requireKind(t, err, sandbox.Trap, "the log text lies outside the memory")
	require.Empty(t, rec.taken())

	m = load(t, guestThatImports("host", "log", w.I32+w.I32+w.I32, "", logInput, echo))
	requireWorks(t, m) // nobody listens
}

func TestLogFlood(t *testing.T) {
	t.Parallel()
	var rec recorder
	const lines = 5000
	m := load(t, func() []byte {
		var g w.Module
		log := g.Import("host", "log", w.I32+w.I32+w.I32, "")
		guestBase(&g)
		counter := g.Global(lines)
		g.Export("hook", g.Func(hookParams, w.I64, "",
			w.Loop(
				w.I32Const(1), w.LocalGet(0), w.LocalGet(1), w.Call(log),
				w.GlobalGet(counter), w.I32Const(-1), w.I32Add, w.GlobalSet(counter),
				w.GlobalGet(counter), w.If(w.Br(1))),
			echo))
		return g.Bytes()
	}(), func(o *sandbox.Options) { o.Log = rec.log })
	for range 2 { // each call has its own share
		requireWorks(t, m)
		got := rec.taken()
		require.Len(t, got, sandbox.MaxLogLines+1)
		require.Equal(t, "1 good", got[0])
		require.Equal(t, fmt.Sprintf("2 %d more log lines were dropped", lines-sandbox.MaxLogLines), got[sandbox.MaxLogLines])
	}
}

func TestStandardOutputIsLogged(t *testing.T) {
	t.Parallel()
	var g w.Module
	write := g.Import(wasi, "fd_write", w.I32+w.I32+w.I32+w.I32, w.I32)
	guestBase(&g)
	g.Data(64, words(96, 6, 102, 6))
	g.Data(96, "one\ntw"+"o\n\nfou")
	print := func(fd int32) w.Code {
		return w.Seq(w.I32Const(fd), w.I32Const(64), w.I32Const(2), w.I32Const(8000), w.Call(write), w.Drop)
	}
	g.Export("hook", g.Func(hookParams, w.I64, "", print(1), print(2), print(1), echo))
	var rec recorder
	m := load(t, g.Bytes(), func(o *sandbox.Options) { o.Log = rec.log })
	requireWorks(t, m)
	require.Equal(t, []string{
		"1 one", "1 two", // the first print, its "fou" pending
		"2 one", "2 two", // the second, on standard error
		"1 fouone", "1 two", // the third ends the first
		"1 fou", "2 fou", // the end of the call
	}, rec.taken())

	// A line that never ends is cut.
	endless := guestThatImports(wasi, "fd_write", w.I32+w.I32+w.I32+w.I32, w.I32,
		w.I32Const(0), w.LocalGet(0), w.I32Store(0), w.I32Const(0), w.LocalGet(1), w.I32Store(4),
		w.I32Const(1), w.I32Const(0), w.I32Const(1), w.I32Const(8), w.Call(0), w.Drop, echo)
	m = load(t, endless, func(o *sandbox.Options) { o.Log = rec.log })
	_, err := call(t, m, strings.Repeat("y", 9000))
	require.NoError(t, err)
	require.Equal(t, []string{"1 " + strings.Repeat("y", sandbox.MaxLogLine)}, rec.taken())
}

// Only the first instance starts, and logs that it does.
func TestStartLogsOnce(t *testing.T) {
	t.Parallel()
	for _, section := range []bool{true, false} {
		var g w.Module
		log := g.Import("host", "log", w.I32+w.I32+w.I32, "")
		guestBase(&g)
		g.Data(scratchAt, "hello")
		g.Export("hook", g.Func(hookParams, w.I64, "", whenEvil(w.Unreachable), echo))
		start := g.Func("", "", "", w.I32Const(0), w.I32Const(scratchAt), w.I32Const(5), w.Call(log))
		if section {
			g.Start(start)
		} else {
			g.Export("_initialize", start)
		}
		var rec recorder
		m := load(t, g.Bytes(), func(o *sandbox.Options) { o.Log = rec.log })
		for range 5 {
			requireWorks(t, m)
			_, err := call(t, m, evil)
			requireKind(t, err, sandbox.Trap, "unreachable")
		}
		require.Equal(t, []string{"0 hello"}, rec.taken())
	}
}
