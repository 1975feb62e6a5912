package wire

// What the scanner takes for JSON, and what it says of the rest.

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func scanAll(text string) error {
	s := scanner{buf: []byte(text)}
	s.skip()
	s.end()
	if s.err != nil {
		return s.err
	}
	return nil
}

func TestScanTakes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`null`, `true`, `false`, `{}`, `[]`, `""`, ` [ ] `, "\t\r\n {\n}\n",
		`0`, `-0`, `7`, `-12`, `0.5`, `10e2`, `1E+2`, `1e-2`, `-0.0e0`,
		`1e999`, `123456789012345678901234567890`,
		`{"a":{"b":[1,"c",null,{"d":[]}]}}`,
		`{"":1,"a":2,"A":3}`,
		`[{"a":1},{"a":1}]`,
		`{"a":{"a":{"a":1}}}`,
		`"\"\\\/\b\f\n\r\t"`, `"\u0000"`, `"\uFFFF"`, `"\uD83D\uDE00"`, `"\ud83d\ude00"`,
		"\"\x7f\"", `"é€😀"`, "\"\u2028\u2029\ufeff\"",
		"\"" + strings.Repeat("x", 1000) + "\"",
		strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
		strings.Repeat(`{"a":`, MaxDepth) + "1" + strings.Repeat("}", MaxDepth),
		// Depth is of nesting, not of containers in all.
		"[" + strings.Repeat("[],{},", MaxDepth) + "0]",
	} {
		require.NoError(t, scanAll(text), "%q", text)
	}
}

func TestScanRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"", "EOF while parsing a value at line 1 column 0"},
		{"  ", "EOF while parsing a value at line 1 column 2"},
		{"\n\n", "EOF while parsing a value at line 3 column 0"},
		{"\ufeff{}", "expected value at line 1 column 1"},
		{"\v1", "expected value at line 1 column 1"},
		{"\u00a01", "expected value at line 1 column 1"},
		{"x", "expected value at line 1 column 1"},
		{"'x'", "expected value at line 1 column 1"},
		{"NaN", "expected value at line 1 column 1"},
		{"-Infinity", "invalid number at line 1 column 2"},
		{"TRUE", "expected value at line 1 column 1"},
		{"tru", "EOF while parsing a value at line 1 column 3"},
		{"trux", "expected ident at line 1 column 4"},
		{"nulll", "trailing characters at line 1 column 5"},
		{"// x\n1", "expected value at line 1 column 1"},
		{"1/**/", "trailing characters at line 1 column 2"},
		{"1 2", "trailing characters at line 1 column 3"},
		{"{}{}", "trailing characters at line 1 column 3"},
		{"1\x00", "trailing characters at line 1 column 2"},

		{"-", "EOF while parsing a value at line 1 column 1"},
		{"01", "invalid number at line 1 column 2"},
		{"-01", "invalid number at line 1 column 3"},
		{"1.", "EOF while parsing a value at line 1 column 2"},
		{"1.x", "invalid number at line 1 column 3"},
		{".5", "expected value at line 1 column 1"},
		{"+1", "expected value at line 1 column 1"},
		{"1e", "EOF while parsing a value at line 1 column 2"},
		{"1e+]", "invalid number at line 1 column 4"},
		{"0x10", "trailing characters at line 1 column 2"},
		{"1_0", "trailing characters at line 1 column 2"},

		{"[", "EOF while parsing a list at line 1 column 1"},
		{"[1", "EOF while parsing a list at line 1 column 2"},
		{"[1,", "EOF while parsing a value at line 1 column 3"},
		{"[1,]", "trailing comma at line 1 column 4"},
		{"[,1]", "expected value at line 1 column 2"},
		{"[1 2]", "expected `,` or `]` at line 1 column 4"},
		{"[}", "expected value at line 1 column 2"},
		{"]", "expected value at line 1 column 1"},

		{"{", "EOF while parsing an object at line 1 column 1"},
		{`{"a"`, "EOF while parsing an object at line 1 column 4"},
		{`{"a":`, "EOF while parsing a value at line 1 column 5"},
		{`{"a":1`, "EOF while parsing an object at line 1 column 6"},
		{`{"a":1,`, "EOF while parsing a value at line 1 column 7"},
		{`{"a":1,}`, "trailing comma at line 1 column 8"},
		{`{,}`, "key must be a string at line 1 column 2"},
		{`{a:1}`, "key must be a string at line 1 column 2"},
		{`{1:1}`, "key must be a string at line 1 column 2"},
		{`{"a" 1}`, "expected `:` at line 1 column 6"},
		{`{"a":1 "b":2}`, "expected `,` or `}` at line 1 column 8"},
		{"{\n \"a\": 1,\n \"b\": x}", "expected value at line 3 column 7"},

		{`"`, "EOF while parsing a string at line 1 column 1"},
		{`"abcdefghijk`, "EOF while parsing a string at line 1 column 12"},
		{"\"a\nb\"", `control character (\u0000-\u001F) found while parsing a string at line 2 column 0`},
		{"\"\x00\"", `control character (\u0000-\u001F) found while parsing a string at line 1 column 2`},
		{"\"1234567\x1f\"", `control character (\u0000-\u001F) found while parsing a string at line 1 column 9`},
		{`"\q"`, "invalid escape at line 1 column 3"},
		{`"\`, "EOF while parsing a string at line 1 column 2"},
		{`"\u12"`, "EOF while parsing a string at line 1 column 6"},
		{`"\u12g4"`, "invalid escape at line 1 column 7"},
		{`"\ud800"`, "unexpected end of hex escape at line 1 column 8"},
		{`"\ud800\`, "EOF while parsing a string at line 1 column 8"},
		{`"\ud800x"`, "unexpected end of hex escape at line 1 column 8"},
		{`"\ud800`, "EOF while parsing a string at line 1 column 7"},
		{`"\ud800\u0041"`, "lone leading surrogate in hex escape at line 1 column 13"},
		{`"\ud800\ud800"`, "lone leading surrogate in hex escape at line 1 column 13"},
		{`"\udc00"`, "lone leading surrogate in hex escape at line 1 column 7"},
		{`"\ud800\uzzzz"`, "invalid escape at line 1 column 13"},
		{"\"\xff\"", "invalid unicode code point at line 1 column 2"},
		{"\"\xc3\"", "invalid unicode code point at line 1 column 2"},
		{"\"\xed\xa0\x80\"", "invalid unicode code point at line 1 column 2"},
		{"\"\xc0\x80\"", "invalid unicode code point at line 1 column 2"},
		{"\"\xf4\x90\x80\x80\"", "invalid unicode code point at line 1 column 2"},

		{`{"a":1,"a":2}`, "duplicate JSON object key `a` at line 1 column 10"},
		{`{"a":1,"\u0061":2}`, "duplicate JSON object key `a` at line 1 column 15"},
		{`{"\u0061":1,"a":2}`, "duplicate JSON object key `a` at line 1 column 15"},
		{`{"é":1,"\u00e9":2}`, "duplicate JSON object key `é` at line 1 column 16"},
		{`{"":1,"":2}`, "duplicate JSON object key `` at line 1 column 8"},
		{`[{"x":{"a":1,"a":2}}]`, "duplicate JSON object key `a` at line 1 column 16"},
		{
			`{"` + strings.Repeat("k", 99) + `":1,"` + strings.Repeat("k", 99) + `":2}`,
			"duplicate JSON object key `" + strings.Repeat("k", 64) + "…` at line 1 column 206",
		},

		{strings.Repeat("[", MaxDepth+1), "recursion limit exceeded at line 1 column 128"},
		{strings.Repeat(`{"a":`, MaxDepth+1), "recursion limit exceeded at line 1 column 636"},
	} {
		assert.EqualError(t, scanAll(c.text), c.want, "%q", c.text)
	}
}

