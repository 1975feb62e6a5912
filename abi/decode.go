package abi

import "unicode/utf8"

// Decoding reads from a string, so that whoever has the bytes decides whether
// they are copied: the host copies a guest's answer once, a guest views its
// buffer in place. Every text of a decoded message is a part of that string.

// MalformedError says what is wrong with a message.
type MalformedError struct {
	// Message is "request", "response" or "decision".
	Message string
	// Field is the part that is wrong.
	Field string
	// Problem says how.
	Problem string
}

func (e *MalformedError) Error() string {
	return "malformed " + e.Message + ": " + e.Field + " " + e.Problem
}

// A reader walks the words of the fixed part; the first problem stays.
type reader struct {
	msg  string
	kind string
	word int // where the next word of the fixed part stands
	// room is how many bytes of parts the message can still hold. Without it,
	// a thousand headers could point at the same megabytes, and whoever writes
	// them out again would write gigabytes.
	room int
	err  error
}

func newReader(kind, msg string, fixed int) reader {
	r := reader{msg: msg, kind: kind}
	if len(msg) > MaxMessage {
		r.fail("size", "is over the limit")
		return r
	}
	if len(msg) < fixed {
		r.fail("size", "is smaller than the fixed part")
		return r
	}
	own := int(r.u32())
	if own < fixed || own > len(msg) || own%4 != 0 {
		r.fail("fixed part", "has an impossible size")
		return r
	}
	r.room = len(msg) - own
	return r
}

func (r *reader) fail(field, problem string) {
	if r.err == nil {
		r.err = &MalformedError{Message: r.kind, Field: field, Problem: problem}
	}
}

// u32 reads the next word. newReader made sure that all of them are there.
func (r *reader) u32() uint32 {
	if r.err != nil {
		return 0
	}
	v := r.at(r.word)
	r.word += 4
	return v
}

func (r *reader) at(i int) uint32 {
	b := r.msg[i : i+4]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

func (r *reader) u64() uint64 {
	low := r.u32()
	return uint64(low) | uint64(r.u32())<<32
}

func (r *reader) text(field string) string {
	off := r.u32()
	return r.slice(field, off, r.u32())
}

// unicode is a text that must be UTF-8.
func (r *reader) unicode(field string) string {
	s := r.text(field)
	if !utf8.ValidString(s) {
		r.fail(field, "is not UTF-8")
	}
	return s
}

func (r *reader) slice(field string, off, size uint32) string {
	if r.err != nil || size == 0 {
		return ""
	}
	end := uint64(off) + uint64(size)
	if end > uint64(len(r.msg)) {
		r.fail(field, "points outside the message")
		return ""
	}
	if !r.take(uint64(size)) {
		r.fail(field, "shares its bytes with another part")
		return ""
	}
	return r.msg[off:end]
}

// take counts the bytes of one part and says whether they fit.
func (r *reader) take(size uint64) bool {
	if size > uint64(r.room) {
		return false
	}
	r.room -= int(size)
	return true
}

func (r *reader) headers(into []Header) []Header {
	off, count := r.u32(), r.u32()
	into = into[:0]
	if r.err != nil || count == 0 {
		return into
	}
	if count > MaxHeaders {
		r.fail("headers", "are too many")
		return into
	}
	size := uint64(count) * headerEntry
	if uint64(off)+size > uint64(len(r.msg)) {
		r.fail("headers", "point outside the message")
		return into
	}
	if !r.take(size) {
		r.fail("headers", "share their bytes with another part")
		return into
	}
	for i := int(off); count > 0 && r.err == nil; count-- {
		into = append(into, Header{
			Name:  r.slice("header name", r.at(i), r.at(i+4)),
			Value: r.slice("header value", r.at(i+8), r.at(i+12)),
		})
		i += headerEntry
	}
	return into
}

func (r *reader) port() uint16 {
	v := r.u32()
	if v > 65535 {
		r.fail("port", "is over 65535")
	}
	return uint16(v)
}

func (r *reader) body() BodyForm {
	v := BodyForm(r.u32())
	if v > BodyStream {
		r.fail("body form", "is unknown")
	}
	return v
}

func (r *reader) stream() bool {
	v := r.u32()
	if v > 1 {
		r.fail("stream", "is neither 0 nor 1")
	}
	return v == 1
}

// Decode reads a request's message, reusing the room in q.Headers.
func (q *Request) Decode(msg string) error {
	r := newReader("request", msg, requestFixed)
	q.Stream = r.stream()
	q.Method = r.text("method")
	q.URL = r.text("url")
	q.Scheme = r.text("scheme")
	q.Host = r.text("host")
	q.Port = r.port()
	q.Path = r.text("path")
	q.Query = r.text("query")
	q.Hop = r.u32()
	q.From = r.text("from")
	q.Caller = r.text("caller")
	q.Headers = r.headers(q.Headers)
	q.Body = r.body()
	q.BodyLength = r.u64()
	return r.err
}

// Decode reads a response's message, reusing the room in p.Headers.
func (p *Response) Decode(msg string) error {
	r := newReader("response", msg, responseFixed)
	p.Stream = r.stream()
	p.Status = r.u32()
	p.Headers = r.headers(p.Headers)
	p.Body = r.body()
	p.BodyLength = r.u64()
	p.Method = r.text("method")
	p.URL = r.text("url")
	p.Scheme = r.text("scheme")
	p.Host = r.text("host")
	p.Port = r.port()
	p.Path = r.text("path")
	p.Query = r.text("query")
	p.Hop = r.u32()
	p.Caller = r.text("caller")
	return r.err
}

// Decode reads a decision's message, reusing the room in d.Headers. It checks
// the form of the answer: known verdict and edits, a reason where one is due,
// UTF-8 where the field ends up in JSON or in a URL. Whether the edited parts
// make sense is for the host to judge.
func (d *Decision) Decode(msg string) error {
	r := newReader("decision", msg, decisionFixed)
	d.Verdict = Verdict(r.u32())
	d.Reason = r.text("reason")
	d.Message = r.unicode("message")
	d.Edits = Edits(r.u32())
	d.Method = r.unicode("method")
	d.URL = r.unicode("url")
	d.Headers = r.headers(d.Headers)
	d.Body = r.body()
	d.BodyBytes = r.text("body")
	d.check(&r)
	return r.err
}

func (d *Decision) check(r *reader) {
	switch {
	case d.Verdict > Invalid:
		r.fail("verdict", "is unknown")
	case d.Verdict != Allow && d.Reason == "":
		r.fail("reason", "is missing")
	case !validReason(d.Reason):
		r.fail("reason", "is not lower case letters, digits and underscores, 64 at most")
	case len(d.Message) > MaxText:
		r.fail("message", "is over the limit")
	case d.Edits&^editsKnown != 0:
		r.fail("edits", "are unknown")
	case d.Edits&EditBody != 0 && d.Body == BodyStream:
		r.fail("body form", "cannot be a stream")
	}
}

func validReason(s string) bool {
	if len(s) > MaxReason {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
