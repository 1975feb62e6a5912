package main

// Host patterns: example.com, *.example.com (one label more), **.example.com
// (one label or more), and IP addresses.

// hostSet holds patterns by the name behind their stars, so that a host costs
// as many look-ups as it has labels, however many patterns there are.
type hostSet map[string]hostKind

// hostKind is a set of the three kinds of pattern.
type hostKind uint8

const (
	hostExact hostKind = 1 << iota
	hostOneLabel
	hostAnyDepth
)

func (s hostSet) matches(host string) bool {
	// example.com. is the same name as example.com to DNS.
	if n := len(host) - 1; n > 0 && host[n] == '.' {
		host = host[:n]
	}
	if s[host]&hostExact != 0 {
		return true
	}
	first := true
	for i := 0; i < len(host); i++ {
		if host[i] != '.' {
			continue
		}
		kind := s[host[i+1:]]
		if kind&hostAnyDepth != 0 || first && kind&hostOneLabel != 0 {
			return true
		}
		first = false
	}
	return false
}

// parseHost checks a pattern of the configuration and gives it in the form
// that the host uses for hosts; problem is empty if it is good.
func parseHost(s string) (name string, kind hostKind, problem string) {
	kind = hostExact
	switch {
	case len(s) > 3 && s[:3] == "**.":
		s, kind = s[3:], hostAnyDepth
	case len(s) > 2 && s[:2] == "*.":
		s, kind = s[2:], hostOneLabel
	}
	if s != "" && s[0] == '[' {
		address, ok := canonicalIPv6(s)
		if !ok || kind != hostExact {
			return "", 0, "is not an IPv6 address in brackets"
		}
		return address, kind, ""
	}
	name = lower(s)
	if problem := nameProblem(name); problem != "" {
		return "", 0, problem
	}
	if isNumeric(name) && (kind != hostExact || !isIPv4(name)) {
		return "", 0, "is not an IPv4 address in plain dotted form"
	}
	return name, kind, ""
}

// nameProblem says what keeps a lower-case text from being a host name.
func nameProblem(name string) string {
	label := 0 // length of the label so far
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '.' && label == 0:
			return "has an empty label"
		case c == '.':
			label = 0
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_':
			label++
		case c == '*':
			return "has a star elsewhere than in front, as *. or **.; leave hosts out to match any"
		case c >= 0x80:
			return "is not ASCII; write it in its xn-- form"
		default:
			return "is not a host name without scheme, port and path"
		}
	}
	if label == 0 {
		return "has an empty label"
	}
	return ""
}

// isNumeric says whether the last label makes a URL parser read an IPv4
// address: digits, or 0x and hex digits (WHATWG URL, "ends in a number").
func isNumeric(name string) bool {
	last := name
	for i := 0; i < len(name); i++ {
		if name[i] == '.' {
			last = name[i+1:]
		}
	}
	if len(last) > 1 && last[:2] == "0x" {
		return allDigits(last[2:], 16)
	}
	return allDigits(last, 10)
}

func allDigits(s string, base int) bool {
	for i := 0; i < len(s); i++ {
		if d := hexDigit(s[i]); d < 0 || d >= base {
			return false
		}
	}
	return true
}

// isIPv4 says whether s is four numbers up to 255 without leading zeros.
func isIPv4(s string) bool {
	parts, n, digits := 1, 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '.' && digits > 0:
			parts, n, digits = parts+1, 0, 0
		case c >= '0' && c <= '9' && (digits == 0 || n > 0):
			n, digits = n*10+int(c-'0'), digits+1
			if n > 255 {
				return false
			}
		default:
			return false
		}
	}
	return parts == 4 && digits > 0
}
