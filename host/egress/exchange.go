package egress

// One request on its way: judge, send, judge, and again for each redirect.

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/sluice-run/sluice/abi"
)

// maxDrain is how much of a redirect's own body is read so that its connection
// can be used again; a longer one costs the connection.
const maxDrain = 4 << 10

// An exchange is one call of Do.
type exchange struct {
	client *Client
	req    *Request
	policy Policy
	ctx    context.Context
	cancel context.CancelFunc // nil without a timeout

	hop hop // what the caller, or a redirect, asks for

	// What the policy is handed, here so that a request allocates it once.
	request  abi.Request
	response abi.Response
	decision abi.Decision
}

// sent is what goes out on one hop, with the policy's edits.
type sent struct {
	method string
	target target
	header http.Header
	body   []byte
}

func (x *exchange) run() (*Response, *Error) {
	for {
		out, err := x.judgeRequest()
		if err != nil {
			return nil, err
		}
		resp, err := x.send(&out)
		if err != nil {
			return nil, err
		}
		headers, err := x.judgeResponse(&out, resp)
		if err != nil {
			resp.Body.Close()
			return nil, err
		}
		done, err := x.follow(&out, resp, headers)
		if err != nil {
			resp.Body.Close()
			return nil, err
		}
		if done {
			return x.deliver(&out, resp, headers), nil
		}
		drain(resp)
	}
}

// follow moves on to the next hop; done says that there is none.
func (x *exchange) follow(out *sent, resp *http.Response, headers []abi.Header) (done bool, err *Error) {
	if !x.req.FollowRedirects {
		return true, nil
	}
	location, ok, err := locationOf(resp.StatusCode, headers)
	if err != nil || !ok {
		return true, err
	}
	if x.hop.number >= x.client.maxRedirects {
		return true, failed(ReasonTooManyRedirects, "too many redirects", nil)
	}
	return false, x.hop.redirected(resp.StatusCode, &out.target, location, x.client.insecure)
}

func drain(resp *http.Response) {
	if resp.ContentLength <= maxDrain {
		// An error only means that the connection cannot be used again.
		_, _ = io.CopyN(io.Discard, resp.Body, maxDrain)
	}
	resp.Body.Close()
}

func (x *exchange) deliver(out *sent, resp *http.Response, headers []abi.Header) *Response {
	return &Response{
		Status:        resp.StatusCode,
		Headers:       headers,
		ContentLength: resp.ContentLength,
		Hops:          x.hop.number,
		Body:          &body{ctx: x.ctx, cancel: x.cancel, from: resp.Body, host: out.target.authority()},
	}
}

// send makes one round trip. An empty body goes out like none: most origins, and
// the protocol's other servers, know no difference.
func (x *exchange) send(out *sent) (*http.Response, *Error) {
	u, err := out.target.sendable()
	if err != nil {
		return nil, err
	}
	r := &http.Request{
		Method: out.method,
		URL:    u,
		Host:   u.Host,
		Header: out.header,
	}
	if len(out.body) > 0 {
		r.ContentLength = int64(len(out.body))
		r.Body = io.NopCloser(bytes.NewReader(out.body))
		r.GetBody = func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(out.body)), nil
		}
	}
	resp, tripErr := x.client.transport.RoundTrip(r.WithContext(x.ctx))
	if tripErr != nil {
		return nil, exchangeFailure(x.ctx, u.Host, tripErr)
	}
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols:
		resp.Body.Close()
		return nil, failed(ReasonMalformedResponse, "malformed response from "+u.Host+": it switches protocols unasked", nil)
	case resp.StatusCode < 100: // net/http takes any three digits
		resp.Body.Close()
		return nil, failed(ReasonMalformedResponse, "malformed response from "+u.Host+": a status below 100", nil)
	}
	return resp, nil
}
