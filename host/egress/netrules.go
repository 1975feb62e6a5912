package egress

// The operator's word on which addresses may be dialled: a list of what is
// allowed and a list of what is denied.

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// MaxNetRules is how many rules each list of a NetRules holds.
const MaxNetRules = 1024

// NetRules are the rules of one client. They never change, so a connection that
// was judged once may be used again. Nil allows public addresses only, as do
// empty lists.
type NetRules struct {
	allow []NetRule
	deny  []NetRule
}

// ParseNetRules reads what is allowed beyond public addresses, and what is
// denied whatever is allowed. The order within a list does not matter.
func ParseNetRules(allow []string, deny ...string) (*NetRules, error) {
	allowed, err := parseNetRuleList(allow)
	if err != nil {
		return nil, err
	}
	denied, err := parseNetRuleList(deny)
	if err != nil {
		return nil, err
	}
	return &NetRules{allow: allowed, deny: denied}, nil
}

func parseNetRuleList(list []string) ([]NetRule, error) {
	if len(list) > MaxNetRules {
		return nil, fmt.Errorf("%d network rules are more than %d", len(list), MaxNetRules)
	}
	rules := make([]NetRule, 0, len(list))
	for _, s := range list {
		r, err := ParseNetRule(s)
		if err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// deniesName says that a rule denies the host by its name on this port, which
// is known before anything is looked up.
func (n *NetRules) deniesName(host string, port uint16) bool {
	return n != nil && slices.ContainsFunc(n.deny, func(r NetRule) bool { return r.names(host, port) })
}

// deniesAddress says that a rule denies the address, or the IPv4 address to
// which it leads.
func (n *NetRules) deniesAddress(to netip.AddrPort) bool {
	if n == nil {
		return false
	}
	addr := to.Addr().Unmap().WithZone("")
	inner, leads := embedded(addr)
	return slices.ContainsFunc(n.deny, func(r NetRule) bool {
		return r.holds(addr, to.Port()) || leads && r.holds(inner, to.Port())
	})
}

// namesPort says that a rule allows this very host and port, by name or by
// address. Only such a rule opens one of the process's own listeners.
func (n *NetRules) namesPort(host string, to netip.AddrPort) bool {
	return n != nil && slices.ContainsFunc(n.allow, func(r NetRule) bool {
		return r.port != 0 && (r.names(host, to.Port()) || r.host == hostText(to.Addr()) && r.port == to.Port())
	})
}

// allowsName says that a rule allows every address of the host on this port.
func (n *NetRules) allowsName(host string, port uint16) bool {
	return n != nil && slices.ContainsFunc(n.allow, func(r NetRule) bool { return r.names(host, port) })
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

// opens says that a rule allows an address that is not public.
func (n *NetRules) opens(addr netip.Addr, c class) bool {
	return n != nil && slices.ContainsFunc(n.allow, func(r NetRule) bool { return r.covers(addr, c) })
}

// canonicalHost spells a host in one way: an IPv4 address that stands within an
// IPv6 one is bare, and a name has no dot at its end.
func canonicalHost(host string) string {
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return hostText(a)
	}
	return strings.TrimSuffix(host, ".")
}

// hostText spells an address as a URL does.
func hostText(a netip.Addr) string {
	a = a.Unmap()
	if a.Is4() {
		return a.String()
	}
	return "[" + a.String() + "]"
}
