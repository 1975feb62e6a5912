package abi

import (
	"encoding/binary"
	"slices"
)

// Every message starts with a fixed part of little-endian 32-bit words. A text
// is two words, offset and length; a header list is two words, offset and
// count, of entries that are two texts each. Offsets count from the start of
// the message. Word 0 is the size of the fixed part in bytes, so that a later
// version can append words: a reader ignores words that it does not know.
//
// Encoding checks no limit: the reader does, and it is the one that must not
// trust. A message over MaxMessage is refused there.

// Sizes of the fixed parts in bytes.
const (
	requestFixed  = 25 * 4
	responseFixed = 24 * 4
	decisionFixed = 16 * 4
	headerEntry   = 4 * 4
)

// A writer fills the fixed part word by word while texts go to the end.
type writer struct {
	buf  []byte
	base int // where the message starts in buf
	word int // next word of the part being filled
}

func newWriter(dst []byte, fixed int) writer {
	w := writer{buf: dst, base: len(dst), word: len(dst)}
	w.zeros(fixed)
	w.u32(uint32(fixed))
	return w
}

// zeros makes room for n bytes at the end.
func (w *writer) zeros(n int) {
	end := len(w.buf) + n
	w.buf = slices.Grow(w.buf, n)[:end]
	clear(w.buf[end-n:])
}

func (w *writer) u32(v uint32) {
	binary.LittleEndian.PutUint32(w.buf[w.word:], v)
	w.word += 4
}

func (w *writer) u64(v uint64) {
	w.u32(uint32(v))
	w.u32(uint32(v >> 32))
}

func (w *writer) text(s string) {
	w.u32(uint32(len(w.buf) - w.base))
	w.u32(uint32(len(s)))
	w.buf = append(w.buf, s...)
}

func (w *writer) headers(list []Header) {
	// Entries are words: align them, so that a guest may read them in place.
	w.zeros(-(len(w.buf) - w.base) & 3)
	at := len(w.buf)
	w.u32(uint32(at - w.base))
	w.u32(uint32(len(list)))
	w.zeros(len(list) * headerEntry)
	fixed := w.word
	w.word = at
	for i := range list {
		w.text(list[i].Name)
		w.text(list[i].Value)
	}
	w.word = fixed
}

// Append appends the request's message to dst.
func (r *Request) Append(dst []byte) []byte {
	w := newWriter(dst, requestFixed)
	w.u32(streamFlag(r.Stream))
	w.text(r.Method)
	w.text(r.URL)
	w.text(r.Scheme)
	w.text(r.Host)
	w.u32(uint32(r.Port))
	w.text(r.Path)
	w.text(r.Query)
	w.u32(r.Hop)
	w.text(r.From)
	w.text(r.Caller)
	w.headers(r.Headers)
	w.u32(uint32(r.Body))
	w.u64(r.BodyLength)
	return w.buf
}

// Append appends the response's message to dst.
func (r *Response) Append(dst []byte) []byte {
	w := newWriter(dst, responseFixed)
	w.u32(streamFlag(r.Stream))
	w.u32(r.Status)
	w.headers(r.Headers)
	w.u32(uint32(r.Body))
	w.u64(r.BodyLength)
	w.text(r.Method)
	w.text(r.URL)
	w.text(r.Scheme)
	w.text(r.Host)
	w.u32(uint32(r.Port))
	w.text(r.Path)
	w.text(r.Query)
	w.u32(r.Hop)
	w.text(r.Caller)
	return w.buf
}

// Append appends the decision's message to dst.
func (d *Decision) Append(dst []byte) []byte {
	w := newWriter(dst, decisionFixed)
	w.u32(uint32(d.Verdict))
	w.text(d.Reason)
	w.text(d.Message)
	w.u32(uint32(d.Edits))
	w.text(d.Method)
	w.text(d.URL)
	w.headers(d.Headers)
	w.u32(uint32(d.Body))
	w.text(d.BodyBytes)
	return w.buf
}

func streamFlag(stream bool) uint32 {
	if stream {
		return 1
	}
	return 0
}
