package wasmbin

// Writing the binary format: numbers and sections.

func appendUleb(b []byte, v uint64) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

func appendSleb(b []byte, v int64) []byte {
	for v < -0x40 || v >= 0x40 {
		b = append(b, byte(v)&0x7f|0x80)
		v >>= 7
	}
	return append(b, byte(v)&0x7f)
}

func appendName(b []byte, s string) []byte {
	return append(appendUleb(b, uint64(len(s))), s...)
}

func appendSection(b []byte, id byte, payload []byte) []byte {
	b = appendUleb(append(b, id), uint64(len(payload)))
	return append(b, payload...)
}

// extended is a section's payload with its vector grown by n entries.
func extended(payload []byte, n int, entries []byte) []byte {
	r := reader{data: payload}
	var count uint32
	if len(payload) > 0 {
		count = r.u32()
	}
	out := appendUleb(make([]byte, 0, len(payload)+len(entries)+5), uint64(count)+uint64(n))
	out = append(out, payload[r.pos:]...)
	return append(out, entries...)
}
