package executor

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/delta"
	"github.com/sluice-run/sluice/host/egress"
	"github.com/sluice-run/sluice/host/policy"
	"github.com/sluice-run/sluice/host/wire"
)

// handle makes the request and answers it: the whole way of one request.
func (c *conn) handle(one *call) {
	defer c.over()
	one.judge = c.exec.judge()
	defer one.judge.release()
	res, err := c.send(one)
	if err != nil {
		c.yield()
		c.fail(one, one.judge.refusal(err))
		return
	}
	defer res.Body.Close()
	if one.params.Stream {
		c.yield()
		c.stream(one, res)
		return
	}
	defer c.yield()
	c.buffer(one, res)
}

func (c *conn) send(one *call) (*egress.Response, error) {
	p := &one.params
	headers, secrets, err := c.exec.headerEnv.resolve(p.Headers)
	if err != nil {
		return nil, err
	}
	return c.exec.egress.Do(c.ctx, &egress.Request{
		Method:          p.Method,
		URL:             p.URL,
		Headers:         headers,
		Secrets:         secrets,
		Body:            p.Body,
		Timeout:         timeout(p.TimeoutMs),
		FollowRedirects: p.Redirect == wire.RedirectFollow,
		Stream:          p.Stream,
		Caller:          c.caller.Name,
		Policy:          one.judge.policy,
	})
}

// timeout gives the duration; one too long to count is none. Zero is a deadline
// that has passed already.
func timeout(ms *uint64) time.Duration {
	switch {
	case ms == nil || *ms > math.MaxInt64/uint64(time.Millisecond):
		return 0
	case *ms == 0:
		return -1
	default:
		return time.Duration(*ms) * time.Millisecond
	}
}

// fail answers a call that has no response.
func (c *conn) fail(one *call, e *wire.Error) {
	if one.params.Stream {
		c.freeStream(one.params.RequestID)
	}
	_ = c.peer.ReplyError(one.id, e)
}

// buffer answers with the whole body.
func (c *conn) buffer(one *call, res *egress.Response) {
	body, err := res.ReadAll(int64(c.exec.opts.MaxBufferedBody))
	if err != nil {
		c.fail(one, one.judge.refusal(err))
		return
	}
	_ = c.peer.Reply(one.id, &wire.HTTPResponse{Status: res.Status, Headers: wireHeaders(res.Headers), Body: body})
}

// stream answers with the head and then passes the body on in deltas. The
// answer is queued first, hence no delta overtakes it.
func (c *conn) stream(one *call, res *egress.Response) {
	id := one.params.RequestID
	if err := c.peer.Reply(one.id, &wire.HTTPResponse{Status: res.Status, Headers: wireHeaders(res.Headers)}); err != nil {
		return // the connection has ended
	}
	var sender *delta.Sender
	sender = delta.NewSender(delta.SenderOptions{
		RequestID: id,
		Ready:     func() { c.peer.Ready(sender) },
		Release:   func() { c.freeStream(id) },
		ErrorText: func(err error) string { return one.judge.refusal(err).Message },
	})
	sender.Pump(c.ctx, res.Body)
	select {
	case <-sender.Done():
	case <-c.ctx.Done():
	}
}

func wireHeaders(headers []abi.Header) []wire.Header {
	list := make([]wire.Header, len(headers))
	for i := range headers {
		list[i] = wire.Header{Name: headers[i].Name, Value: headers[i].Value}
	}
	return list
}

// refusal finds the place of an error in the catalogue.
func (j *judge) refusal(err error) *wire.Error {
	if known, ok := errors.AsType[*wire.Error](err); ok {
		return known
	}
	out, ok := errors.AsType[*egress.Error](err)
	if !ok {
		// Nothing of an unknown error is shown: it may hold a URL.
		return wire.Errorf(wire.CodeInternal, "http/request failed: internal error")
	}
	switch out.Kind {
	case egress.Invalid:
		return &wire.Error{Code: wire.CodeInvalidParams, Message: out.Message, Reason: out.Reason}
	case egress.Denied:
		if failed, ok := errors.AsType[*policy.Error](err); ok {
			return policyFailure(failed)
		}
		return &wire.Error{
			Code:    wire.CodeDenied,
			Message: fmt.Sprintf("denied by policy `%s`: %s; retrying will not help", j.name, out.Message),
			Reason:  out.Reason,
			Policy:  j.name,
		}
	default:
		return &wire.Error{Code: wire.CodeInternal, Message: out.Message, Reason: out.Reason}
	}
}

// policyFailure is a denial by a policy that could not decide.
func policyFailure(failed *policy.Error) *wire.Error {
	e := &wire.Error{Code: wire.CodeDenied, Message: failed.Message, Reason: failed.Reason, Policy: failed.Policy}
	if failed.Reason == policy.ReasonOverloaded {
		e.Code = wire.CodeOverloaded
	}
	return e
}
