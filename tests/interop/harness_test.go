//go:build interop

package interop

// Tests of the tests: the parts of the comparison that could hide a difference.

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDiffLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		a, b, want []string
	}{
		{"equal", []string{"a", "b"}, []string{"a", "b"}, nil},
		{"one changed", []string{"a", "b", "c"}, []string{"a", "x", "c"}, []string{"- b", "+ x"}},
		{"one less", []string{"a", "b"}, []string{"a"}, []string{"- b"}},
		{"one more", []string{"b"}, []string{"a", "b"}, []string{"+ a"}},
		{"another order", []string{"a", "b"}, []string{"b", "a"}, []string{"- a", "+ a"}},
		{"nothing", nil, []string{"a"}, []string{"+ a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, diffLines(tt.a, tt.b))
		})
	}
}

func TestParseGroup(t *testing.T) {
	t.Parallel()
	g, err := parseGroup("g", "# comment\nflags --a b\n\n-- one case --\nhello\n@b > {\"id\":1}\nanswer 1\n-- two --\n")
	require.NoError(t, err)
	require.Equal(t, []string{"--a", "b"}, g.flags)
	require.Equal(t, []wireCase{
		{name: "g/one case", steps: []step{
			{line: 5, verb: "hello"},
			{line: 6, conn: "b", verb: ">", arg: `{"id":1}`},
			{line: 7, verb: "answer", arg: "1"},
		}},
		{name: "g/two"},
	}, g.cases)

	for text, want := range map[string]string{
		"hello\n":                "line 1: \"hello\" before the first case",
		"-- a --\n-- a --\n":     "line 2: a second case \"g/a\"",
		"-- a --\nanswers 1\n":   "line 2: unknown step \"answers\"",
		"-- a --\nhello world\n": "line 2: step \"hello\" takes no argument",
	} {
		_, err := parseGroup("g", text)
		require.EqualError(t, err, want)
	}
}

func TestStreamOddities(t *testing.T) {
	t.Parallel()
	s := &stream{}
	s.take(bodyDelta{Seq: 1, DeltaBase64: "Zm9v"})
	s.take(bodyDelta{Seq: 3, DeltaBase64: "YmFy"})
	last := bodyDelta{Seq: 4, DeltaBase64: "IQ==", Done: true}
	s.take(last)
	require.Equal(t, `"foobar!", done, seq 3 instead of 2, last delta is not empty`, s.describe(last))
}