func TestScanFindsDuplicatesAmongMany(t *testing.T) {
	t.Parallel()
	for _, n := range []int{fewMembers - 1, fewMembers, fewMembers + 1, 100, MaxMembers} {
		for _, again := range []int{-1, 0, n / 2, n - 2} {
			text := members(n, again)
			err := scanAll(text)
			if again < 0 {
				require.NoError(t, err, "%d members", n)
			} else {
				require.ErrorContains(t, err, "duplicate JSON object key `k"+itoa(again)+"`", "%d members", n)
			}
		}
	}
	require.ErrorContains(t, scanAll(members(MaxMembers+1, -1)), "more than 4096 members in one object")
}

// members gives an object of n members; the last has the key of the one at
// again, unless that is negative.
func members(n, again int) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		if i == n-1 && again >= 0 {
			i = again
		}
		b.WriteString(`"k` + itoa(i) + `":0`)
	}
	b.WriteByte('}')
	return b.String()
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`plain`:                  "plain",
		``:                       "",
		`\"\\\/\b\f\n\r\t`:       "\"\\/\b\f\n\r\t",
		`\u0041\u00e9\u20ac`:     "Aé€",
		`a\ud83d\ude00b`:         "a😀b",
		`\u0000`:                 "\x00",
		`é\u00E9`:                "éé",
		`https:\/\/example.com`:  "https://example.com",
		strings.Repeat(`\n`, 99): strings.Repeat("\n", 99),
	} {
		s := scanner{buf: []byte(`"` + raw + `"`)}
		got := s.text()
		require.Nil(t, s.err, "%q", raw)
		require.Equal(t, want, got)
	}
}

func TestPlainEnd(t *testing.T) {
	t.Parallel()
	// Every byte, at every place of a word, with and without neighbours that
	// could borrow.
	for c := range 256 {
		stop := c < ' ' || c == '"' || c == '\\' || c >= 0x80
		for at := range 20 {
			for _, fill := range []byte{' ', '!', '#', '[', ']', 0x7f} {
				buf := []byte(strings.Repeat(string(rune(fill)), 40))
				buf[at] = byte(c)
				want := len(buf)
				if stop {
					want = at
				}
				require.Equal(t, want, plainEnd(buf, 0), "byte %#x at %d among %q", c, at, fill)
			}
		}
	}
}

func TestSkippingDoesNotAllocate(t *testing.T) {
	text := []byte(`{"x":[1,-2.5e3,"text",true,null,{"a":{"b":["c","😀\n"]}}],"y":{},"z":"\u0041"}`)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		s := scanner{buf: text}
		s.skip()
		if s.err != nil {
			t.Fatal(s.err)
		}
	}))
}
