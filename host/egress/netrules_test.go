package egress

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNetRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rules string // separated by spaces; with '!' in front it denies
		host  string // as in a URL; the address if empty
		to    string
		want  bool
	}{
		{"", "", "8.8.8.8:80", true},
		{"", "", "[2001:4860::1]:80", true},
		{"", "", "127.0.0.1:80", false},
		{"", "", "10.0.0.1:80", false},
		{"", "", "169.254.169.254:80", false},
		{"", "", "[64:ff9b::8.8.8.8]:80", true},
		{"", "", "[64:ff9b::10.0.0.1]:80", false},
		{"loopback", "", "127.9.9.9:1", true},
		{"loopback", "", "[::1]:1", true},
		{"loopback", "", "[::ffff:127.0.0.1]:1", true},
		{"loopback", "", "10.0.0.1:1", false},
		{"loopback", "", "0.0.0.0:1", false},
		{"loopback", "", "[::7f00:1]:1", false},
		{"loopback", "", "[64:ff9b::127.0.0.1]:1", true},
		{"private", "", "10.0.0.1:1", true},
		{"private", "", "172.16.0.1:1", true},
		{"private", "", "192.168.0.1:1", true},
		{"private", "", "[fd00::1]:1", true},
		{"private", "", "100.64.0.1:1", false},
		{"private", "", "169.254.0.1:1", false},
		{"private", "", "127.0.0.1:1", false},
		{"any", "", "127.0.0.1:1", true},
		{"any", "", "[2002:7f00:1::]:1", true},
		{"any", "", "[fe80::1%eth0]:1", true},
		{"10.0.0.0/8", "", "10.200.0.1:1", true},
		{"10.0.0.0/8", "", "11.0.0.1:1", true},
		{"10.0.0.0/8", "", "192.168.0.1:1", false},
		{"::ffff:10.0.0.0/104", "", "10.200.0.1:1", true},
		{"2002::/16", "", "[2002:808:808::]:1", true},
		{"2002::/16", "", "[2002:7f00:1::]:1", false},
		{"2002::/16 loopback", "", "[2002:7f00:1::]:1", true},
		{"::/0", "", "10.0.0.1:1", false},
		{"127.0.0.2", "", "127.0.0.2:1", true},
		{"127.0.0.2", "", "127.0.0.1:1", false},
		{"fd00::1", "", "[fd00::1]:1", true},
		{"::ffff:127.0.0.2", "", "127.0.0.2:1", true},
		{"127.0.0.1:80", "", "127.0.0.1:80", true},
		{"127.0.0.1:80", "", "127.0.0.1:81", false},
		{"127.0.0.1:80", "localhost", "127.0.0.1:80", true},
		{"127.1:80", "", "127.0.0.1:80", true},
		{"[::1]:80", "", "[::1]:80", true},
		{"[::ffff:127.0.0.1]:80", "[::ffff:7f00:1]", "127.0.0.1:80", true},
		{"localhost:80", "localhost", "127.0.0.1:80", true},
		{"localhost:80", "localhost", "[::1]:80", true},
		{"localhost:80", "localhost", "127.0.0.1:81", false},
		{"localhost:80", "other", "127.0.0.1:80", false},
		{"localhost:80", "", "127.0.0.1:80", false},
		{"LOCALHOST:80", "localhost", "127.0.0.1:80", true},
		{"b\u00fccher.example:80", "xn--bcher-kva.example", "10.0.0.1:80", true},
		{"127.0.0.2 10.0.0.0/8 private localhost:80", "", "192.168.1.1:1", true},

		{"link-local", "", "169.254.169.254:80", true},
		{"link-local", "", "[fe80::1]:80", true},
		{"link-local", "", "127.0.0.1:80", false},
		{"multicast", "", "224.0.0.1:80", true},
		{"cgnat", "", "100.64.0.1:80", true},
		{"documentation", "", "[2001:db8::1]:80", true},
		{"public", "", "127.0.0.1:80", false},

		{"intranet.example", "intranet.example", "10.0.0.1:80", true},
		{"intranet.example", "intranet.example", "10.0.0.1:8443", true},
		{"intranet.example", "intranet.example.", "10.0.0.1:80", true},
		{"intranet.example.", "intranet.example", "10.0.0.1:80", true},
		{"intranet.example", "a.intranet.example", "10.0.0.1:80", false},
		{"intranet.example", "", "10.0.0.1:80", false},
		{"intranet.", "intranet", "10.0.0.1:80", true},

		{"!any", "", "8.8.8.8:80", false},
		{"any !any", "", "127.0.0.1:80", false},
		{"!public", "", "8.8.8.8:80", false},
		{"loopback !public", "", "127.0.0.1:80", true},
		{"any !link-local", "", "169.254.169.254:80", false},
		{"any !link-local", "", "[::ffff:169.254.169.254]:80", false},
		{"any !link-local", "", "[64:ff9b::a9fe:a9fe]:80", false},
		{"any !link-local", "", "[2002:a9fe:a9fe::]:80", false},
		{"any !link-local", "", "[fe80::1%eth0]:80", false},
		{"any !link-local", "", "10.0.0.1:80", true},
		{"private !10.0.0.0/8", "", "10.0.0.1:80", false},
		{"private !10.0.0.0/8", "", "192.168.0.1:80", true},
		{"10.0.0.1:80 !10.0.0.0/8", "", "10.0.0.1:80", false},
		{"!8.8.8.8", "", "8.8.8.8:80", false},
		{"!8.8.8.8", "dns.example", "8.8.8.8:80", false},
		{"!8.8.8.8:53", "dns.example", "8.8.8.8:53", false},
		{"!8.8.8.8:53", "dns.example", "8.8.8.8:80", true},
		{"!dns.example", "dns.example", "8.8.8.8:80", false},
		{"!dns.example", "dns.example.", "8.8.8.8:80", false},
		{"!dns.example", "other.example", "8.8.8.8:80", true},
		{"!dns.example:53", "dns.example", "8.8.8.8:53", false},
		{"!dns.example:53", "dns.example", "8.8.8.8:80", true},
		{"dns.example:53 !dns.example", "dns.example", "8.8.8.8:53", false},
	}
	for _, tt := range tests {
		to := netip.MustParseAddrPort(tt.to)
		host := tt.host
		if host == "" {
			host = hostText(to.Addr())
		}
		d := dialer{rules: mixedRules(t, tt.rules)}
		got := !d.rules.deniesName(canonicalHost(host), to.Port()) && d.objection(host, to) == ""
		require.Equal(t, tt.want, got, "%q for %s at %s", tt.rules, host, tt.to)
	}
}

