package wire

// Walking objects and arrays, and the refusal of duplicate keys.

// fewMembers is up to how many keys are compared one by one.
const fewMembers = 16

// object is the walk over one object: enter, then next until it is false. The
// caller reads or skips one value after each next. It lives on the caller's
// stack; only objects of many members or with escaped keys allocate.
type object struct {
	// key is the unescaped name of the current member.
	key   []byte
	count int
	few   [fewMembers][]byte
	many  map[string]struct{}
}

// enter goes into the object or array whose first byte the caller has seen.
func (s *scanner) enter() {
	if s.depth++; s.depth > MaxDepth {
		s.failAt(s.pos+1, "recursion limit exceeded")
		return
	}
	s.pos++
}

// next reads the name of the next member; it is false at the end of the object
// and after a fault.
func (s *scanner) next(o *object) bool {
	c := s.peek()
	if c == '}' {
		s.pos++
		s.depth--
		return false
	}
	within := "an object"
	if o.count > 0 {
		if c != ',' {
			s.unexpected(within, "expected `,` or `}`")
			return false
		}
		s.pos++
		if c = s.peek(); c == '}' {
			s.failAt(s.pos+1, "trailing comma")
			return false
		}
		within = "a value"
	}
	if c != '"' {
		s.unexpected(within, "key must be a string")
		return false
	}
	raw, escaped := s.quoted()
	if escaped {
		raw = unescape(nil, raw)
	}
	o.key = raw
	if s.err == nil && !o.add(raw) {
		s.failAt(s.pos, "duplicate JSON object key `"+shown(raw)+"`")
		return false
	}
	if o.count > MaxMembers {
		s.failAt(s.pos, "more than "+itoa(MaxMembers)+" members in one object")
		return false
	}
	if s.peek() != ':' {
		s.unexpected("an object", "expected `:`")
		return false
	}
	s.pos++
	return true
}

// add is false if the object had the key before.
func (o *object) add(key []byte) bool {
	n := o.count
	o.count++
	if n < fewMembers {
		for _, old := range o.few[:n] {
			if string(old) == string(key) {
				return false
			}
		}
		o.few[n] = key
		return true
	}
	if o.many == nil {
		o.many = make(map[string]struct{}, 4*fewMembers)
		for _, old := range o.few {
			o.many[string(old)] = struct{}{}
		}
	}
	o.many[string(key)] = struct{}{}
	return len(o.many) == o.count
}

// array is the walk over one array: enter, then nextItem until it is false.
type array struct{ count int }

// nextItem goes to the next item; it is false at the end of the array and after
// a fault.
func (s *scanner) nextItem(a *array) bool {
	c := s.peek()
	if c == ']' {
		s.pos++
		s.depth--
		return false
	}
	if s.pos >= len(s.buf) {
		s.unexpected("a list", "")
		return false
	}
	if a.count > 0 {
		if c != ',' {
			s.unexpected("a list", "expected `,` or `]`")
			return false
		}
		s.pos++
		if s.peek() == ']' {
			s.failAt(s.pos+1, "trailing comma")
			return false
		}
	}
	a.count++
	return s.err == nil
}
