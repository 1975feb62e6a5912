package main

import "github.com/sluice-run/sluice/abi"

// onRequest decides on one hop of a request.
func (p *policy) onRequest(q *abi.Request, d *abi.Decision) {
	if !wellFormed(q, d) {
		return
	}
	t := target{method: q.Method, scheme: q.Scheme, host: q.Host, port: q.Port, path: q.Path, caller: q.Caller}
	if !p.judge(&t, d) {
		return
	}
	headers := headerList{entries: q.Headers}
	if !headers.edit(p.requestHeaders, &t, &p.paths, d) {
		return
	}
	q.Headers = headers.entries
	if headers.changed {
		d.Edits |= abi.EditHeaders
		d.Headers = append(d.Headers, headers.entries...)
	}
	// An empty body goes out as none, without Content-Length: that is what the
	// protocol's callers are used to.
	if q.Body == abi.BodyBytes && q.BodyLength == 0 {
		d.Edits |= abi.EditBody
		d.Body = abi.BodyNone
	}
}

// wellFormed makes sure that the request can stand in an HTTP message and is
// one that an executor makes. Callers match on these messages, so they are
// fixed, and the checks stand in the order in which callers expect them.
func wellFormed(q *abi.Request, d *abi.Decision) bool {
	const badMethod = "http/request method is invalid: "
	if !isToken(q.Method) {
		return invalid(d, reasonMethodInvalid, badMethod+"invalid HTTP method")
	}
	// CONNECT asks for a tunnel to a host and port, not for a URL: such a
	// request has no meaning here, whatever the rules say (RFC 9110, 9.3.6).
	if sameFold(q.Method, "CONNECT") {
		return invalid(d, reasonMethodInvalid, badMethod+"CONNECT is not supported")
	}
	if q.Scheme != "http" && q.Scheme != "https" {
		return invalid(d, reasonSchemeUnsupported,
			"http/request only supports http and https URLs, got "+shown(q.Scheme))
	}
	for i := range q.Headers {
		if !isToken(q.Headers[i].Name) {
			return invalid(d, reasonHeaderNameInvalid,
				"http/request header name is invalid: invalid HTTP header name")
		}
		if !isFieldValue(q.Headers[i].Value) {
			return invalid(d, reasonHeaderValueInvalid,
				"http/request header value is invalid for "+shown(q.Headers[i].Name)+": failed to parse header value")
		}
	}
	return true
}
