package egress

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClassOf(t *testing.T) {
	t.Parallel()
	const (
		unspecified   = "unspecified"
		linkLocal     = "link-local"
		documentation = "documentation"
		multicast     = "multicast"
		protocol      = "protocol-assignment"
	)
	tests := []struct {
		addr string
		want class
	}{
		{"0.0.0.0", unspecified}, {"0.0.0.1", "this-network"}, {"0.255.255.255", "this-network"}, {"1.0.0.0", classPublic},
		{"9.255.255.255", classPublic}, {"10.0.0.0", classPrivate}, {"10.255.255.255", classPrivate}, {"11.0.0.0", classPublic},
		{"100.63.255.255", classPublic}, {"100.64.0.0", "cgnat"}, {"100.127.255.255", "cgnat"}, {"100.128.0.0", classPublic},
		{"126.255.255.255", classPublic}, {"127.0.0.0", classLoopback}, {"127.0.0.1", classLoopback}, {"127.255.255.255", classLoopback}, {"128.0.0.0", classPublic},
		{"168.63.129.16", "cloud-platform"}, {"168.63.129.17", classPublic},
		{"169.253.255.255", classPublic}, {"169.254.0.0", linkLocal}, {"169.254.169.254", linkLocal}, {"169.255.0.0", classPublic},
		{"172.15.255.255", classPublic}, {"172.16.0.0", classPrivate}, {"172.31.255.255", classPrivate}, {"172.32.0.0", classPublic},
		{"192.0.0.0", protocol}, {"192.0.0.255", protocol}, {"192.0.1.0", classPublic}, {"192.0.2.1", documentation}, {"192.0.3.0", classPublic},
		{"192.31.196.1", "as112"}, {"192.52.193.1", "amt"}, {"192.88.99.1", "6to4-relay"}, {"192.175.48.1", "as112"},
		{"192.167.255.255", classPublic}, {"192.168.0.0", classPrivate}, {"192.168.255.255", classPrivate}, {"192.169.0.0", classPublic},
		{"198.17.255.255", classPublic}, {"198.18.0.0", "benchmarking"}, {"198.19.255.255", "benchmarking"}, {"198.20.0.0", classPublic},
		{"198.51.100.1", documentation}, {"203.0.113.255", documentation}, {"203.0.114.0", classPublic},
		{"223.255.255.255", classPublic}, {"224.0.0.1", multicast}, {"239.255.255.255", multicast},
		{"240.0.0.0", "reserved"}, {"255.255.255.254", "reserved"}, {"255.255.255.255", "broadcast"},
		{"8.8.8.8", classPublic}, {"::ffff:8.8.8.8", classPublic}, {"::ffff:127.0.0.1", classLoopback}, {"::ffff:10.1.2.3", classPrivate},
		{"::", unspecified}, {"::1", classLoopback}, {"::2", "ipv4-compatible"}, {"::127.0.0.1", "ipv4-compatible"},
		{"::ffff:0:7f00:1", "ipv4-translated"}, {"::1:0:0:0", "unassigned"},
		{"64:ff9b::808:808", classPublic}, {"64:ff9b::1:0:0", "unassigned"}, {"64:ff9b:1::1", "local-nat64"}, {"64:ff9b:1:ffff::1", "local-nat64"},
		{"100::1", "discard-only"}, {"100:0:0:1::1", "dummy-prefix"}, {"100:0:0:2::1", "unassigned"},
		{"2001::1", "teredo"}, {"2001:0:ffff::1", "teredo"}, {"2001:1::1", protocol}, {"2001:2::1", "benchmarking"}, {"2001:2:1::1", protocol},
		{"2001:10::1", "orchid"}, {"2001:20::1", "orchidv2"}, {"2001:1ff::1", protocol}, {"2001:200::1", classPublic},
		{"2001:db8::1", documentation}, {"2001:db9::1", classPublic}, {"2001:4860:4860::8888", classPublic},
		{"2002:7f00:1::1", "6to4"}, {"2620:4f:8000::1", "as112"}, {"2620:4f:8001::1", classPublic},
		{"3fff::1", documentation}, {"3fff:fff:ffff::1", documentation}, {"3fff:1000::1", classPublic},
		{"4000::1", "unassigned"}, {"5f00::1", "segment-routing"}, {"5f01::1", "unassigned"},
		{"fbff::1", "unassigned"}, {"fc00::1", classPrivate}, {"fdff::1", classPrivate}, {"fe00::1", "unassigned"},
		{"fe80::1", linkLocal}, {"fe80::1%eth0", linkLocal}, {"febf::1", linkLocal}, {"fec0::1", "site-local"}, {"feff::1", "site-local"},
		{"ff00::1", multicast}, {"ff02::1", multicast}, {"ffff:ffff::", multicast},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, classOf(netip.MustParseAddr(tt.addr)), tt.addr)
	}
}

// Every block of the tables is reached by its own first and last address, but
// for what an earlier, smaller block takes from it.
func TestBlocksAreReached(t *testing.T) {
	t.Parallel()
	for _, table := range [][]special{special4, special6} {
		for i, s := range table {
			require.Equal(t, s.prefix.Masked(), s.prefix)
			for _, earlier := range table[:i] {
				covers := earlier.prefix.Bits() <= s.prefix.Bits() && earlier.prefix.Contains(s.prefix.Addr())
				require.False(t, covers, "%s hides %s", earlier.prefix, s.prefix)
			}
		}
	}
}

func TestEmbedded(t *testing.T) {
	t.Parallel()
	tests := []struct{ addr, want string }{
		{"64:ff9b::127.0.0.1", "127.0.0.1"},
		{"64:ff9b::a9fe:a9fe", "169.254.169.254"},
		{"2002:7f00:1::1", "127.0.0.1"},
		{"2001:0:1234::80ff:fffe", "127.0.0.1"},
		{"::10.0.0.1", "10.0.0.1"},
		{"::ffff:0:10.0.0.1", "10.0.0.1"},
		{"64:ff9b:1::127.0.0.1", ""},
		{"::", ""}, {"::1", ""}, {"127.0.0.1", ""}, {"::ffff:127.0.0.1", ""}, {"2001:4860::1", ""},
	}
	for _, tt := range tests {
		got, ok := embedded(netip.MustParseAddr(tt.addr))
		require.Equal(t, tt.want != "", ok, tt.addr)
		if ok {
			require.Equal(t, tt.want, got.String(), tt.addr)
		}
	}
}
