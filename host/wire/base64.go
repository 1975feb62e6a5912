package wire

// Base64 (RFC 4648 section 4), strict: padded, no line breaks, no bits left
// over. The codec uses vector instructions where the processor has them; a body
// passes through it once in each direction.

import (
	"bytes"
	"slices"
	"strings"

	"github.com/segmentio/asm/base64"
)

var strictBase64 = base64.StdEncoding.Strict()

// base64Len is the length of n bytes in base64.
func base64Len(n int) int { return base64.StdEncoding.EncodedLen(n) }

func appendBase64(dst, data []byte) []byte {
	start, size := len(dst), base64Len(len(data))
	dst = slices.Grow(dst, size)[:start+size]
	base64.StdEncoding.Encode(dst[start:], data)
	return dst
}

// base64 reads a string of base64 that holds at most so many bytes. The result
// is never nil, except after a fault.
func (s *scanner) base64(most int) []byte {
	if s.peek() != '"' {
		s.wrongType("a string")
		return nil
	}
	// What decodes is plain: only if it does not, the string is scanned for
	// escapes and faults.
	rest := s.buf[s.pos+1:]
	if n := bytes.IndexByte(rest, '"'); n >= 0 && n <= base64Len(most) {
		if data, ok := decodeBase64(rest[:n]); ok && len(data) <= most {
			s.pos += n + 2
			return data
		}
	}
	raw, escaped := s.quoted()
	if s.err != nil {
		return nil
	}
	if escaped {
		raw = unescape(nil, raw)
	}
	if len(raw) > base64Len(most) {
		s.failShape("more than " + itoa(most) + " bytes of base64 data")
		return nil
	}
	data, ok := decodeBase64(raw)
	switch {
	case !ok:
		s.failShape(base64Fault(raw))
	case len(data) > most:
		s.failShape("more than " + itoa(most) + " bytes of base64 data")
	default:
		return data
	}
	return nil
}

func decodeBase64(raw []byte) ([]byte, bool) {
	data := make([]byte, base64.StdEncoding.DecodedLen(len(raw)))
	n, err := strictBase64.Decode(data, raw)
	// Decode passes over line breaks, which then are missing from the result.
	return data[:n], err == nil && base64Len(n) == len(raw)
}

// base64Fault says why raw is not base64.
func base64Fault(raw []byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	end := len(raw)
	for end > 0 && len(raw)-end < 2 && raw[end-1] == '=' {
		end--
	}
	for i, c := range raw[:end] {
		if strings.IndexByte(alphabet, c) < 0 {
			return "Invalid symbol " + itoa(int(c)) + ", offset " + itoa(i) + "."
		}
	}
	switch {
	case end < len(raw) && end%4 < 2:
		// Padding where a group has not begun or has but one symbol.
		return "Invalid symbol 61, offset " + itoa(end) + "."
	case end%4 == 1:
		return "Invalid input length: " + itoa(len(raw))
	case len(raw)%4 != 0:
		return "Invalid padding"
	}
	return "Invalid last symbol " + itoa(int(raw[end-1])) + ", offset " + itoa(end-1) + "."
}
