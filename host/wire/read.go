package wire

// Reading values of the type that a member must have.

import (
	"math"
	"strconv"
)

// paramsScanner reads params, where absent means null.
func paramsScanner(params []byte) scanner {
	if len(params) == 0 {
		params = []byte("null")
	}
	return scanner{buf: params}
}

// wrongType says what stands there instead of what was expected. The value of a
// string is not repeated: it may be a secret.
func (s *scanner) wrongType(expected string) {
	var found string
	switch s.peek() {
	case '{':
		found = "map"
	case '[':
		found = "sequence"
	case '"':
		found = "string"
	case 't':
		found = "boolean `true`"
	case 'f':
		found = "boolean `false`"
	case 'n':
		found = "null"
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		found = "number"
	}
	if s.skip(); s.err == nil {
		s.failShape("invalid type: " + found + ", expected " + expected)
	}
}

// invalidParams is the fault as the answer to a request.
func (s *scanner) invalidParams() *Error {
	return &Error{Code: CodeInvalidParams, Message: s.err.Error()}
}

// missing notes that a required member is not there.
func (s *scanner) missing(name string) { s.failShape("missing field `" + name + "`") }

// enterObject goes into an object. The reference takes a list of the members'
// values too; this does not.
func (s *scanner) enterObject(expected string) {
	if s.peek() != '{' {
		s.wrongType(expected)
		return
	}
	s.enter()
}

// null passes over a null; it is false if there is something else.
func (s *scanner) null() bool {
	if s.peek() != 'n' {
		return false
	}
	s.literal("null")
	return s.err == nil
}

// text reads a string.
func (s *scanner) text() string {
	if s.peek() != '"' {
		s.wrongType("a string")
		return ""
	}
	raw, escaped := s.quoted()
	if !escaped {
		return string(raw)
	}
	var room [128]byte
	return string(unescape(room[:0], raw))
}

// textOrNull reads a string; null is the empty one.
func (s *scanner) textOrNull() string {
	if s.null() {
		return ""
	}
	return s.text()
}

// boolean reads true or false.
func (s *scanner) boolean() bool {
	switch s.peek() {
	case 't':
		s.literal("true")
		return true
	case 'f':
		s.literal("false")
	default:
		s.wrongType("a boolean")
	}
	return false
}

// unsigned reads an integer from 0 to most. Fractions and exponents are refused
// even where they amount to an integer.
func (s *scanner) unsigned(expected string, most uint64) uint64 {
	if c := s.peek(); c != '-' && !s.digit() {
		s.wrongType(expected)
		return 0
	}
	raw := s.number()
	if s.err != nil || string(raw) == "-0" {
		return 0
	}
	n, ok := parseUnsigned(raw)
	if !ok || n > most {
		s.failShape("invalid number")
		return 0
	}
	return n
}

// integer reads a 64-bit integer.
func (s *scanner) integer() int64 {
	if c := s.peek(); c != '-' && !s.digit() {
		s.wrongType("i64")
		return 0
	}
	raw := s.number()
	if s.err != nil {
		return 0
	}
	n, ok := parseInteger(raw)
	if !ok {
		s.failShape("invalid number")
	}
	return n
}

func parseInteger(raw []byte) (int64, bool) {
	if len(raw) > 0 && raw[0] == '-' {
		n, ok := parseUnsigned(raw[1:])
		return -int64(n), ok && n <= -math.MinInt64
	}
	n, ok := parseUnsigned(raw)
	return int64(n), ok && n <= math.MaxInt64
}

func parseUnsigned(raw []byte) (uint64, bool) {
	var n uint64
	for _, c := range raw {
		d := uint64(c - '0')
		if d > 9 || n > math.MaxUint64/10 || n*10 > math.MaxUint64-d {
			return 0, false
		}
		n = n*10 + d
	}
	return n, len(raw) > 0
}

func itoa(n int) string { return strconv.Itoa(n) }

// count reads a number; one that is no unsigned integer is 0.
func (s *scanner) count() uint64 {
	n, err := strconv.ParseUint(string(s.number()), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
