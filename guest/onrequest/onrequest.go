// Package onrequest lets a policy decide on requests. Importing it makes the module
// export sluice_on_request, which the host calls before anything of a hop is resolved or dialled.
// A policy that does not import it is not asked.
package onrequest

import (
	"github.com/sluice-run/sluice/abi"
)

// Handler decides on one request. The decision starts out as "allow, unchanged";
// both arguments and every text in the request are valid during the call only.
type Handler func(*abi.Request, *abi.Decision)

// hook is the handler with the values that all its calls share.
type hook struct {
	handler  Handler
	request  abi.Request
	decision abi.Decision
}

var registered hook

// Handle registers the handler; call it from an init function. It panics if
// there is one already.
func Handle(h Handler) {
	if registered.handler != nil {
		panic("onrequest: there is a handler already")
	}
	registered.handler = h
}

// decide runs the handler on a message. It panics, which is a trap to the host
// and thus a denial, if the message is malformed or nobody handles it.
func (k *hook) decide(msg string) *abi.Decision {
	if err := k.request.Decode(msg); err != nil {
		panic(err)
	}
	k.decision = abi.Decision{Headers: k.decision.Headers[:0]}
	k.handler(&k.request, &k.decision)
	return &k.decision
}
