package wire

// Strings: finding their end, checking and undoing their escapes.

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/segmentio/asm/ascii"
)

// quoted passes over a string whose quote the caller has seen. It gives what
// stands between the quotes and whether that holds escapes.
func (s *scanner) quoted() (raw []byte, escaped bool) {
	start := s.pos + 1
	if n := plainLen(s.buf[start:]); n > 0 {
		s.pos = start + n + 1
		return s.buf[start : start+n], false
	}
	for i := start; ; {
		i = plainEnd(s.buf, i)
		if i >= len(s.buf) {
			s.failAt(i, "EOF while parsing a string")
			return nil, false
		}
		switch c := s.buf[i]; {
		case c == '"':
			s.pos = i + 1
			return s.buf[start:i], escaped
		case c == '\\':
			escaped = true
			if i = s.escape(i); s.err != nil {
				return nil, false
			}
		case c < ' ':
			s.failAt(i+1, `control character (\u0000-\u001F) found while parsing a string`)
			return nil, false
		default:
			r, size := utf8.DecodeRune(s.buf[i:])
			if r == utf8.RuneError && size == 1 {
				s.failAt(i+1, "invalid unicode code point")
				return nil, false
			}
			i += size
		}
	}
}

// longString is from what length on a string is worth the start of vector code.
const longString = 256

// plainLen is the length of a long string of printable ASCII without a
// backslash, such as a body in base64; 0 if the string is not of that kind.
func plainLen(rest []byte) int {
	n := bytes.IndexByte(rest, '"')
	if n < longString || !ascii.ValidPrint(rest[:n]) || bytes.IndexByte(rest[:n], '\\') >= 0 {
		return 0
	}
	return n
}

// plainEnd finds, from i on, the first byte that a string scan has to look at:
// a quote, a backslash, a control character, a byte beyond ASCII.
func plainEnd(buf []byte, i int) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	// Eight bytes at a time: in w - n*ones, the lowest byte of w that is less
	// than n has its high bit set, and none below it has.
	for ; i+8 <= len(buf); i += 8 {
		w := binary.LittleEndian.Uint64(buf[i:])
		hit := (w - ones*' ') | ((w ^ ones*'"') - ones) | ((w ^ ones*'\\') - ones) | w
		if hit &= highs; hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for ; i < len(buf); i++ {
		if c := buf[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return i
		}
	}
	return i
}

// escape checks the escape at i and gives the position after it.
func (s *scanner) escape(i int) int {
	if i+1 >= len(s.buf) {
		s.failAt(i+1, "EOF while parsing a string")
		return i
	}
	switch s.buf[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
	default:
		s.failAt(i+2, "invalid escape")
		return i
	}
	high, ok := hex4(s.buf, i+2)
	if !ok {
		s.failHex(i + 2)
		return i
	}
	i += 6
	switch {
	case !utf16.IsSurrogate(high):
		return i
	case high >= 0xDC00:
		s.failAt(i, "lone leading surrogate in hex escape")
		return i
	case i >= len(s.buf) || i+1 >= len(s.buf) && s.buf[i] == '\\':
		s.failAt(len(s.buf), "EOF while parsing a string")
		return i
	case s.buf[i] != '\\' || s.buf[i+1] != 'u':
		s.failAt(i+1, "unexpected end of hex escape")
		return i
	}
	low, ok := hex4(s.buf, i+2)
	if !ok {
		s.failHex(i + 2)
		return i
	}
	i += 6
	if utf16.DecodeRune(high, low) == utf8.RuneError {
		s.failAt(i, "lone leading surrogate in hex escape")
	}
	return i
}

// failHex notes that there are no four hexadecimal digits at i.
func (s *scanner) failHex(i int) {
	if i+4 > len(s.buf) {
		s.failAt(len(s.buf), "EOF while parsing a string")
		return
	}
	s.failAt(i+4, "invalid escape")
}

// hex4 reads four hexadecimal digits at i.
func hex4(buf []byte, i int) (rune, bool) {
	if i+4 > len(buf) {
		return 0, false
	}
	var r rune
	for _, c := range buf[i : i+4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unescape appends the text of a string that quoted has checked.
func unescape(dst, raw []byte) []byte {
	for i := 0; i < len(raw); {
		c := raw[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		c = raw[i+1]
		i += 2
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r, _ := hex4(raw, i)
			i += 4
			if utf16.IsSurrogate(r) {
				low, _ := hex4(raw, i+2)
				r = utf16.DecodeRune(r, low)
				i += 6
			}
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, c)
	}
	return dst
}
