package main

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHosts(t *testing.T) {
	t.Parallel()
	for pattern, tt := range map[string]struct{ yes, no []string }{
		"example.com": {
			[]string{"example.com", "example.com."},
			[]string{"www.example.com", "xexample.com", "example.com.evil", "com", "", ".", "example.com.."},
		},
		"EXAMPLE.com": {[]string{"example.com"}, nil},
		"*.example.com": {
			[]string{"www.example.com", "www.example.com."},
			[]string{"example.com", "a.b.example.com", "xexample.com", "www.example.com.evil"},
		},
		"**.example.com": {
			[]string{"www.example.com", "a.b.c.example.com"},
			[]string{"example.com", "xexample.com", "notexample.com"},
		},
		"127.0.0.1":         {[]string{"127.0.0.1"}, []string{"1.127.0.0.1", "127.0.0.10"}},
		"[::1]":             {[]string{"[::1]"}, []string{"[::2]", "::1"}},
		"[0:0:0:0:0:0:0:1]": {[]string{"[::1]"}, nil},
		"[2001:DB8::0:1]":   {[]string{"[2001:db8::1]"}, nil},
		"localhost":         {[]string{"localhost"}, []string{"a.localhost"}},
		"xn--bcher-kva.de":  {[]string{"xn--bcher-kva.de"}, nil},
		"a_b.example":       {[]string{"a_b.example"}, nil},
	} {
		name, kind, problem := parseHost(pattern)
		require.Empty(t, problem, pattern)
		set := hostSet{name: kind}
		for _, host := range tt.yes {
			require.True(t, set.matches(host), "%s and %s", pattern, host)
		}
		for _, host := range tt.no {
			require.False(t, set.matches(host), "%s and %s", pattern, host)
		}
	}
}

func TestHostsTogether(t *testing.T) {
	t.Parallel()
	set := hostSet{}
	for _, pattern := range []string{"example.com", "*.example.com", "**.api.example.com", "example.org"} {
		name, kind, problem := parseHost(pattern)
		require.Empty(t, problem)
		set[name] |= kind
	}
	for host, want := range map[string]bool{
		"example.com": true, "a.example.com": true, "a.b.example.com": false,
		"a.b.api.example.com": true, "example.org": true, "a.example.org": false,
	} {
		require.Equal(t, want, set.matches(host), host)
	}
}

func TestHostProblems(t *testing.T) {
	t.Parallel()
	const (
		notName = "is not a host name without scheme, port and path"
		star    = "has a star elsewhere than in front, as *. or **.; leave hosts out to match any"
		empty   = "has an empty label"
		notIPv4 = "is not an IPv4 address in plain dotted form"
		notIPv6 = "is not an IPv6 address in brackets"
	)
	for pattern, want := range map[string]string{
		"": empty, ".": empty, "a..b": empty, "a.": empty, ".a": empty, "*.": star, "**.": star,
		"*": star, "**": star, "a.*.b": star, "*a.b": star, "***.a": star, "*.*.a": star,
		"https://a": notName, "a:80": notName, "a/b": notName, "a b": notName, "a@b": notName, "::1": notName, "a%41": notName,
		"bücher.de": "is not ASCII; write it in its xn-- form",
		"127.1":     notIPv4, "256.0.0.1": notIPv4, "0x7f.0.0.1": notIPv4, "127.0.0.01": notIPv4, "1": notIPv4,
		"1.2.3.4.5": notIPv4, "a.0x1": notIPv4, "a.0x": notIPv4, "*.0.0.1": notIPv4, "**.1": notIPv4,
		"[::1": notIPv6, "[]": notIPv6, "[::1]:80": notIPv6, "[1:2]": notIPv6, "*.[::1]": notIPv6, "[::1%25eth0]": notIPv6,
		"[1::2::3]": notIPv6, "[:1:2:3:4:5:6:7]": notIPv6, "[1:2:3:4:5:6:7:]": notIPv6, "[1:2:3:4:5:6:7:8:9]": notIPv6,
		"[12345::]": notIPv6, "[::1.2.3.4]": notIPv6, "[1:2:3:4:5:6:7:8::]": notIPv6, "[1:2:3:4::5:6:7:8]": notIPv6,
	} {
		_, _, problem := parseHost(pattern)
		require.Equal(t, want, problem, "%q", pattern)
	}
}

// A pattern that was accepted matches the host that it names.
func FuzzHosts(f *testing.F) {
	for _, seed := range []string{"example.com", "*.a.b", "**.c", "127.0.0.1", "[::1]", "0x7f.1", "a.", "[1::]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		name, kind, problem := parseHost(pattern)
		if problem != "" {
			return
		}
		set := hostSet{name: kind}
		require.Equal(t, kind == hostExact, set.matches(name))
		require.Equal(t, kind != hostExact, set.matches("label."+name))
		require.Equal(t, kind == hostAnyDepth, set.matches("two.labels."+name))
		require.False(t, set.matches(name+".evil"))
		require.False(t, set.matches("x"+name) && kind == hostExact)
	})
}

func FuzzIPv6(f *testing.F) {
	for _, seed := range []string{"::", "::1", "1::", "1:2:3:4:5:6:7:8", "1::3:0:0:0:8", "a:0:0:b:0:0:0:c", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "FE80::1", "00001::", "1:::2", "0:0:1::"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, ".%") {
			return // an IPv4 tail and zones are not taken
		}
		want, err := netip.ParseAddr(s)
		got, ok := canonicalIPv6("[" + s + "]")
		require.Equal(t, err == nil && want.Is6(), ok, s)
		if ok && !want.Is4In6() {
			require.Equal(t, "["+want.String()+"]", got)
		}
	})
}

func TestMappedAddressStaysHexadecimal(t *testing.T) {
	t.Parallel()
	got, ok := canonicalIPv6("[::ffff:7f00:1]")
	require.True(t, ok)
	require.Equal(t, "[::ffff:7f00:1]", got)
}
