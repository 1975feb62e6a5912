// Package exchange holds the two buffers through which a guest and its host
// talk: the host writes its message into one, the guest its answer into the
// other.
package exchange

import (
	"unsafe"

	"github.com/sluice-run/sluice/abi"
)

// firstRoom is the size a buffer starts with: enough for nearly every message,
// so that a call allocates nothing.
const firstRoom = 16 << 10

// Memory is the pair of buffers. The zero value is ready.
type Memory struct {
	in, out []byte
}

// Reserve gives room for size bytes of input, or nil if that is over
// abi.MaxMessage. What was reserved before is no longer valid.
func (m *Memory) Reserve(size uint32) []byte {
	if size > abi.MaxMessage {
		return nil
	}
	if need := max(int(size), firstRoom); need > len(m.in) {
		m.in = make([]byte, need)
	}
	return m.in[:max(size, 1)] // never empty: room has an address even for nothing
}

// View gives the first size bytes of the input as text, without copying. It
// holds until the next Reserve. It panics if they were not reserved.
func (m *Memory) View(size uint32) string {
	if size == 0 {
		return ""
	}
	in := m.in[:size]
	return unsafe.String(&in[0], len(in))
}

// Answer encodes a decision, valid until the next Answer. It is empty if the
// decision objects to nothing, changes nothing and says nothing.
func (m *Memory) Answer(d *abi.Decision) []byte {
	if d.Verdict == abi.Allow && d.Edits == 0 && d.Reason == "" && d.Message == "" {
		return nil
	}
	if m.out == nil {
		m.out = make([]byte, 0, firstRoom)
	}
	m.out = d.Append(m.out[:0])
	return m.out
}

// Text makes a plain sentence an answer, cut to abi.MaxText.
func (m *Memory) Text(s string) []byte {
	m.out = append(m.out[:0], Clip(s, abi.MaxText)...)
	return m.out
}

// Clip cuts s to at most size bytes, between two characters.
func Clip(s string, size int) string {
	if len(s) <= size {
		return s
	}
	for size > 0 && s[size]&0xc0 == 0x80 { // a byte in the middle of a character
		size--
	}
	return s[:size]
}
