package policy_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/policy"
	"github.com/sluice-run/sluice/host/sandbox"
	w "github.com/sluice-run/sluice/host/sandbox/wasmtest"
)

func encoded(d abi.Decision) string { return string(d.Append(nil)) }

// decides is a guest that answers both hooks with one decision from the second
// hop on.
func decides(answerBytes string) []byte {
	a := answer(answerAt, uint32(len(answerBytes)))
	return guest(answerBytes, onRedirect(requestHop, a), onRedirect(responseHop, a))
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	deny := abi.Decision{Verdict: abi.Deny, Reason: "host_not_allowed", Message: "this host is not on the list"}
	edit := abi.Decision{Edits: abi.EditHeaders, Headers: []abi.Header{{Name: "x-a", Value: "1"}, {Name: "x-a", Value: "\xff"}}}
	for name, want := range map[string]abi.Decision{"deny": deny, "edit": edit} {
		p := load(t, policy.Source{Name: "p", Wasm: decides(encoded(want))})
		var got abi.Decision
		for range 2 {
			for _, ask := range []struct {
				hop  uint32
				want abi.Decision
			}{{0, abi.Decision{}}, {1, want}, {0, abi.Decision{}}} {
				q, r := request(), response()
				q.Hop, r.Hop = ask.hop, ask.hop
				require.NoError(t, p.OnRequest(context.Background(), q, &got), name)
				requireDecision(t, ask.want, got)
				require.NoError(t, p.OnResponse(context.Background(), r, &got), name)
				requireDecision(t, ask.want, got)
			}
		}
	}
}

func requireDecision(t *testing.T, want, got abi.Decision) {
	t.Helper()
	require.Equal(t, want.Verdict, got.Verdict)
	require.Equal(t, want.Reason, got.Reason)
	require.Equal(t, want.Message, got.Message)
	require.Equal(t, want.Edits, got.Edits)
	require.Equal(t, len(want.Headers), len(got.Headers))
	for i := range want.Headers {
		require.Equal(t, want.Headers[i], got.Headers[i])
	}
}

func TestTheGuestSeesTheMessage(t *testing.T) {
	t.Parallel()
	// The guest denies with a decision that lies in the caller's field.
	inside := encoded(abi.Decision{Verdict: abi.Deny, Reason: "from_the_request"})
	q := request()
	message := string(q.Append(nil))
	require.Contains(t, message, "example.com")
	q.Hop, q.Caller = 1, inside
	message = string(q.Append(nil))
	at := strings.Index(message, inside)
	p := load(t, policy.Source{Name: "p", Wasm: guest("", onRedirect(requestHop, answer(uint32(bufferAt+at), uint32(len(inside)))), nil)})
	var d abi.Decision
	require.NoError(t, p.OnRequest(context.Background(), q, &d))
	require.Equal(t, "from_the_request", d.Reason)
}

func TestAbsentHooksAllow(t *testing.T) {
	t.Parallel()
	stale := abi.Decision{Verdict: abi.Deny, Reason: "stale", Edits: abi.EditURL, URL: "x", Headers: []abi.Header{{Name: "stale"}}}

	p := load(t, policy.Source{Name: "p", Wasm: guest("", onRedirect(requestHop, w.Unreachable), nil)})
	r := response()
	r.Hop = 1
	d := stale
	require.NoError(t, p.OnResponse(context.Background(), r, &d))
	requireDecision(t, abi.Decision{}, d)

	p = load(t, policy.Source{Name: "p", Wasm: guest("", nil, onRedirect(responseHop, w.Unreachable))})
	q := request()
	q.Hop = 1
	d = stale
	require.NoError(t, p.OnRequest(context.Background(), q, &d))
	requireDecision(t, abi.Decision{}, d)
}

