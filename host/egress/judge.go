package egress

// Asking the policy, and not believing its answer before it is checked.

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/sluice-run/sluice/abi"
)

// judgeRequest asks about the hop and gives what may go out.
func (x *exchange) judgeRequest() (sent, *Error) {
	h := &x.hop
	t := &h.target
	form, length := bodyForm(h.body)
	x.request = abi.Request{
		Method: h.method, URL: t.url, Scheme: t.scheme, Host: t.host, Port: t.port,
		Path: t.path, Query: t.query, Hop: uint32(h.number), From: h.from,
		Caller: x.req.Caller, Headers: h.headers, Body: form, BodyLength: length,
		Stream: x.req.Stream,
	}
	x.decision = abi.Decision{}
	if err := x.policy.OnRequest(x.ctx, &x.request, &x.decision); err != nil {
		return sent{}, x.policyFailure(err)
	}
	if err := verdict(&x.decision); err != nil {
		return sent{}, err
	}
	return x.edited()
}

// edited applies the decision's edits and holds the result to the same rules as
// a caller's request.
func (x *exchange) edited() (sent, *Error) {
	h, d := &x.hop, &x.decision
	out := sent{method: h.method, target: h.target, body: h.body}
	headers := h.headers
	if d.Edits&abi.EditMethod != 0 {
		out.method = d.Method
		if checkMethod(d.Method) != nil {
			return sent{}, malformedEdit("method")
		}
	}
	if d.Edits&abi.EditURL != 0 {
		t, err := readURL(d.URL)
		if err != nil || !t.isHTTP() {
			return sent{}, malformedEdit("URL")
		}
		out.target = t
	}
	if d.Edits&abi.EditHeaders != 0 {
		headers = d.Headers
	}
	if d.Edits&abi.EditBody != 0 {
		out.body = nil
		if d.Body == abi.BodyBytes {
			out.body = []byte(d.BodyBytes)
		}
	}
	if err := checkMethod(out.method); err != nil {
		return sent{}, err
	}
	if !out.target.isHTTP() {
		err := invalid("http/request only supports http and https URLs, got " + out.target.scheme)
		err.Reason = ReasonSchemeUnsupported
		return sent{}, err
	}
	f := framing{
		targets: [2]*target{&h.target, &out.target},
		lengths: [2]int{len(h.body), len(out.body)},
	}
	var err *Error
	out.header, err = outgoing(h.unmasked(headers, &out.target), &f)
	return out, err
}

// judgeResponse asks about the response's head and gives the headers that the
// caller may see.
func (x *exchange) judgeResponse(out *sent, resp *http.Response) ([]abi.Header, *Error) {
	headers, ok := incoming(resp)
	if !ok {
		return nil, failed(ReasonResponseHeadTooBig, "the response head from "+out.target.authority()+" has too many headers", nil)
	}
	t := &out.target
	form, length := responseBody(out.method, resp)
	x.response = abi.Response{
		Status: uint32(resp.StatusCode), Headers: headers, Body: form, BodyLength: length,
		Stream: x.req.Stream, Method: out.method, URL: t.url, Scheme: t.scheme, Host: t.host,
		Port: t.port, Path: t.path, Query: t.query, Hop: uint32(x.hop.number),
		Caller: x.req.Caller,
	}
	x.decision = abi.Decision{}
	if err := x.policy.OnResponse(x.ctx, &x.response, &x.decision); err != nil {
		return nil, x.policyFailure(err)
	}
	d := &x.decision
	if err := verdict(d); err != nil {
		err.Kind = Denied // a response is nobody's malformed params
		return nil, err
	}
	switch {
	case d.Edits&^abi.EditHeaders != 0:
		return nil, malformedEdit("response")
	case d.Edits&abi.EditHeaders == 0:
		return defaultPresentation(headers), nil
	case !presentable(d.Headers):
		return nil, malformedEdit("response headers")
	}
	return d.Headers, nil
}

func responseBody(method string, resp *http.Response) (abi.BodyForm, uint64) {
	switch {
	case method == http.MethodHead,
		resp.StatusCode == http.StatusNoContent,
		resp.StatusCode == http.StatusNotModified:
		return abi.BodyNone, 0
	case resp.ContentLength < 0:
		return abi.BodyStream, 0
	}
	return abi.BodyBytes, uint64(resp.ContentLength)
}

// verdict turns a no into an error. A verdict that this version does not know
// is a no as well.
func verdict(d *abi.Decision) *Error {
	if d.Verdict == abi.Allow {
		return nil
	}
	message := strings.ToValidUTF8(cmp.Or(d.Message, d.Reason), "?")
	if d.Verdict == abi.Invalid {
		return &Error{Kind: Invalid, Reason: d.Reason, Message: message}
	}
	return denied(d.Reason, message, nil)
}

// policyFailure: no answer is a no. The policy's own error, with its own reason,
// is the cause.
func (x *exchange) policyFailure(err error) *Error {
	if x.ctx.Err() != nil {
		d := diagnoseEnd(x.ctx)
		return failed(d.reason, d.what, err)
	}
	return denied(ReasonPolicyFailed, "it failed to decide", err)
}

func malformedEdit(what string) *Error {
	return denied(ReasonPolicyMalformed, "its edit of the "+what+" is not well formed", nil)
}
