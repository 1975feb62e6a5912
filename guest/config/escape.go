package config

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Strings with escapes: the rare ones, which are copied.

// escaped reads the rest of a string of which start has been read, up to the
// first backslash.
func (r *Reader) escaped(start string) (string, error) {
	out := []byte(start)
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		switch {
		case c == '"':
			r.pos++
			r.read = true
			if !utf8.Valid(out) {
				return "", r.Problem("is not UTF-8")
			}
			return string(out), nil
		case c < ' ':
			return "", r.malformed()
		case c != '\\':
			out = append(out, c)
			r.pos++
		default:
			char, ok := r.escape()
			if !ok {
				return "", r.malformed()
			}
			out = utf8.AppendRune(out, char)
		}
	}
	return "", r.malformed()
}

// escape reads one escape, or two if they make up one character.
func (r *Reader) escape() (rune, bool) {
	if r.pos+1 >= len(r.text) {
		r.pos = len(r.text)
		return 0, false
	}
	c := r.text[r.pos+1]
	r.pos += 2
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		return r.unicode()
	}
	r.pos--
	return 0, false
}

// unicode reads the four digits behind \u, and the second half of a pair.
func (r *Reader) unicode() (rune, bool) {
	char, ok := r.hex4()
	if !ok || !utf16.IsSurrogate(char) {
		return char, ok
	}
	if !r.skip('\\') || !r.skip('u') {
		return 0, false
	}
	low, ok := r.hex4()
	char = utf16.DecodeRune(char, low)
	return char, ok && char != utf8.RuneError
}

func (r *Reader) hex4() (rune, bool) {
	var n rune
	for range 4 {
		if r.pos >= len(r.text) {
			return 0, false
		}
		c := r.text[r.pos]
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			n = n<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
		r.pos++
	}
	return n, true
}
