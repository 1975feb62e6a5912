package onresponse

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
)

func denyPost(q *abi.Response, d *abi.Decision) {
	if q.Method == "POST" {
		d.Verdict, d.Reason = abi.Deny, "method_not_allowed"
		d.Headers = append(d.Headers, abi.Header{Name: "a", Value: "b"})
	}
}

func message(method string) string {
	return string((&abi.Response{Method: method, Headers: []abi.Header{{Name: "a", Value: "b"}}}).Append(nil))
}

func TestDecide(t *testing.T) {
	t.Parallel()
	k := hook{handler: denyPost}
	require.Equal(t, abi.Deny, k.decide(message("POST")).Verdict)
	require.Equal(t, &abi.Decision{Headers: []abi.Header{}}, k.decide(message("GET")),
		"nothing of the last decision is left")
}

func TestDecideTrapsOnTheMalformed(t *testing.T) {
	t.Parallel()
	k := hook{handler: denyPost}
	require.Panics(t, func() { k.decide("malformed") })
	require.Panics(t, func() { new(hook).decide(message("GET")) }, "no handler")
}

func TestDecideAllocatesNothing(t *testing.T) {
	k := hook{handler: denyPost}
	msg := message("POST")
	k.decide(msg)
	require.Zero(t, testing.AllocsPerRun(100, func() { k.decide(msg) }))
}

func TestHandleOnce(t *testing.T) {
	t.Cleanup(func() { registered = hook{} })
	Handle(denyPost)
	require.Equal(t, abi.Deny, registered.decide(message("POST")).Verdict)
	require.Panics(t, func() { Handle(denyPost) })
}
