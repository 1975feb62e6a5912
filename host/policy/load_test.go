package policy_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/policy"
	"github.com/sluice-run/sluice/host/sandbox"
	w "github.com/sluice-run/sluice/host/sandbox/wasmtest"
)

func TestLoadNamesThePolicy(t *testing.T) {
	t.Parallel()
	wasm := guest("", w.Nop, nil)
	p := load(t, policy.Source{Name: "mine", Wasm: wasm})
	require.Equal(t, "mine", p.Name())
	sum := sha256.Sum256(wasm)
	require.Equal(t, hex.EncodeToString(sum[:]), p.SHA256())
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	always := func(body w.Code) []byte { return guest("", body, nil) }
	for name, c := range map[string]struct {
		src  policy.Source
		kind error
		text string
	}{
		"no module":              {policy.Source{}, sandbox.Invalid, "it is empty"},
		"no hooks":               {policy.Source{Wasm: guest("", nil, nil)}, sandbox.Invalid, "none of the hooks"},
		"useless configuration":  {policy.Source{Wasm: always(w.Nop), Config: []byte("{}")}, sandbox.Invalid, "takes no configuration"},
		"request hook fails":     {policy.Source{Wasm: always(w.Unreachable)}, sandbox.Trap, "load policy: module `bad`: sluice_on_request: trap: unreachable"},
		"response hook fails":    {policy.Source{Wasm: guest("", w.Nop, w.Unreachable)}, sandbox.Trap, "sluice_on_response: trap"},
		"answers with a pointer": {policy.Source{Wasm: always(answer(1<<31, 64))}, sandbox.Malformed, "sluice_on_request: malformed answer"},
	} {
		c.src.Name = "bad"
		_, err := tryLoad(c.src)
		require.ErrorIs(t, err, c.kind, name)
		require.ErrorContains(t, err, c.text)
		require.ErrorContains(t, err, "`bad`")
	}

	_, err := tryLoad(policy.Source{Name: "bad", Wasm: guest("nonsense", answer(answerAt, 8), nil)})
	var nonsense *abi.MalformedError
	require.ErrorAs(t, err, &nonsense)
	require.ErrorContains(t, err, "on trial: policy `bad` failed")

	// A policy that denies everything is a policy.
	denial := encoded(abi.Decision{Verdict: abi.Deny, Reason: "closed_for_today"})
	p := load(t, policy.Source{Name: "p", Wasm: guest(denial, answer(answerAt, uint32(len(denial))), nil)})
	var d abi.Decision
	require.NoError(t, p.OnRequest(context.Background(), request(), &d))
	require.Equal(t, abi.Deny, d.Verdict)
}

func TestLogLinesCarryTheName(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	line := func(level int32) w.Code {
		return w.Seq(w.I32Const(level), w.I32Const(answerAt), w.I32Const(9), w.Call(logFunc))
	}
	p := load(t, policy.Source{Name: "mine", Wasm: guest("a\nb=\"\x1b[2J", onRedirect(requestHop, line(0), line(1), line(2), line(3), line(-1)), nil)},
		func(o *policy.Options) { o.Logger = logger })
	require.Empty(t, out.String())
	q := request()
	q.Hop = 1
	var d abi.Decision
	require.NoError(t, p.OnRequest(context.Background(), q, &d))
	want := ""
	for _, level := range strings.Fields("DEBUG INFO WARN ERROR ERROR") {
		want += "level=" + level + ` msg="policy log" policy=mine text="a\nb=\"\x1b[2J"` + "\n"
	}
	require.Equal(t, want, out.String())
}
