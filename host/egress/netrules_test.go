package egress

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNetRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rules string // separated by spaces
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
	}
	for _, tt := range tests {
		to := netip.MustParseAddrPort(tt.to)
		host := tt.host
		if host == "" {
			host = hostText(to.Addr())
		}
		d := dialer{rules: rules(t, strings.Fields(tt.rules)...)}
		_, got := d.allows(host, to)
		require.Equal(t, tt.want, got, "%q for %s at %s", tt.rules, host, tt.to)
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
	require.False(t, n.names("localhost", netip.MustParseAddrPort("127.0.0.1:80")))
}

func TestParseNetRuleRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ rule, want string }{
		{"", "no keyword"},
		{"Loopback", "no keyword"},
		{"public", "no keyword"},
		{"example.com", "a host needs a port"},
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
		require.ErrorContains(t, err, "valid are loopback, private, any")
		require.Less(t, len(err.Error()), 600)
	}
	_, err := ParseNetRules(make([]string, MaxNetRules+1))
	require.ErrorContains(t, err, "more than 1024")
	_, err = ParseNetRules([]string{"any", "nonsense"})
	require.ErrorContains(t, err, `"nonsense"`)
}

func TestNetRuleString(t *testing.T) {
	t.Parallel()
	r, err := ParseNetRule("LOCALHOST:80")
	require.NoError(t, err)
	require.Equal(t, "LOCALHOST:80", r.String())
}

func FuzzParseNetRule(f *testing.F) {
	for _, seed := range []string{
		"loopback", "private", "any", "10.0.0.0/8", "10.1.2.3", "fd00::/8", "::1", "localhost:80", "[::1]:80", "127.1:8080", "::ffff:1.2.3.4/120", "a.b:65535", "x/y:1",
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
		n := &NetRules{rules: []NetRule{r}}
		if _, ok := n.allows(loopback.Addr()); ok {
			require.True(t, r.any || r.class == classLoopback || r.prefix.Contains(loopback.Addr()))
		}
		if n.names("localhost", loopback) {
			require.Equal(t, loopback.Port(), r.port)
			require.Contains(t, []string{"localhost", "127.0.0.1"}, r.host)
		}
	})
}
