package main

// What is well formed in HTTP, RFC 9110: tokens (section 5.6.2) and field
// values (section 5.5).

// isToken says whether s can be a method or a header name.
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !tokenBytes[s[i]] {
			return false
		}
	}
	return s != ""
}

// tokenBytes are letters, digits and a few signs.
var tokenBytes = func() (set [256]bool) {
	const token = "!#$%&'*+-.^_`|~0123456789" +
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abcdefghijklmnopqrstuvwxyz"
	for i := range len(token) {
		set[token[i]] = true
	}
	return set
}()

// isFieldValue says whether s can be a header's value: no control characters
// but the tab. Bytes from 0x80 on are allowed.
func isFieldValue(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// lowerByte is the lower case of an ASCII letter; other bytes stay.
func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// lower is s with its ASCII letters in lower case.
func lower(s string) string {
	for i := 0; i < len(s); i++ {
		if lowerByte(s[i]) != s[i] {
			return string(appendLower(nil, s))
		}
	}
	return s
}

func appendLower(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		dst = append(dst, lowerByte(s[i]))
	}
	return dst
}

// sameFold says whether two ASCII texts differ in nothing but case.
func sameFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if lowerByte(a[i]) != lowerByte(b[i]) {
			return false
		}
	}
	return true
}

// shown is a text as a message repeats it: printable ASCII and not long, since
// callers choose methods and names, and may choose them to spoil a log.
func shown(s string) string {
	const longest = 100
	tail := ""
	if len(s) > longest {
		s, tail = s[:longest], "..."
	}
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return "(not printable)"
		}
	}
	return s + tail
}
