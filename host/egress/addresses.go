package egress

// The table of special-purpose addresses: what is not the public internet.

import (
	"net/netip"
	"slices"
)

// A class is a kind of address. Its name stands in error texts and in network
// rules alike.
type class string

// Classes that more than one block belongs to.
const (
	classPublic   class = "public"
	classLoopback class = "loopback"
	classPrivate  class = "private"
)

// special is one block of a registry.
type special struct {
	prefix netip.Prefix
	class  class
}

// The blocks come from the IANA IPv4 and IPv6 Special-Purpose Address
// Registries (RFC 6890, RFC 8190), the IPv4 and IPv6 multicast assignments
// (RFC 5771, RFC 4291) and, where marked, from other places. A block that lies
// within another comes first: the first match counts.
var special4 = []special{
	block("0.0.0.0/32", "unspecified"),           // RFC 1122 3.2.1.3
	block("0.0.0.0/8", "this-network"),           // RFC 791 3.2
	block("10.0.0.0/8", classPrivate),            // RFC 1918
	block("100.64.0.0/10", "cgnat"),              // RFC 6598
	block("127.0.0.0/8", classLoopback),          // RFC 1122 3.2.1.3
	block("169.254.0.0/16", "link-local"),        // RFC 3927; cloud metadata lives here
	block("172.16.0.0/12", classPrivate),         // RFC 1918
	block("192.0.0.0/24", "protocol-assignment"), // RFC 6890 2.1
	block("192.0.2.0/24", "documentation"),       // RFC 5737
	block("192.31.196.0/24", "as112"),            // RFC 7535
	block("192.52.193.0/24", "amt"),              // RFC 7450
	block("192.88.99.0/24", "6to4-relay"),        // RFC 7526, deprecated
	block("192.168.0.0/16", classPrivate),        // RFC 1918
	block("192.175.48.0/24", "as112"),            // RFC 7534
	block("198.18.0.0/15", "benchmarking"),       // RFC 2544
	block("198.51.100.0/24", "documentation"),    // RFC 5737
	block("203.0.113.0/24", "documentation"),     // RFC 5737
	block("224.0.0.0/4", "multicast"),            // RFC 5771
	block("255.255.255.255/32", "broadcast"),     // RFC 919 7
	block("240.0.0.0/4", "reserved"),             // RFC 1112 4
	// An ordinary block of the registries, but the one address in it serves a
	// cloud's metadata and platform agents to its machines.
	block("168.63.129.16/32", "cloud-platform"),
}

var special6 = []special{
	block("::/128", "unspecified"),              // RFC 4291 2.5.2
	block("::1/128", classLoopback),             // RFC 4291 2.5.3
	block("::ffff:0:0:0/96", "ipv4-translated"), // RFC 2765 2.1
	block("::/96", "ipv4-compatible"),           // RFC 4291 2.5.5.1, deprecated
	block("64:ff9b::/96", classPublic),          // RFC 6052: judged by the IPv4 address in it
	block("64:ff9b:1::/48", "local-nat64"),      // RFC 8215
	block("100::/64", "discard-only"),           // RFC 6666
	block("100:0:0:1::/64", "dummy-prefix"),     // RFC 9780
	block("2001::/32", "teredo"),                // RFC 4380
	block("2001:2::/48", "benchmarking"),        // RFC 5180
	block("2001:db8::/32", "documentation"),     // RFC 3849
	block("2001:10::/28", "orchid"),             // RFC 4843, deprecated
	block("2001:20::/28", "orchidv2"),           // RFC 7343
	block("2001::/23", "protocol-assignment"),   // RFC 2928
	block("2002::/16", "6to4"),                  // RFC 3056
	block("2620:4f:8000::/48", "as112"),         // RFC 7534
	block("3fff::/20", "documentation"),         // RFC 9637
	block("5f00::/16", "segment-routing"),       // RFC 9602
	block("fc00::/7", classPrivate),             // RFC 4193, unique local
	block("fe80::/10", "link-local"),            // RFC 4291 2.5.6
	block("fec0::/10", "site-local"),            // RFC 3879, deprecated
	block("ff00::/8", "multicast"),              // RFC 4291 2.7
	block("2000::/3", classPublic),              // RFC 4291 2.4: what is handed out
	block("::/0", "unassigned"),                 // all that is not
}

func block(prefix string, c class) special {
	return special{prefix: netip.MustParsePrefix(prefix), class: c}
}

// classes lists the names of all classes in alphabetical order.
var classes = func() []string {
	names := []string{string(classPublic)}
	for _, s := range slices.Concat(special4, special6) {
		names = append(names, string(s.class))
	}
	slices.Sort(names)
	return slices.Compact(names)
}()

func isClass(name string) bool {
	_, found := slices.BinarySearch(classes, name)
	return found
}

// classOf says what kind of address a is. An IPv4-mapped address is its IPv4
// address; a zone does not matter.
func classOf(a netip.Addr) class {
	a = a.Unmap().WithZone("")
	table := special6
	if a.Is4() {
		table = special4
	}
	for i := range table {
		if table[i].prefix.Contains(a) {
			return table[i].class
		}
	}
	return classPublic
}

// embedded gives the IPv4 address to which an IPv6 address leads where a
// translator or a tunnel stands in between.
func embedded(a netip.Addr) (netip.Addr, bool) {
	if !a.Is6() || a.Is4In6() || a.IsLoopback() || a.IsUnspecified() {
		return netip.Addr{}, false
	}
	b := a.As16()
	for i := range translators {
		if t := &translators[i]; t.prefix.Contains(a.WithZone("")) {
			return netip.AddrFrom4([4]byte{
				b[t.at[0]] ^ t.mask, b[t.at[1]] ^ t.mask, b[t.at[2]] ^ t.mask, b[t.at[3]] ^ t.mask,
			}), true
		}
	}
	return netip.Addr{}, false
}

// A translator is a prefix with the places of the IPv4 address's bytes in it.
// The local NAT64 block is not among them: each network lays it out in its own
// way, and it is refused as a whole unless the operator names it.
type translator struct {
	prefix netip.Prefix
	at     [4]int
	mask   byte // each byte is XORed with it
}

var translators = []translator{
	{netip.MustParsePrefix("::ffff:0:0:0/96"), [4]int{12, 13, 14, 15}, 0}, // RFC 2765
	{netip.MustParsePrefix("::/96"), [4]int{12, 13, 14, 15}, 0},           // RFC 4291
	{netip.MustParsePrefix("64:ff9b::/96"), [4]int{12, 13, 14, 15}, 0},    // RFC 6052 2.2
	{netip.MustParsePrefix("2001::/32"), [4]int{12, 13, 14, 15}, 0xff},    // RFC 4380 4: inverted
	{netip.MustParsePrefix("2002::/16"), [4]int{2, 3, 4, 5}, 0},           // RFC 3056 2
}
