package main

// IPv6 addresses in the one form in which hosts are given: lower case, the
// longest run of zeros shortened (RFC 5952, without its dotted IPv4 tail).

// canonicalIPv6 reads [address] in any of its forms and writes the one.
func canonicalIPv6(s string) (string, bool) {
	if len(s) < 2 || s[0] != '[' || s[len(s)-1] != ']' {
		return "", false
	}
	groups, ok := parseIPv6(s[1 : len(s)-1])
	if !ok {
		return "", false
	}
	return formatIPv6(groups), true
}

func parseIPv6(s string) (groups [8]uint16, ok bool) {
	n, gap := 0, -1 // groups read, and how many of them stand before the ::
	if len(s) >= 2 && s[:2] == "::" {
		gap, s = 0, s[2:]
	}
	for s != "" {
		if n == 8 {
			return groups, false
		}
		value, digits := 0, 0
		for digits < len(s) && digits < 4 && hexDigit(s[digits]) >= 0 {
			value = value<<4 | hexDigit(s[digits])
			digits++
		}
		if digits == 0 {
			return groups, false
		}
		groups[n] = uint16(value)
		n++
		s = s[digits:]
		switch {
		case s == "":
		case len(s) >= 2 && s[:2] == "::" && gap < 0:
			gap, s = n, s[2:]
		case s[0] == ':' && len(s) > 1:
			s = s[1:]
		default:
			return groups, false
		}
	}
	if gap < 0 {
		return groups, n == 8
	}
	if n == 8 {
		return groups, false // the :: stands for nothing
	}
	moved := copy(groups[8-(n-gap):], groups[gap:n])
	for i := gap; i < 8-moved; i++ {
		groups[i] = 0
	}
	return groups, true
}

func formatIPv6(groups [8]uint16) string {
	from, to := -1, -1 // the longest run of at least two zeros, the first of them
	for i := 0; i < 8; i++ {
		end := i
		for end < 8 && groups[end] == 0 {
			end++
		}
		if end-i > 1 && end-i > to-from {
			from, to = i, end
		}
		i = max(i, end-1)
	}
	out := []byte{'['}
	for i := 0; i < 8; i++ {
		if i == from {
			out = append(out, "::"...)
			i = to - 1
			continue
		}
		if i > 0 && i != to {
			out = append(out, ':')
		}
		out = appendHex(out, groups[i])
	}
	return string(append(out, ']'))
}

func appendHex(dst []byte, v uint16) []byte {
	const digits = "0123456789abcdef"
	for shift := 12; shift >= 0; shift -= 4 {
		if d := v >> shift; d != 0 || shift == 0 {
			dst = append(dst, digits[d&15])
		}
	}
	return dst
}
