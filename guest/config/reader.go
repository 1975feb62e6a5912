package config

import (
	"strconv"
	"unicode/utf8"
)

// MaxDepth is how deep objects and arrays may nest.
const MaxDepth = 32

// Kind is the kind of a value.
type Kind uint8

// The kinds of value. Nothing is no value at all: the text is malformed there.
const (
	Nothing Kind = iota
	Object
	Array
	String
	Number
	Bool
	Null
)

func (k Kind) String() string {
	return [...]string{"nothing", "an object", "a list", "a string", "a number", "true or false", "null"}[k]
}

// Reader walks one JSON text. Each method reads one value and answers an error
// if it is of another kind; after an error the reader is of no more use.
type Reader struct {
	text  string
	pos   int
	depth int
	path  []step // leads to the value that is read now
	read  bool   // whether the current member or item has been read
}

// step is one part of a path: a member's key, or an item's index if index is
// not negative.
type step struct {
	key   string
	index int
}

// New makes a reader of a text. Strings that it hands out may be parts of it.
func New(text string) *Reader {
	return &Reader{text: text}
}

// Kind says what comes next, without reading it.
func (r *Reader) Kind() Kind {
	switch c := r.peek(); {
	case c == '{':
		return Object
	case c == '[':
		return Array
	case c == '"':
		return String
	case c == '-' || c >= '0' && c <= '9':
		return Number
	case c == 't' || c == 'f':
		return Bool
	case c == 'n':
		return Null
	}
	return Nothing
}

// peek skips white space and gives the next byte, 0 at the end.
func (r *Reader) peek() byte {
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; c {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

// accept skips white space and then c, if it is c that comes.
func (r *Reader) accept(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.pos++
	return true
}

// End makes sure that nothing follows the value.
func (r *Reader) End() error {
	if r.peek(); r.pos < len(r.text) {
		return r.malformed()
	}
	return nil
}

// Object reads an object and calls member for each of its members, which must
// read exactly the member's value or answer an error.
func (r *Reader) Object(member func(key string) error) error {
	if err := r.enter('{', "an object"); err != nil {
		return err
	}
	seen := make(map[string]struct{})
	for !r.accept('}') {
		if len(seen) > 0 && !r.accept(',') {
			return r.malformed()
		}
		if r.peek() != '"' {
			return r.malformed()
		}
		key, err := r.quoted()
		if err != nil {
			return err
		}
		at := step{key: key, index: -1}
		if _, twice := seen[key]; twice {
			r.path = append(r.path, at)
			return r.Problem("stands here twice")
		}
		seen[key] = struct{}{}
		if !r.accept(':') {
			return r.malformed()
		}
		if err := r.inside(at, func() error { return member(key) }); err != nil {
			return err
		}
	}
	return r.leave()
}

// Array reads an array and calls item for each of its items, which must read
// exactly the item's value or answer an error.
func (r *Reader) Array(item func(index int) error) error {
	if err := r.enter('[', "a list"); err != nil {
		return err
	}
	for n := 0; !r.accept(']'); n++ {
		if n > 0 && !r.accept(',') {
			return r.malformed()
		}
		if err := r.inside(step{index: n}, func() error { return item(n) }); err != nil {
			return err
		}
	}
	return r.leave()
}

func (r *Reader) enter(open byte, what string) error {
	if !r.accept(open) {
		return r.want(what)
	}
	if r.depth++; r.depth > MaxDepth {
		return r.Problem("is nested too deeply")
	}
	return nil
}

func (r *Reader) leave() error {
	r.depth--
	r.read = true
	return nil
}

// inside runs f, which reads one value, with one more step in the path.
func (r *Reader) inside(at step, f func() error) error {
	r.path = append(r.path, at)
	r.read = false
	if err := f(); err != nil {
		return err
	}
	if !r.read {
		panic("config: nobody read " + r.where())
	}
	r.path = r.path[:len(r.path)-1]
	return nil
}

// String reads a string.
func (r *Reader) String() (string, error) {
	if r.peek() != '"' {
		return "", r.want("a string")
	}
	return r.quoted()
}

// Strings reads a list of strings.
func (r *Reader) Strings() ([]string, error) {
	list := []string{}
	err := r.Array(func(int) error {
		s, err := r.String()
		list = append(list, s)
		return err
	})
	return list, err
}

// Bool reads true or false.
func (r *Reader) Bool() (bool, error) {
	switch {
	case r.literal("true"):
		return true, nil
	case r.literal("false"):
		return false, nil
	case r.Kind() == Bool:
		return false, r.malformed()
	}
	return false, r.want("true or false")
}

// Uint reads a whole number from 0 to limit.
func (r *Reader) Uint(limit uint64) (uint64, error) {
	what := "a whole number from 0 to " + strconv.FormatUint(limit, 10)
	if r.Kind() != Number {
		return 0, r.want(what)
	}
	text, err := r.number()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > limit {
		return 0, r.Problem("want " + what)
	}
	return n, nil
}

// Raw reads any value and gives its text.
func (r *Reader) Raw() (string, error) {
	kind := r.Kind() // skips the space before the value
	from := r.pos
	var err error
	switch kind {
	case Object:
		err = r.Object(func(string) error { _, err := r.Raw(); return err })
	case Array:
		err = r.Array(func(int) error { _, err := r.Raw(); return err })
	case String:
		_, err = r.quoted()
	case Number:
		_, err = r.number()
	case Bool:
		_, err = r.Bool()
	default:
		if !r.literal("null") {
			err = r.malformed()
		}
	}
	return r.text[from:r.pos], err
}

func (r *Reader) literal(word string) bool {
	r.peek()
	if len(r.text)-r.pos < len(word) || r.text[r.pos:r.pos+len(word)] != word {
		return false
	}
	r.pos += len(word)
	r.read = true
	return true
}

// number reads -?int[.frac][e[+-]exp] and gives its text.
func (r *Reader) number() (string, error) {
	from := r.pos
	r.skip('-')
	if !r.skip('0') && !r.digits() {
		return "", r.malformed()
	}
	if r.skip('.') && !r.digits() {
		return "", r.malformed()
	}
	if r.skip('e') || r.skip('E') {
		_ = r.skip('+') || r.skip('-')
		if !r.digits() {
			return "", r.malformed()
		}
	}
	r.read = true
	return r.text[from:r.pos], nil
}

func (r *Reader) skip(c byte) bool {
	if r.pos >= len(r.text) || r.text[r.pos] != c {
		return false
	}
	r.pos++
	return true
}

func (r *Reader) digits() bool {
	from := r.pos
	for r.pos < len(r.text) && r.text[r.pos] >= '0' && r.text[r.pos] <= '9' {
		r.pos++
	}
	return r.pos > from
}

// quoted reads a string whose opening quote comes next.
func (r *Reader) quoted() (string, error) {
	r.pos++
	from := r.pos
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; {
		case c == '"':
			s := r.text[from:r.pos]
			r.pos++
			r.read = true
			if !utf8.ValidString(s) {
				return "", r.Problem("is not UTF-8")
			}
			return s, nil
		case c == '\\':
			return r.escaped(r.text[from:r.pos])
		case c < ' ':
			return "", r.malformed()
		}
		r.pos++
	}
	return "", r.malformed()
}
