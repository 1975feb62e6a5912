package oracles

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"testing"

	"code.dny.dev/ssrf"
	"github.com/doyensec/safeurl"
	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/egress"
)

type allowAll struct{}

func (allowAll) OnRequest(context.Context, *abi.Request, *abi.Decision) error   { return nil }
func (allowAll) OnResponse(context.Context, *abi.Response, *abi.Decision) error { return nil }

// sluice says whether a request to the address would leave.
func sluice(t *testing.T) func(netip.Addr) bool {
	dialled := errors.New("dialled")
	c := egress.New(egress.Options{
		Policy:  allowAll{},
		Connect: func(context.Context, netip.AddrPort) (net.Conn, error) { return nil, dialled },
	})
	t.Cleanup(c.Close)
	return func(a netip.Addr) bool {
		_, err := c.Do(t.Context(), &egress.Request{Method: "GET", URL: "http://" + netip.AddrPortFrom(a, 80).String() + "/"})
		return errors.Is(err, dialled)
	}
}

// safeURL asks doyensec/safeurl, which knows a dialler only. One for UDP sends
// nothing.
func safeURL(t *testing.T) func(netip.Addr) bool {
	config := safeurl.GetConfigBuilder().EnableIPv6(true).Build()
	transport := safeurl.Client(config).Client.Transport.(*http.Transport)
	return func(a netip.Addr) bool {
		conn, err := transport.DialContext(t.Context(), "udp", netip.AddrPortFrom(a, 80).String())
		if err == nil {
			_ = conn.Close()
		}
		var refused *safeurl.AllowedIPError
		return !errors.As(err, &refused)
	}
}

// stricter are blocks that Sluice refuses although another list does not have
// them: see host/egress/addresses.go for what they are.
var stricter = []netip.Prefix{
	netip.MustParsePrefix("168.63.129.16/32"),
	netip.MustParsePrefix("192.31.196.0/24"),
	netip.MustParsePrefix("192.52.193.0/24"),
	netip.MustParsePrefix("192.175.48.0/24"),
}

// looser are blocks that another list refuses as a whole. Sluice judges the IPv4
// address in NAT64.
var looser = netip.MustParsePrefix("64:ff9b::/96")

// edges are the first and last addresses of the registries' blocks, and those
// beside them.
func edges() []netip.Addr {
	var list []netip.Addr
	for _, block := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32", "8.8.8.8/32",
		"::/128", "::1/128", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "2000::/3", "2620:4f:8000::/48", "3fff::/20",
		"5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "2606:4700::/32",
	} {
		p := netip.MustParsePrefix(block)
		first, last := p.Addr(), lastOf(p)
		list = append(list, first, last, first.Prev(), last.Next())
	}
	return list
}

func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}

// random addresses, the same each time.
func random() []netip.Addr {
	r := rand.New(rand.NewPCG(1, 2))
	var list []netip.Addr
	for range 5000 {
		var b [16]byte
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		list = append(list, netip.AddrFrom4([4]byte(b[:4])), netip.AddrFrom16(b))
		b[0] = 0x20 | b[0]&0x1f // global unicast
		list = append(list, netip.AddrFrom16(b))
	}
	return list
}

func TestOtherListsAgree(t *testing.T) {
	t.Parallel()
	ours := sluice(t)
	guardian := ssrf.New()
	for name, theirs := range map[string]func(netip.Addr) bool{
		"code.dny.dev/ssrf": func(a netip.Addr) bool { return guardian.SafeAddr(a) == nil },
		"doyensec/safeurl":  safeURL(t),
	} {
		allowed := 0
		for _, a := range append(edges(), random()...) {
			if !a.IsValid() {
				continue
			}
			we, they := ours(a), theirs(a)
			if we {
				allowed++
			}
			switch {
			case we && !they:
				require.True(t, looser.Contains(a), "%s refuses %s", name, a)
			case !we && they && name == "code.dny.dev/ssrf":
				require.True(t, within(stricter, a), "%s allows %s", name, a)
			}
		}
		require.Greater(t, allowed, 5000)
	}
}

func within(blocks []netip.Prefix, a netip.Addr) bool {
	for _, b := range blocks {
		if b.Contains(a) {
			return true
		}
	}
	return false
}