// mixedRules reads rules separated by spaces; '!' in front makes one deny.
func mixedRules(t *testing.T, list string) *NetRules {
	t.Helper()
	var allow, deny []string
	for _, s := range strings.Fields(list) {
		if rule, denies := strings.CutPrefix(s, "!"); denies {
			deny = append(deny, rule)
		} else {
			allow = append(allow, s)
		}
	}
	n, err := ParseNetRules(allow, deny...)
	require.NoError(t, err)
	return n
}

// Every kind of addresses can be named, allowed and denied.
func TestNetRulesKnowEveryClass(t *testing.T) {
	t.Parallel()
	for _, s := range slices.Concat(special4, special6) {
		addr := s.prefix.Addr()
		if classOf(addr) != s.class {
			continue // a smaller block begins there
		}
		allowed := rules(t, string(s.class), "any")
		require.True(t, allowed.opens(addr, s.class), s.class)
		require.Contains(t, NetClasses(), string(s.class))

		d := dialer{rules: mixedRules(t, "any !"+string(s.class))}
		require.NotEmpty(t, d.objection("", netip.AddrPortFrom(addr, 80)), s.class)
	}
}

func TestNilNetRulesAllowPublicOnly(t *testing.T) {
	t.Parallel()
	var n *NetRules
	_, ok := n.allows(netip.MustParseAddr("8.8.8.8"))
	require.True(t, ok)
	c, ok := n.allows(netip.MustParseAddr("127.0.0.1"))
	require.False(t, ok)
	require.Equal(t, classLoopback, c)
	to := netip.MustParseAddrPort("127.0.0.1:80")
	require.False(t, n.allowsName("localhost", 80))
	require.False(t, n.namesPort("localhost", to))
	require.False(t, n.deniesName("localhost", 80))
	require.False(t, n.deniesAddress(to))
}

func TestParseNetRuleRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ rule, want string }{
		{"", "no kind of addresses (they are 6to4, "},
		{"Loopback", "no kind of addresses (they are 6to4, "},
		{"intranet", "written with a port or a dot after it"},
		{"127.1", "was 127.0.0.1 meant?"},
		{".", "host"},
		{"a b.example", "host"},
		{"10.0.0.0/33", "not a block"},
		{"10.0.0/8", "not a block"},
		{"10.0.0.1/8", "was 10.0.0.0/8 meant?"},
		{"::ffff:0:0/90", "mixes IPv4 and IPv6"},
		{"fe80::1%eth0", "zone"},
		{"example.com:", "port"},
		{"example.com:0", "port"},
		{"example.com:65536", "port"},
		{"example.com:http", "port"},
		{":80", "host"},
		{"user@example.com:80", "host"},
		{"a b:80", "host"},
		{"a:b:80", "host"},
		{"[::1:80", "host"},
		{"http://example.com:80", "not a block"},
		{"*.example.com:80,", "port"},
		{strings.Repeat("x", 5000), "..."},
	}
	for _, tt := range tests {
		_, err := ParseNetRule(tt.rule)
		require.ErrorContains(t, err, tt.want, tt.rule)
		require.ErrorContains(t, err, "valid are any, a kind of addresses")
		require.Less(t, len(err.Error()), 1000)
	}
	_, err := ParseNetRules(make([]string, MaxNetRules+1))
	require.ErrorContains(t, err, "more than 1024")
	_, err = ParseNetRules([]string{"any", "nonsense"})
	require.ErrorContains(t, err, `"nonsense"`)
	_, err = ParseNetRules(nil, "link-locl")
	require.ErrorContains(t, err, `"link-locl"`)
}

func TestNetRuleString(t *testing.T) {
	t.Parallel()
	r, err := ParseNetRule("LOCALHOST:80")
	require.NoError(t, err)
	require.Equal(t, "LOCALHOST:80", r.String())
}

func FuzzParseNetRule(f *testing.F) {
	for _, seed := range []string{
		"loopback", "private", "any", "cgnat", "intranet.example", "intranet.", "10.0.0.0/8", "10.1.2.3", "fd00::/8", "::1", "localhost:80", "[::1]:80", "127.1:8080", "::ffff:1.2.3.4/120", "a.b:65535", "x/y:1",
	} {
		f.Add(seed)
	}
	loopback := netip.MustParseAddrPort("127.0.0.1:80")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseNetRule(s)
		if err != nil {
			require.Zero(t, r)
			return
		}
		// A rule that opens the loopback address says so in one of few ways.
		n := &NetRules{allow: []NetRule{r}}
		if _, ok := n.allows(loopback.Addr()); ok {
			require.True(t, r.any || r.class == classLoopback || r.prefix.Contains(loopback.Addr()))
		}
		if n.namesPort("localhost", loopback) {
			require.Equal(t, loopback.Port(), r.port)
			require.Contains(t, []string{"localhost", "127.0.0.1"}, r.host)
		}
		// What is opened by a rule is closed by the same.
		d := dialer{rules: &NetRules{allow: []NetRule{r}, deny: []NetRule{r}}}
		if n.allowsName("localhost", 80) || n.opens(loopback.Addr(), classLoopback) {
			require.True(t, d.rules.deniesName("localhost", 80) || d.objection("localhost", loopback) != "")
		}
	})
}
