package egress

// The operator's word on which addresses may be dialled.

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// MaxNetRules is how many rules one NetRules holds.
const MaxNetRules = 1024

// ruleForms is what a refused rule's error lists.
const ruleForms = "valid are loopback, private, any, an address (10.1.2.3), " +
	"a block (10.0.0.0/8) and host:port (intranet.example:8443, 10.1.2.3:80, [::1]:80)"

// A NetRule allows some addresses. The zero value allows none.
type NetRule struct {
	text   string
	any    bool
	class  class
	prefix netip.Prefix
	host   string // canonical as in a URL
	port   uint16
}

// String gives the rule as it was written.
func (r NetRule) String() string { return r.text }

// ParseNetRule reads one of
//
//	loopback      127.0.0.0/8 and ::1
//	private       10/8, 172.16/12, 192.168/16 and fc00::/7
//	any           every address
//	10.1.2.3      an address
//	10.0.0.0/8    a block of addresses
//	host:port     that port of that host, a name or an address; a name may
//	              resolve to any address
func ParseNetRule(s string) (NetRule, error) {
	r := NetRule{text: s}
	switch s {
	case "any":
		r.any = true
		return r, nil
	case string(classLoopback), string(classPrivate):
		r.class = class(s)
		return r, nil
	}
	var err error
	switch {
	case strings.Contains(s, "/"):
		r.prefix, err = parseBlock(s)
	case isAddress(s):
		r.prefix, err = parseAddress(s)
	case strings.Contains(s, ":"):
		r.host, r.port, err = parseHostPort(s)
	default:
		err = errors.New("it is no keyword and no address, and a host needs a port")
	}
	if err != nil {
		return NetRule{}, fmt.Errorf("network rule %q: %w; %s", clip(s), err, ruleForms)
	}
	return r, nil
}

func parseBlock(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, errors.New("it is not a block of addresses")
	}
	if p.Addr().Is4In6() {
		if p.Bits() < 96 {
			return p, errors.New("it mixes IPv4 and IPv6")
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	if m := p.Masked(); m != p {
		return p, fmt.Errorf("it has bits beyond its length, was %s meant?", m)
	}
	return p, nil
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

func parseAddress(s string) (netip.Prefix, error) {
	a, err := netip.ParseAddr(s)
	switch {
	case err != nil:
		return netip.Prefix{}, errors.New("it is not an address")
	case a.Zone() != "":
		return netip.Prefix{}, errors.New("an address with a zone cannot be named")
	}
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// parseHostPort reads the host as a URL's host is read, so that both are
// spelled alike.
func parseHostPort(s string) (string, uint16, error) {
	i := strings.LastIndexByte(s, ':')
	host, port := s[:i], s[i+1:]
	n, ok := plainPort(port)
	if !ok {
		return "", 0, errors.New("the port is not a number from 1 to 65535")
	}
	if strings.ContainsAny(host, "/\\?#@ \t\r\n") {
		return "", 0, errors.New("the host is not a name or an address")
	}
	t, problem := parseURL("http://"+host+"/", "")
	if problem != "" || t.port != 80 {
		return "", 0, errors.New("the host is not a name or an address")
	}
	return canonicalHost(t.host), n, nil
}

// canonicalHost spells an address in one way: URLs know two for an IPv4 address,
// bare and within IPv6. A name stays as it is.
func canonicalHost(host string) string {
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return host
	}
	return hostText(a)
}

// clip keeps a refused rule's text short in its error.
func clip(s string) string {
	const most = 100
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}

// NetRules are the rules of one client. They never change, so a connection that
// was judged once may be used again. Nil allows public addresses only, as does
// an empty list.
type NetRules struct {
	rules []NetRule
}

// ParseNetRules reads a list of rules, in any order.
func ParseNetRules(list []string) (*NetRules, error) {
	if len(list) > MaxNetRules {
		return nil, fmt.Errorf("%d network rules are more than %d", len(list), MaxNetRules)
	}
	n := &NetRules{}
	for _, s := range list {
		r, err := ParseNetRule(s)
		if err != nil {
			return nil, err
		}
		n.rules = append(n.rules, r)
	}
	return n, nil
}

// names says that a rule names this very host and port, which opens every
// address behind it, even one of the executor's own.
func (n *NetRules) names(host string, addr netip.AddrPort) bool {
	if n == nil {
		return false
	}
	for i := range n.rules {
		r := &n.rules[i]
		if r.port == 0 || r.port != addr.Port() {
			continue
		}
		if r.host == host || r.host == hostText(addr.Addr()) {
			return true
		}
	}
	return false
}

// allows judges an address and, where it leads to an IPv4 address, that too. It
// gives the class that is to blame.
func (n *NetRules) allows(addr netip.Addr) (class, bool) {
	addr = addr.Unmap().WithZone("")
	c := classOf(addr)
	if c != classPublic && !n.opens(addr, c) {
		return c, false
	}
	if inner, ok := embedded(addr); ok {
		if c := classOf(inner); c != classPublic && !n.opens(inner, c) {
			return c, false
		}
	}
	return c, true
}

// opens says that a rule names an address that is not public.
func (n *NetRules) opens(addr netip.Addr, c class) bool {
	if n == nil {
		return false
	}
	for i := range n.rules {
		r := &n.rules[i]
		if r.any || r.class == c || r.prefix.IsValid() && r.prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// hostText spells an address as a URL does.
func hostText(a netip.Addr) string {
	a = a.Unmap()
	if a.Is4() {
		return a.String()
	}
	return "[" + a.String() + "]"
}
