package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestToken(t *testing.T) {
	t.Parallel()
	// RFC 9110, section 5.6.2, byte by byte.
	const signs = "!#$%&'*+-.^_`|~"
	for c := range 256 {
		b := byte(c)
		want := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte(signs, b) >= 0
		require.Equal(t, want, isToken("a"+string([]byte{b})), "%q", b)
	}
	require.False(t, isToken(""))
}

func TestFieldValue(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		want := c >= 0x20 && c != 0x7f || c == '\t'
		require.Equal(t, want, isFieldValue("a"+string([]byte{byte(c)})), "%#x", c)
	}
	require.True(t, isFieldValue(""))
}

func TestFold(t *testing.T) {
	t.Parallel()
	require.Equal(t, "x-a_1[@{`", lower("X-A_1[@{`"))
	require.Equal(t, "É", lower("É"), "ASCII only")
	require.True(t, sameFold("Cookie", "COOKIE"))
	require.False(t, sameFold("cookie", "cookies"))
	require.False(t, sameFold("[", "{"), "these differ in the bit of the case")
}

func TestShown(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                       "",
		"a b~":                   "a b~",
		"a\nb":                   "(not printable)",
		"é":                      "(not printable)",
		"\x7f":                   "(not printable)",
		strings.Repeat("a", 100): strings.Repeat("a", 100),
		strings.Repeat("a", 101): strings.Repeat("a", 100) + "...",
	} {
		require.Equal(t, want, shown(in))
	}
}
