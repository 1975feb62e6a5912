package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGlob(t *testing.T) {
	t.Parallel()
	for pattern, tt := range map[string]struct{ yes, no []string }{
		"/a":        {[]string{"/a"}, []string{"/", "/ab", "/a/", "/A"}},
		"/*":        {[]string{"/", "/a", "/abc"}, []string{"/a/", "/a/b"}},
		"/a/*/c":    {[]string{"/a/b/c", "/a//c"}, []string{"/a/c", "/a/b/b/c"}},
		"/*.json":   {[]string{"/a.json", "/.json", "/a.json.json"}, []string{"/a/b.json", "/a.jsonx"}},
		"/a/**":     {[]string{"/a", "/a/", "/a/b", "/a/b/c"}, []string{"/ab", "/b", "/"}},
		"/**":       {[]string{"/", "/a", "/a/b"}, nil},
		"**":        {[]string{"", "/", "/a/b"}, nil},
		"**/x":      {[]string{"/x", "/a/b/x"}, []string{"/ax", "x", "/x/"}},
		"/**/c/*":   {[]string{"/a/c/d", "/a/b/c/d", "/c/c/d"}, []string{"/c/d", "/a/c/d/e"}},
		"/a**b":     {[]string{"/ab", "/a/x/b", "/axb"}, []string{"/a/b/c"}},
		"/*a*/*b*":  {[]string{"/xax/xbx", "/a/b"}, []string{"/xax/c", "/a/a/b"}},
		"/**a*b**c": {[]string{"/abc", "/x/axb/y/c"}, []string{"/a/b/c", "/abx"}},
	} {
		parsed, problem := parsePath(pattern)
		require.Empty(t, problem, pattern)
		for _, path := range tt.yes {
			require.True(t, parsed.matches(path), "%s and %s", pattern, path)
		}
		for _, path := range tt.no {
			require.False(t, parsed.matches(path), "%s and %s", pattern, path)
		}
	}
}

func TestPathProblems(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"":        "must start with / or **",
		"a":       "must start with / or **",
		"*":       "must start with / or **",
		"/a%20b":  "must be written without percent escapes",
		"/a?b":    "is a path; the query is not part of it",
		"/a***":   "has three stars in a row",
		"/a****b": "has three stars in a row",
	} {
		_, problem := parsePath(pattern)
		require.Equal(t, want, problem, pattern)
	}
}

func TestReadings(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]readings{
		"/":              {"/", "/"},
		"/a/b":           {"/a/b", "/a/b"},
		"/a/":            {"/a/", "/a/"},
		"/a%20b":         {"/a b", "/a b"},
		"/%C3%A9":        {"/é", "/é"},
		"/%61dmin":       {"/admin", "/admin"},
		"/a%2fb":         {"/a%2Fb", "/a/b"},
		"/a%2Fb":         {"/a%2Fb", "/a/b"},
		"/a%5Cb":         {`/a\b`, "/a/b"},
		"/a%252Fb":       {"/a%252Fb", "/a%252Fb"},
		"//a///b":        {"//a///b", "/a/b"},
		"/a/%2e%2e/b":    {"/a/../b", "/b"},
		"/a/.%2e/b":      {"/a/../b", "/b"},
		"/a/..%2fb":      {"/a/..%2Fb", "/b"},
		"/a%2f..":        {"/a%2F..", "/"},
		"/..%2f..%2f":    {"/..%2F..%2F", "/"},
		"/a/..;x/b;y=1/": {"/a/..;x/b;y=1/", "/b/"},
		"/a%3Bb":         {"/a;b", "/a"},
		"/%zz%4":         {"/%zz%4", "/%zz%4"},
		"/%":             {"/%", "/%"},
		"/%00":           {"/\x00", "/\x00"},
	} {
		require.Equal(t, want, new(pathReader).read(path), path)
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("/a/**/b*c", "/a/x/y/bzc")
	f.Add("**/x", "/x/x/x")
	f.Add("/*a*/**b", "/aa/bb/ab")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		parsed, problem := parsePath(pattern)
		if problem != "" {
			return
		}
		source := regexp.QuoteMeta(pattern)
		source = strings.ReplaceAll(source, `\*\*`, `(?s:.*)`)
		source = strings.ReplaceAll(source, `\*`, `[^/]*`)
		if inner, ok := strings.CutSuffix(source, `/(?s:.*)`); ok && inner != "" {
			source = inner + `(?:/(?s:.*))?`
		}
		want, err := regexp.Compile(`\A(?:` + source + `)\z`)
		if err != nil || strings.Contains(path+pattern, "\ufffd") || !isASCII(pattern+path) {
			return // regexp reads characters, glob bytes
		}
		require.Equal(t, want.MatchString(path), parsed.matches(path), "%q %q", pattern, path)
	})
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// The eager reading is a path without anything that a server could still
// resolve, and simple paths are left alone.
func FuzzReadings(f *testing.F) {
	f.Add("/a/..%2f%2e/b//c;d")
	f.Add("/a/b")
	f.Fuzz(func(t *testing.T, path string) {
		got := new(pathReader).read("/" + path)
		require.True(t, strings.HasPrefix(got.eager, "/"), got.eager)
		if isSimple("/" + path) {
			require.Equal(t, "/"+path, got.eager)
			return
		}
		require.NotContains(t, got.eager, "//")
		require.NotContains(t, got.eager, "/../")
		require.NotContains(t, got.eager+"/", "/./")
		require.NotContains(t, got.eager, ";")
		require.False(t, strings.HasSuffix(got.eager, "/.."))
	})
}
