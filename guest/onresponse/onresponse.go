// Package onresponse lets a policy decide on responses. Importing it makes the module
// export sluice_on_response, which the host calls once the head of a hop's response has arrived.
// A policy that does not import it is not asked.
package onresponse

import (
	"github.com/sluice-run/sluice/abi"
)

// Handler decides on one response. The decision starts out as "allow, unchanged";
// both arguments and every text in the response are valid during the call only.
type Handler func(*abi.Response, *abi.Decision)

// hook is the handler with the values that all its calls share.
type hook struct {
	handler  Handler
	response abi.Response
	decision abi.Decision
}

var registered hook

// Handle registers the handler; call it from an init function. It panics if
// there is one already.
func Handle(h Handler) {
	if registered.handler != nil {
		panic("onresponse: there is a handler already")
	}
	registered.handler = h
}

// decide runs the handler on a message. It panics, which is a trap to the host
// and thus a denial, if the message is malformed or nobody handles it.
func (k *hook) decide(msg string) *abi.Decision {
	if err := k.response.Decode(msg); err != nil {
		panic(err)
	}
	k.decision = abi.Decision{Headers: k.decision.Headers[:0]}
	k.handler(&k.response, &k.decision)
	return &k.decision
}
