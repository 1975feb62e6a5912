package wasmbin

// The bounded reader of the binary format's atoms: bytes, LEB128 numbers,
// vectors, names. It never copies and never reads beyond its window.

import "unicode/utf8"

// reader walks over one section. The first error sticks, further reads return
// zero values, so a decoder may check once after several reads.
type reader struct {
	data    []byte
	pos     int
	section string
	// index is what Error.Index says for an error at this place.
	index int
	err   error
}

func (r *reader) fail(detail string) {
	if r.err == nil {
		r.err = malformed(r.section, r.index, detail)
	}
	r.pos = len(r.data)
}

func (r *reader) failWith(err error) {
	if r.err == nil {
		r.err = err
	}
	r.pos = len(r.data)
}

func (r *reader) left() int { return len(r.data) - r.pos }

func (r *reader) byte() byte {
	if r.pos >= len(r.data) {
		r.fail("unexpected end")
		return 0
	}
	b := r.data[r.pos]
	r.pos++
	return b
}

func (r *reader) bytes(n uint32) []byte {
	if uint64(n) > uint64(r.left()) {
		r.fail("unexpected end")
		return nil
	}
	b := r.data[r.pos : r.pos+int(n) : r.pos+int(n)]
	r.pos += int(n)
	return b
}

func (r *reader) u32() uint32 {
	if r.pos < len(r.data) && r.data[r.pos] < 0x80 {
		r.pos++
		return uint32(r.data[r.pos-1])
	}
	v, n := uleb(r.data[r.pos:])
	if n == 0 {
		r.fail("bad or truncated LEB128 number")
		return 0
	}
	r.pos += n
	return v
}

// skipSigned passes over a signed number of at most bits bits.
func (r *reader) skipSigned(bits uint) {
	if _, n := sleb(r.data[r.pos:], bits); n == 0 {
		r.fail("bad or truncated LEB128 number")
	} else {
		r.pos += n
	}
}

// count reads the length of a vector whose entries take at least size bytes
// each. What it returns is safe to allocate by.
func (r *reader) count(what string, limit, size int) int {
	n := r.u32()
	if r.err != nil {
		return 0
	}
	if uint64(n) > uint64(limit) {
		r.failWith(overLimit(r.section, r.index, what, uint64(n), uint64(limit)))
		return 0
	}
	if uint64(n)*uint64(size) > uint64(r.left()) {
		r.fail(what + ": more than the section has bytes for")
		return 0
	}
	return int(n)
}

func (r *reader) name(limit int) string {
	n := r.count("bytes in a name", limit, 1)
	b := r.bytes(uint32(n))
	if !utf8.Valid(b) {
		r.fail("name is not UTF-8")
		return ""
	}
	return string(b)
}

// uleb decodes an unsigned LEB128 number of 32 bits; n is 0 if there is none.
func uleb(b []byte) (v uint32, n int) {
	for i := 0; i < 5 && i < len(b); i++ {
		c := b[i]
		if i == 4 && c > 0x0f {
			return 0, 0
		}
		v |= uint32(c&0x7f) << (7 * i)
		if c < 0x80 {
			return v, i + 1
		}
	}
	return 0, 0
}

// sleb decodes a signed LEB128 number of bits bits (32, 33 or 64); n is 0 if
// there is none. In a number of full length the bits above the top one must
// repeat the sign.
func sleb(b []byte, bits uint) (v int64, n int) {
	last := int(bits-1) / 7
	for i := 0; i <= last && i < len(b); i++ {
		c := b[i]
		v |= int64(c&0x7f) << (7 * i)
		if c >= 0x80 {
			continue
		}
		shift := uint(7 * (i + 1))
		if shift < 64 {
			v = v << (64 - shift) >> (64 - shift)
		}
		if i == last && !signRepeats(c, bits-uint(7*last)) {
			return 0, 0
		}
		return v, i + 1
	}
	return 0, 0
}

// signRepeats reports whether the 7 payload bits of c are a sign extension of
// their lowest used bits.
func signRepeats(c byte, used uint) bool {
	rest := c & 0x7f >> (used - 1)
	return rest == 0 || rest == 0x7f>>(used-1)
}
