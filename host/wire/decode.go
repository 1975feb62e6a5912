package wire

// Decoding envelopes.

// Decode reads one message. Its error is a *ParseError. Params and Result alias
// frame; they are nil if absent and hold "null" if null.
func Decode(frame []byte) (Message, error) {
	s := scanner{buf: frame}
	// What kind a message is can depend on its last member, so that nothing is
	// looked into before all of them are known.
	var id, method, params, result, fault, trace []byte
	if c := s.peek(); c == '{' {
		var o object
		for s.enter(); s.next(&o); {
			switch string(o.key) {
			case "id":
				id = s.raw()
			case "method":
				method = s.raw()
			case "params":
				params = s.raw()
			case "result":
				result = s.raw()
			case "error":
				fault = s.raw()
			case "trace":
				trace = s.raw()
			default:
				s.skip()
			}
		}
	} else if s.skip(); s.err == nil {
		s.end()
		s.failShape("expected a JSON-RPC object")
	}
	s.end()
	if s.err != nil {
		return Message{}, s.err
	}

	var m Message
	switch {
	case method != nil:
		m.Kind, m.Params = KindNotification, params
		s.restart(method)
		m.Method = s.method()
		if id != nil {
			m.Kind = KindRequest
			m.Trace = s.trace(trace)
			m.ID = s.id(id)
		}
	case result != nil:
		m.Kind, m.Result = KindResult, result
		m.ID = s.id(id)
	case fault != nil:
		m.Kind, m.Error = KindError, s.fault(fault)
		m.ID = s.id(id)
	default:
		// The reference says that the error is missing, which misleads.
		s.failShape("missing field `method`, `result` or `error`")
	}
	if s.err != nil {
		return Message{}, s.err
	}
	return m, nil
}

// restart turns to another text, which is well-formed JSON.
func (s *scanner) restart(raw []byte) {
	if s.err == nil {
		s.buf, s.pos = raw, 0
	}
}

// method reads the name of a method. Those of the protocol are not allocated.
func (s *scanner) method() string {
	raw := s.buf[s.pos:]
	for _, known := range [...]string{MethodHTTPRequest, MethodBodyDelta} {
		if len(raw) == len(known)+2 && string(raw[1:len(raw)-1]) == known {
			return known
		}
	}
	return s.text()
}

// id reads an id; raw is nil if there is none.
func (s *scanner) id(raw []byte) ID {
	if raw == nil {
		s.missing("id")
		return ID{}
	}
	if raw[0] == '"' {
		s.restart(raw)
		return TextID(s.text())
	}
	n, ok := parseInteger(raw)
	if !ok {
		// The reference names its own types here.
		s.failShape("invalid id, expected a string or a 64-bit integer")
	}
	return NumberID(n)
}

// trace reads a trace context; raw is nil if there is none.
func (s *scanner) trace(raw []byte) Trace {
	var t Trace
	if raw == nil || string(raw) == "null" {
		return t
	}
	s.restart(raw)
	var o object
	for s.enterObject("struct W3cTraceContext"); s.next(&o); {
		switch string(o.key) {
		case "traceparent":
			t.Parent = s.textOrNull()
		case "tracestate":
			t.State = s.textOrNull()
		default:
			s.skip()
		}
	}
	return t
}

// fault reads an error.
func (s *scanner) fault(raw []byte) *Error {
	s.restart(raw)
	var e Error
	var hasCode, hasMessage bool
	var data []byte
	var o object
	for s.enterObject("struct JSONRPCErrorError"); s.next(&o); {
		switch string(o.key) {
		case "code":
			e.Code, hasCode = Code(s.integer()), true
		case "message":
			e.Message, hasMessage = s.text(), true
		case "data":
			data = s.raw()
		default:
			s.skip()
		}
	}
	switch {
	case !hasCode:
		s.missing("code")
	case !hasMessage:
		s.missing("message")
	}
	s.errorData(data, &e)
	return &e
}

// errorData takes what Error has room for from an error's data, which other
// executors may fill as they like.
func (s *scanner) errorData(raw []byte, e *Error) {
	if len(raw) == 0 || raw[0] != '{' {
		return
	}
	s.restart(raw)
	var o object
	for s.enterObject("data"); s.next(&o); {
		switch name, first := string(o.key), s.peek(); {
		case name == "reason" && first == '"':
			e.Reason = s.text()
		case name == "policy" && first == '"':
			e.Policy = s.text()
		case name == "retryAfterMs" && s.digit():
			e.RetryAfterMs = s.count()
		default:
			s.skip()
		}
	}
}
