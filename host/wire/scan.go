package wire

// The strict JSON scanner: values are passed over or described, never built.

import (
	"bytes"
	"strings"
)

// ParseError says what is wrong with a message, and where if the fault is in
// its JSON. Line and Column count from 1; Line is 0 for well-formed JSON of the
// wrong shape.
type ParseError struct {
	Text   string
	Line   int
	Column int
}

func (e *ParseError) Error() string {
	if e.Line == 0 {
		return e.Text
	}
	return e.Text + " at line " + itoa(e.Line) + " column " + itoa(e.Column)
}

// scanner reads one JSON text. The first fault sticks: it moves the scanner to
// the end of its input, where every read does nothing, so that callers check
// once, when they are done.
type scanner struct {
	buf   []byte
	pos   int
	depth int
	err   *ParseError
}

// failAt notes a fault in the JSON found after reading n bytes.
func (s *scanner) failAt(n int, text string) {
	if s.err != nil {
		return
	}
	n = min(n, len(s.buf))
	read := s.buf[:n]
	s.fail(&ParseError{
		Text:   text,
		Line:   1 + bytes.Count(read, []byte{'\n'}),
		Column: n - 1 - bytes.LastIndexByte(read, '\n'),
	})
}

// failShape notes that well-formed JSON is not what was expected.
func (s *scanner) failShape(text string) { s.fail(&ParseError{Text: text}) }

func (s *scanner) fail(err *ParseError) {
	if s.err == nil {
		s.err = err
	}
	s.pos = len(s.buf)
}

// unexpected notes a fault at the next byte, or that there is none.
func (s *scanner) unexpected(within, text string) {
	if s.pos >= len(s.buf) {
		text = "EOF while parsing " + within
	}
	s.failAt(s.pos+1, text)
}

// peek gives the next byte that is not white space; 0 at the end.
func (s *scanner) peek() byte {
	for ; s.pos < len(s.buf); s.pos++ {
		switch c := s.buf[s.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// end checks that nothing but white space is left.
func (s *scanner) end() {
	if s.peek(); s.pos < len(s.buf) {
		s.failAt(s.pos+1, "trailing characters")
	}
}

// raw passes over a value and gives its bytes, which alias the input.
func (s *scanner) raw() []byte {
	s.peek()
	start := s.pos
	s.skip()
	return s.buf[start:s.pos:s.pos]
}

// skip passes over a value of any type.
func (s *scanner) skip() {
	switch c := s.peek(); c {
	case '{':
		s.skipObject()
	case '[':
		var a array
		for s.enter(); s.nextItem(&a); {
			s.skip()
		}
	case '"':
		s.quoted()
	case 't':
		s.literal("true")
	case 'f':
		s.literal("false")
	case 'n':
		s.literal("null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		s.number()
	default:
		s.unexpected("a value", "expected value")
	}
}

// skipObject is apart from skip to keep its walk out of every stack frame of
// nested arrays.
func (s *scanner) skipObject() {
	var o object
	for s.enter(); s.next(&o); {
		s.skip()
	}
}

// literal passes over a word whose first byte is known to match.
func (s *scanner) literal(word string) {
	for i := range len(word) {
		if s.pos >= len(s.buf) || s.buf[s.pos] != word[i] {
			s.unexpected("a value", "expected ident")
			return
		}
		s.pos++
	}
}

// number passes over a number and gives its bytes.
func (s *scanner) number() []byte {
	start := s.pos
	if s.at('-') {
		s.pos++
	}
	if s.at('0') {
		s.pos++
		if s.digit() {
			s.failAt(s.pos+1, "invalid number")
			return nil
		}
	} else {
		s.digits()
	}
	if s.at('.') {
		s.pos++
		s.digits()
	}
	if s.at('e') || s.at('E') {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		s.digits()
	}
	return s.buf[start:s.pos]
}

// digits passes over one digit or more.
func (s *scanner) digits() {
	if !s.digit() {
		s.unexpected("a value", "invalid number")
		return
	}
	for s.digit() {
		s.pos++
	}
}

func (s *scanner) at(c byte) bool { return s.pos < len(s.buf) && s.buf[s.pos] == c }

func (s *scanner) digit() bool {
	return s.pos < len(s.buf) && s.buf[s.pos]-'0' <= 9
}

// shown cuts a piece of the input so that it can stand in an error text.
func shown(b []byte) string {
	const most = 64
	if len(b) <= most {
		return string(b)
	}
	return strings.ToValidUTF8(string(b[:most]), "") + "…"
}
