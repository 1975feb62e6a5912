// Asking a policy: a message goes in, a decision comes out, and every failure
// on the way denies.

package policy

import (
	"context"
	"sync"

	"github.com/sluice-run/sluice/abi"
)

const (
	subjectRequest  = "request"
	subjectResponse = "response"
)

// OnRequest asks whether and how a request may go out and fills in the decision,
// reusing the room in its Headers. An error is an *Error; the decision denies
// then too.
func (p *Policy) OnRequest(ctx context.Context, request *abi.Request, decision *abi.Decision) error {
	allow(decision)
	if !p.onRequest.exists {
		return nil
	}
	b := takeBuffers()
	defer b.giveBack()
	b.in = request.Append(b.in[:0])
	if err := p.ask(ctx, p.onRequest, b, len(request.Headers), subjectRequest, decision); err != nil {
		return deny(decision, err)
	}
	return nil
}

// OnResponse is OnRequest for the head of a response.
func (p *Policy) OnResponse(ctx context.Context, response *abi.Response, decision *abi.Decision) error {
	allow(decision)
	if !p.onResponse.exists {
		return nil
	}
	b := takeBuffers()
	defer b.giveBack()
	b.in = response.Append(b.in[:0])
	if err := p.ask(ctx, p.onResponse, b, len(response.Headers), subjectResponse, decision); err != nil {
		return deny(decision, err)
	}
	return nil
}

func (p *Policy) ask(ctx context.Context, h hook, b *buffers, headers int, subject string, decision *abi.Decision) *Error {
	if len(b.in) > abi.MaxMessage || headers > abi.MaxHeaders {
		return p.denied(subject, ReasonOversized, "the "+subject+" has more bytes or headers than a policy can be asked about", nil)
	}
	var err error
	if b.out, err = p.module.Call(ctx, h.Hook, b.in, b.out[:0]); err != nil {
		return p.failure(subject, err)
	}
	if len(b.out) == 0 {
		return nil
	}
	err = decision.Decode(string(b.out))
	if err == nil && subject == subjectResponse {
		err = checkResponse(decision)
	}
	if err != nil {
		return p.denied(subject, ReasonMalformed, err.Error(), err)
	}
	return nil
}

// checkResponse refuses what only a request's decision may say: a response can
// have its headers replaced.
func checkResponse(d *abi.Decision) error {
	if d.Edits&^abi.EditHeaders != 0 {
		return &abi.MalformedError{Message: "decision", Field: "edits", Problem: "are not for a response"}
	}
	return nil
}

// allow resets the decision but for the room in its Headers.
func allow(d *abi.Decision) { *d = abi.Decision{Headers: d.Headers[:0]} }

// deny overwrites whatever a failed answer has left in the decision.
func deny(d *abi.Decision, err *Error) *Error {
	*d = abi.Decision{Verdict: abi.Deny, Reason: err.Reason, Message: err.Message, Headers: d.Headers[:0]}
	return err
}

// maxKeptBuffer is the room that a buffer keeps between calls, in bytes; the
// largest messages are rare.
const maxKeptBuffer = 64 << 10

// Buffers of one call.
type buffers struct {
	in, out []byte
}

var bufferPool = sync.Pool{New: func() any { return new(buffers) }}

func takeBuffers() *buffers { return bufferPool.Get().(*buffers) }

func (b *buffers) giveBack() {
	if cap(b.in) > maxKeptBuffer {
		b.in = nil
	}
	if cap(b.out) > maxKeptBuffer {
		b.out = nil
	}
	bufferPool.Put(b)
}
