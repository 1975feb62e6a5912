package exchange

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
)

func TestReserve(t *testing.T) {
	t.Parallel()
	var m Memory
	require.NotEmpty(t, m.Reserve(0), "room for nothing still has an address")
	small := m.Reserve(10)
	require.Len(t, small, 10)
	require.Same(t, &small[0], &m.Reserve(firstRoom)[0], "the first room is reused")
	large := m.Reserve(firstRoom + 1)
	require.NotSame(t, &small[0], &large[0])
	require.Same(t, &large[0], &m.Reserve(10)[0], "room only grows")
	require.Len(t, m.Reserve(abi.MaxMessage), abi.MaxMessage)
	require.Nil(t, m.Reserve(abi.MaxMessage+1))
}

func TestView(t *testing.T) {
	t.Parallel()
	var m Memory
	require.Empty(t, m.View(0))
	copy(m.Reserve(3), "abc")
	require.Equal(t, "ab", m.View(2))
	require.Panics(t, func() { m.View(firstRoom + 1) }, "what was not reserved")
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	var m Memory
	require.Empty(t, m.Answer(&abi.Decision{Headers: []abi.Header{{Name: "not", Value: "edited"}}}))
	for name, d := range map[string]*abi.Decision{
		"deny":    {Verdict: abi.Deny, Reason: "no"},
		"invalid": {Verdict: abi.Invalid, Reason: "no"},
		"edit":    {Edits: abi.EditHeaders},
		"reason":  {Reason: "trusted_caller"},
		"message": {Message: "go on"},
	} {
		require.Equal(t, string(d.Append(nil)), string(m.Answer(d)), name)
	}
}

func TestAnswerAllocatesNothing(t *testing.T) {
	var m Memory
	d := &abi.Decision{Verdict: abi.Deny, Reason: "no", Headers: []abi.Header{{Name: "a", Value: "b"}}}
	m.Answer(d)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		m.Reserve(100)
		m.Answer(d)
	}))
}

func TestText(t *testing.T) {
	t.Parallel()
	var m Memory
	require.Equal(t, "why not", string(m.Text("why not")))
	require.Len(t, m.Text(strings.Repeat("a", abi.MaxText+1)), abi.MaxText)
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		size int
		want string
	}{
		{"abc", 3, "abc"},
		{"abc", 2, "ab"},
		{"aé", 2, "a"},
		{"日本", 5, "日"},
		{"日本", 2, ""},
		{"", 0, ""},
	} {
		got := Clip(tt.in, tt.size)
		require.Equal(t, tt.want, got)
		require.True(t, utf8.ValidString(got))
	}
}