// Whatever a policy does instead of deciding, the answer is no.
func TestFailuresDeny(t *testing.T) {
	t.Parallel()
	raw := func(change func(b []byte)) string {
		b := []byte(encoded(abi.Decision{Verdict: abi.Deny, Reason: "some_reason", Message: "text"}))
		change(b)
		return string(b)
	}
	word := func(i int, v byte) string { return raw(func(b []byte) { b[i*4] = v }) }
	for name, c := range map[string]struct {
		body   w.Code
		data   string
		reason string
		text   string
	}{
		"trap":                {w.Unreachable, "", policy.ReasonTrap, "trap: unreachable"},
		"loop":                {w.Loop(w.Br(0)), "", policy.ReasonExhausted, "out of fuel: it took more than 100000 units"},
		"exit":                {w.Seq(w.I32Const(0), w.Call(exitFunc)), "", policy.ReasonExited, "exit code 0"},
		"pointer":             {answer(1<<31, 64), "", policy.ReasonMalformed, "lies outside its memory"},
		"giant":               {answer(0, abi.MaxMessage+1), "", policy.ReasonMalformed, "over the limit"},
		"no length":           {answer(8, 0), "", policy.ReasonMalformed, "without a length"},
		"one byte":            {answer(8, 1), "", policy.ReasonMalformed, "malformed decision: size"},
		"zeros":               {answer(0, 64), "", policy.ReasonMalformed, "fixed part has an impossible size"},
		"unknown verdict":     {nil, word(1, 9), policy.ReasonMalformed, "verdict is unknown"},
		"unknown edits":       {nil, word(6, 0x80), policy.ReasonMalformed, "edits are unknown"},
		"reason outside":      {nil, word(2, 0xff), policy.ReasonMalformed, "reason points outside"},
		"reason in words":     {nil, encoded(abi.Decision{Verdict: abi.Deny, Reason: "No Way"}), policy.ReasonMalformed, "reason is not lower case"},
		"deny without reason": {nil, encoded(abi.Decision{Verdict: abi.Deny}), policy.ReasonMalformed, "reason is missing"},
		"message not UTF-8":   {nil, encoded(abi.Decision{Verdict: abi.Deny, Reason: "r", Message: "\xff"}), policy.ReasonMalformed, "message is not UTF-8"},
		"headers shared":      {nil, sharedHeaders(), policy.ReasonMalformed, "shares its bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := c.body
			if body == nil {
				body = answer(answerAt, uint32(len(c.data)))
			}
			p := load(t, policy.Source{Name: "hostile", Wasm: guest(c.data, onRedirect(requestHop, body), onRedirect(responseHop, body))},
				func(o *policy.Options) {
					o.Fuel = 1e5
				})
			q, r := request(), response()
			q.Hop, r.Hop = 1, 1
			var d abi.Decision
			requireFailure(t, p.OnRequest(context.Background(), q, &d), d, c.reason, c.text, "the request is denied")
			requireFailure(t, p.OnResponse(context.Background(), r, &d), d, c.reason, c.text, "the response is denied")
			require.NoError(t, p.OnRequest(context.Background(), request(), &d))
			requireDecision(t, abi.Decision{}, d)
		})
	}
}

// sharedHeaders is a decision of some kilobytes whose headers are gigabytes.
func sharedHeaders() string {
	d := abi.Decision{Edits: abi.EditHeaders, BodyBytes: strings.Repeat("v", 16<<10)}
	for range abi.MaxHeaders {
		d.Headers = append(d.Headers, abi.Header{Name: "x", Value: "vvvv"})
	}
	b := d.Append(nil)
	list := int(b[11*4]) | int(b[11*4+1])<<8 | int(b[11*4+2])<<16
	for i := range abi.MaxHeaders {
		entry := b[list+16*i:]
		entry[13] = 0x40 // the value's length: 16 KiB and 4
	}
	return string(b)
}

func requireFailure(t *testing.T, err error, d abi.Decision, reason string, texts ...string) {
	t.Helper()
	var e *policy.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "hostile", e.Policy)
	require.Equal(t, reason, e.Reason, err)
	require.True(t, strings.HasPrefix(e.Message, "policy `hostile` failed: "), e.Message)
	for _, text := range texts {
		require.Contains(t, e.Message, text)
	}
	require.NotContains(t, e.Message, "example.com")
	require.Equal(t, abi.Deny, d.Verdict)
	require.Equal(t, e.Reason, d.Reason)
	require.Equal(t, e.Message, d.Message)
	require.Zero(t, d.Edits)
	require.Empty(t, d.Headers)
}

func TestDecisionsThatAreNotForResponses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		decision abi.Decision
		text     string
	}{
		"url":    {abi.Decision{Edits: abi.EditURL, URL: "http://b/"}, "edits are not for a response"},
		"method": {abi.Decision{Edits: abi.EditMethod | abi.EditHeaders, Method: "PUT"}, "edits are not for a response"},
		"body":   {abi.Decision{Edits: abi.EditBody, Body: abi.BodyBytes, BodyBytes: "other"}, "edits are not for a response"},
	} {
		p := load(t, policy.Source{Name: "hostile", Wasm: decides(encoded(c.decision))})
		q, r := request(), response()
		q.Hop, r.Hop = 1, 1
		var d abi.Decision
		require.NoError(t, p.OnRequest(context.Background(), q, &d), name)
		requireFailure(t, p.OnResponse(context.Background(), r, &d), d, policy.ReasonMalformed, c.text)
	}
}

