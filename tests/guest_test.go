package tests

// The SDK in a real module, where its own tests cannot reach.

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/policy"
)

func TestGuestLogReachesTheHost(t *testing.T) {
	t.Parallel()
	var lines logLines
	src := buildPolicy(t, "talkative", "./testdata/guests/talkative")
	p, err := policy.Load(t.Context(), src, policy.Options{CacheDir: cacheDir(), Logger: slog.New(&lines)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close(context.Background())) })

	lines.take() // loading has tried the hook
	var d abi.Decision
	q := abi.Request{Method: "GET", URL: "http://a.test/b", Scheme: "http", Host: "a.test", Port: 80, Path: "/b"}
	require.NoError(t, p.OnRequest(t.Context(), &q, &d))
	require.Equal(t, abi.Allow, d.Verdict)
	require.Equal(t, []logLine{
		{slog.LevelDebug, "debug GET"},
		{slog.LevelInfo, "info a.test"},
		{slog.LevelWarn, "warn /b"},
		{slog.LevelError, strings.Repeat("é", abi.MaxText/2)}, // cut, between two characters
		{slog.LevelInfo, ""},
	}, lines.take())
}

type logLine struct {
	level slog.Level
	text  string
}

// logLines is a slog.Handler that keeps what policies log.
type logLines struct {
	mu   sync.Mutex
	list []logLine
}

func (l *logLines) take() []logLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	return list
}

func (*logLines) Enabled(context.Context, slog.Level) bool { return true }
func (l *logLines) WithAttrs([]slog.Attr) slog.Handler     { return l }
func (l *logLines) WithGroup(string) slog.Handler          { return l }

func (l *logLines) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "text" {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.list = append(l.list, logLine{r.Level, a.Value.String()})
		}
		return true
	})
	return nil
}
