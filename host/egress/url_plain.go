package egress

// A short way for URLs that are canonical as they stand, as nearly all are: no
// copy, no allocation. Whatever is in doubt goes to the parser; a fuzz test
// holds the two together.

import (
	"net/netip"
	"strings"
)

// readPlainURL reads raw if it is its own canonical form beyond doubt.
func readPlainURL(raw string) (target, bool) {
	t := target{url: raw}
	rest, ok := strings.CutPrefix(raw, "http://")
	if ok {
		t.scheme, t.port = "http", 80
	} else if rest, ok = strings.CutPrefix(raw, "https://"); ok {
		t.scheme, t.port = "https", 443
	}
	slash := strings.IndexByte(rest, '/')
	if !ok || slash <= 0 || len(raw) > MaxURL {
		return target{}, false
	}
	t.uri = rest[slash:]
	host, port, hasPort := strings.Cut(rest[:slash], ":")
	if hasPort {
		n, ok := plainPort(port)
		if !ok || n == t.port {
			return target{}, false
		}
		t.port = n
	}
	t.host = host
	path, query, _ := strings.Cut(t.uri, "?")
	t.path, t.query = path, query
	return t, plainHost(host) && plainPath(path) && plainQuery(query)
}

func plainPort(s string) (uint16, bool) {
	if len(s) == 0 || len(s) > 5 || s[0] == '0' {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return uint16(n), n <= 65535
}

// plainHost takes dotted decimal IPv4 and lower-case names. A name's last label
// starts with a letter, so that it cannot be read as a number; "--" is left to
// the parser, since it may be punycode.
func plainHost(s string) bool {
	last := s[strings.LastIndexByte(s, '.')+1:]
	if last == "" || len(s) > maxHost {
		return false
	}
	if isDigit(last[0]) {
		a, err := netip.ParseAddr(s)
		return err == nil && a.Is4()
	}
	prev := byte('.')
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || isDigit(c):
		case c == '-':
			if prev == '.' || prev == '-' {
				return false
			}
		case c == '.':
			if prev == '.' || prev == '-' {
				return false
			}
		default:
			return false
		}
		prev = c
	}
	return prev != '-'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// plainPath takes a path that has no segment that could be "." or "..".
func plainPath(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case !plainChars[c]:
			return false
		case c == '.' && s[i-1] == '/':
			return false
		case c == '%' && strings.HasPrefix(s[i+1:], "2") && len(s) > i+2 && s[i+2]|0x20 == 'e':
			return false
		}
	}
	return true
}

func plainQuery(s string) bool {
	for i := range len(s) {
		if !plainChars[s[i]] && s[i] != '?' {
			return false
		}
	}
	return true
}

// plainChars pass through the parser unchanged in paths and queries alike: the
// unreserved ones, '%', and what RFC 3986 allows in a path but for "'".
var plainChars = func() (set [256]bool) {
	const chars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" +
		"-._~%!$&()*+,;=:@/"
	for i := range len(chars) {
		set[chars[i]] = true
	}
	return set
}()