func TestOversizedMessagesAreDenied(t *testing.T) {
	t.Parallel()
	p := load(t, policy.Source{Name: "hostile", Wasm: guest("", w.Nop, w.Nop)})
	var d abi.Decision
	q := request()
	q.Path = strings.Repeat("/", abi.MaxMessage)
	requireFailure(t, p.OnRequest(context.Background(), q, &d), d, policy.ReasonOversized, "more bytes or headers")
	q = request()
	q.Headers = make([]abi.Header, abi.MaxHeaders)
	require.NoError(t, p.OnRequest(context.Background(), q, &d))
	q.Headers = append(q.Headers, abi.Header{})
	requireFailure(t, p.OnRequest(context.Background(), q, &d), d, policy.ReasonOversized)
	r := response()
	r.Headers = q.Headers
	requireFailure(t, p.OnResponse(context.Background(), r, &d), d, policy.ReasonOversized, "the response is denied")
}

func TestTheCallersContextCounts(t *testing.T) {
	t.Parallel()
	p := load(t, policy.Source{Name: "hostile", Wasm: guest("", w.Nop, nil)})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var d abi.Decision
	err := p.OnRequest(ctx, request(), &d)
	requireFailure(t, err, d, policy.ReasonCanceled)
	require.ErrorIs(t, err, context.Canceled)
}

func TestOverloadDenies(t *testing.T) {
	t.Parallel()
	p := load(t, policy.Source{Name: "hostile", Wasm: guest("", onRedirect(requestHop, w.Loop(w.Br(0))), nil)},
		func(o *policy.Options) { o.Concurrency, o.MaxWait = 1, time.Millisecond })
	ctx, cancel := context.WithCancel(context.Background())
	var spinning sync.WaitGroup
	spinning.Go(func() {
		q := request()
		q.Hop = 1
		var d abi.Decision
		for ctx.Err() == nil { // the first to take the turn may be the other
			_ = p.OnRequest(ctx, q, &d)
		}
	})
	defer spinning.Wait()
	defer cancel()
	var d abi.Decision
	var err error
	for err == nil { // until the other call has the only turn
		err = p.OnRequest(context.Background(), request(), &d)
	}
	requireFailure(t, err, d, policy.ReasonOverloaded, "the request is denied, retrying later may help")
	require.ErrorIs(t, err, sandbox.Overloaded)
}

func TestClosedPolicyDenies(t *testing.T) {
	t.Parallel()
	p, err := tryLoad(policy.Source{Name: "hostile", Wasm: guest("", w.Nop, nil)})
	require.NoError(t, err)
	require.NoError(t, p.Close(context.Background()))
	var d abi.Decision
	requireFailure(t, p.OnRequest(context.Background(), request(), &d), d, policy.ReasonClosed, "closed")
}

// Many ask while it is being closed: each gets the decision that is due, or an
// error.
func TestHammer(t *testing.T) {
	t.Parallel()
	denial := encoded(abi.Decision{Verdict: abi.Deny, Reason: "redirects_not_allowed"})
	p, err := tryLoad(policy.Source{Name: "p", Wasm: decides(denial)})
	require.NoError(t, err)
	var all sync.WaitGroup
	enough := make(chan struct{}, 1000)
	for caller := range 8 {
		all.Go(func() {
			var d abi.Decision
			q, r := request(), response()
			for i := uint32(0); ; i++ {
				q.Hop, r.Hop = (i+uint32(caller))%2, (i+uint32(caller))%2
				want, err := abi.Verdict(q.Hop), error(nil) // hop 1 is denied, as Deny is 1
				if i%3 == 0 {
					err = p.OnResponse(context.Background(), r, &d)
				} else {
					err = p.OnRequest(context.Background(), q, &d)
				}
				if errors.Is(err, sandbox.Closed) {
					return
				}
				if err != nil || d.Verdict != want {
					t.Errorf("hop %d: got %v, %v", q.Hop, d.Verdict, err)
				}
				select {
				case enough <- struct{}{}:
				default:
				}
			}
		})
	}
	for range 200 {
		<-enough
	}
	require.NoError(t, p.Close(context.Background()))
	all.Wait()
}
