package egress

// One rule about addresses: its forms, how it is read, and what it covers.

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// ruleForms is what a refused rule's error lists.
const ruleForms = "valid are any, a kind of addresses (loopback, private), an address (10.1.2.3), " +
	"a block (10.0.0.0/8), a host (intranet.example) and host:port (intranet.example:8443, 10.1.2.3:80, [::1]:80)"

// A NetRule covers some addresses. The zero value covers none.
type NetRule struct {
	text   string
	any    bool
	class  class
	prefix netip.Prefix
	host   string // as canonicalHost spells it
	port   uint16 // 0 is every port of the host
}

// String gives the rule as it was written.
func (r NetRule) String() string { return r.text }

// NetClasses lists the kinds of addresses that a rule can name, in alphabetical
// order.
func NetClasses() []string { return append([]string(nil), classes...) }

// ParseNetRule reads one of
//
//	any           every address
//	private       a kind of addresses, one of NetClasses: here 10/8, 172.16/12,
//	              192.168/16 and fc00::/7
//	10.1.2.3      an address
//	10.0.0.0/8    a block of addresses
//	host:port     that port of that host, a name or an address
//	host          all ports of that name; a name without a dot within gets one
//	              at its end, so that no misspelt kind is taken for a name
//
// A name covers the requests that are made by that name, whatever it resolves
// to; it says nothing about its addresses when they are reached otherwise.
func ParseNetRule(s string) (NetRule, error) {
	r := NetRule{text: s}
	var err error
	switch {
	case s == "any":
		r.any = true
	case isClass(s):
		r.class = class(s)
	case strings.Contains(s, "/"):
		r.prefix, err = parseBlock(s)
	case isAddress(s):
		r.prefix, err = parseAddress(s)
	case strings.Contains(s, ":"):
		r.host, r.port, err = parseHostPort(s)
	default:
		r.host, err = parseName(s)
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

func parseHostPort(s string) (string, uint16, error) {
	i := strings.LastIndexByte(s, ':')
	n, ok := plainPort(s[i+1:])
	if !ok {
		return "", 0, errors.New("the port is not a number from 1 to 65535")
	}
	host, err := parseHost(s[:i])
	return host, n, err
}

// parseName reads a name that stands without a port.
func parseName(s string) (string, error) {
	if !strings.Contains(s, ".") {
		return "", errors.New("it is no kind of addresses (they are " + strings.Join(classes, ", ") +
			"); a host's name without a dot within is written with a port or a dot after it")
	}
	host, err := parseHost(s)
	if err == nil && isAddress(strings.Trim(host, "[]")) {
		err = fmt.Errorf("it is an odd way to write an address, was %s meant?", strings.Trim(host, "[]"))
	}
	return host, err
}

var errNoHost = errors.New("the host is not a name or an address")

// parseHost reads a host as a URL's host is read, so that both are spelled
// alike.
func parseHost(s string) (string, error) {
	if strings.ContainsAny(s, "/\\?#@ \t\r\n") {
		return "", errNoHost
	}
	t, problem := parseURL("http://"+s+"/", "")
	if problem != "" || t.port != 80 || canonicalHost(t.host) == "" {
		return "", errNoHost
	}
	return canonicalHost(t.host), nil
}

// clip keeps a refused rule's text short in its error.
func clip(s string) string {
	const most = 100
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}

// names says that the rule names this host, in canonical spelling, on this port.
func (r *NetRule) names(host string, port uint16) bool {
	return r.host != "" && r.host == host && (r.port == 0 || r.port == port)
}

// covers says that the rule covers the address as such, which is of class c.
func (r *NetRule) covers(addr netip.Addr, c class) bool {
	return r.any || r.class == c || r.prefix.IsValid() && r.prefix.Contains(addr)
}

// holds says that the rule covers the address on this port.
func (r *NetRule) holds(addr netip.Addr, port uint16) bool {
	return r.covers(addr, classOf(addr)) || r.names(hostText(addr), port)
}
