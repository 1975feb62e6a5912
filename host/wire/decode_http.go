package wire

// Decoding http/request, its result and its body deltas.

import "math"

// DecodeHTTPRequest reads the params of http/request. Its error is an *Error
// with CodeInvalidParams. It checks form, not sense: whether the method is a
// token and the URL one that can be dialled is not its business.
func DecodeHTTPRequest(params []byte) (HTTPRequest, error) {
	s := paramsScanner(params)
	var r HTTPRequest
	var hasMethod, hasURL, hasRequestID bool
	var o object
	for s.enterObject("struct HttpRequestParams"); s.next(&o); {
		switch string(o.key) {
		case "method":
			r.Method, hasMethod = s.text(), true
		case "url":
			r.URL, hasURL = s.text(), true
		case "headers":
			r.Headers = s.headers()
		case "bodyBase64":
			if !s.null() {
				r.Body = s.base64(MaxMessage)
			}
		case "timeoutMs":
			if !s.null() {
				ms := s.unsigned("u64", math.MaxUint64)
				r.TimeoutMs = &ms
			}
		case "redirectPolicy":
			r.Redirect = s.redirect()
		case "requestId":
			r.RequestID, hasRequestID = s.text(), true
		case "streamResponse":
			r.Stream = s.boolean()
		default:
			s.skip()
		}
	}
	switch {
	case !hasMethod:
		s.missing("method")
	case !hasURL:
		s.missing("url")
	case !hasRequestID:
		s.missing("requestId")
	}
	s.end()
	if s.err != nil {
		return HTTPRequest{}, s.invalidParams()
	}
	return r, nil
}

// DecodeHTTPResponse reads the result of http/request. Its error is a
// *ParseError.
func DecodeHTTPResponse(result []byte) (HTTPResponse, error) {
	s := paramsScanner(result)
	var r HTTPResponse
	var hasStatus, hasHeaders, hasBody bool
	var o object
	for s.enterObject("struct HttpRequestResponse"); s.next(&o); {
		switch string(o.key) {
		case "status":
			r.Status, hasStatus = int(s.unsigned("u16", math.MaxUint16)), true
		case "headers":
			r.Headers, hasHeaders = s.headers(), true
		case "bodyBase64":
			r.Body, hasBody = s.base64(MaxResult), true
		default:
			s.skip()
		}
	}
	switch {
	case !hasStatus:
		s.missing("status")
	case !hasHeaders:
		s.missing("headers")
	case !hasBody:
		s.missing("bodyBase64")
	}
	s.end()
	if s.err != nil {
		return HTTPResponse{}, s.err
	}
	return r, nil
}

// DecodeBodyDelta reads the params of http/request/bodyDelta. Its error is a
// *ParseError.
func DecodeBodyDelta(params []byte) (BodyDelta, error) {
	s := paramsScanner(params)
	var d BodyDelta
	var hasRequestID, hasSeq, hasDelta bool
	var o object
	for s.enterObject("struct HttpRequestBodyDeltaNotification"); s.next(&o); {
		switch string(o.key) {
		case "requestId":
			d.RequestID, hasRequestID = s.text(), true
		case "seq":
			d.Seq, hasSeq = s.unsigned("u64", math.MaxUint64), true
		case "deltaBase64":
			d.Delta, hasDelta = s.base64(MaxDelta), true
		case "done":
			d.Done = s.boolean()
		case "error":
			d.Error = s.streamError()
		default:
			s.skip()
		}
	}
	switch {
	case !hasRequestID:
		s.missing("requestId")
	case !hasSeq:
		s.missing("seq")
	case !hasDelta:
		s.missing("deltaBase64")
	}
	s.end()
	if s.err != nil {
		return BodyDelta{}, s.err
	}
	return d, nil
}

// streamError reads the error of a delta. An empty one is an error still.
func (s *scanner) streamError() string {
	if s.null() {
		return ""
	}
	if text := s.text(); text != "" {
		return text
	}
	return "unnamed error"
}

// redirect reads a redirect policy.
func (s *scanner) redirect() Redirect {
	if s.peek() != '"' {
		s.wrongType("string or map")
		return 0
	}
	raw, escaped := s.quoted()
	if escaped {
		raw = unescape(nil, raw)
	}
	switch string(raw) {
	case "follow":
		return RedirectFollow
	case "stop":
		return RedirectStop
	}
	s.failShape("unknown variant `" + shown(raw) + "`, expected `follow` or `stop`")
	return 0
}

// headers reads a list of headers.
func (s *scanner) headers() []Header {
	if s.peek() != '[' {
		s.wrongType("a sequence")
		return nil
	}
	list := make([]Header, 0, 8)
	var a array
	for s.enter(); s.nextItem(&a); {
		if len(list) == MaxHeaders {
			s.failShape("too many headers: " + itoa(MaxHeaders) + " are allowed")
			return nil
		}
		list = append(list, s.header())
	}
	return list
}

// envVar reads the name of an environment variable, or null. An empty name is
// refused here, since in a Header it stands for none.
func (s *scanner) envVar() string {
	if s.null() {
		return ""
	}
	name := s.text()
	if name == "" {
		s.failShape("invalid value: empty string, expected the name of an environment variable")
	}
	return name
}

func (s *scanner) header() Header {
	var h Header
	var hasName, hasValue bool
	var o object
	for s.enterObject("struct HttpHeader"); s.next(&o); {
		switch string(o.key) {
		case "name":
			h.Name, hasName = s.text(), true
		case "value":
			h.Value, hasValue = s.text(), true
		case "valueEnvVar":
			h.ValueEnvVar = s.envVar()
		default:
			s.skip()
		}
	}
	switch {
	case !hasName:
		s.missing("name")
	case !hasValue:
		s.missing("value")
	}
	return h
}
