// What can go wrong with a module, as one error type with a kind.

package sandbox

import (
	"context"
	"strconv"
	"strings"
)

// Kind sorts failures. It is an error itself, so that callers can ask
// errors.Is(err, sandbox.Trap).
type Kind uint8

// The kinds of failures.
const (
	// Invalid: the module is not one that the sandbox takes.
	Invalid Kind = iota + 1
	// Refused: the module does not accept its configuration.
	Refused
	// Trap: the guest's code failed.
	Trap
	// Exhausted: the guest used up its fuel.
	Exhausted
	// Malformed: the guest pointed outside its memory or answered too much.
	Malformed
	// Exited: the guest ended itself, with whatever exit code.
	Exited
	// Memory: the guest has no room for the input.
	Memory
	// Overloaded: there was no turn for the call within Options.MaxWait.
	Overloaded
	// Canceled: the caller's context ended first.
	Canceled
	// Closed: the module is closed.
	Closed
)

var kindTexts = [...]string{
	Invalid:    "invalid module",
	Refused:    "configuration refused",
	Trap:       "trap",
	Exhausted:  "out of fuel",
	Malformed:  "malformed answer",
	Exited:     "exited",
	Memory:     "out of memory",
	Overloaded: "overloaded",
	Canceled:   "canceled",
	Closed:     "closed",
}

func (k Kind) Error() string {
	if int(k) < len(kindTexts) && kindTexts[k] != "" {
		return kindTexts[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// Error is a module's failure.
type Error struct {
	Kind Kind
	// Module is Options.Name.
	Module string
	// Doing is the export that was called, or "load".
	Doing string
	// Detail says what is wrong, without any of the input.
	Detail string
	// Cause is the context's error for Canceled, nil otherwise.
	Cause error
}

func (e *Error) Error() string {
	return "module `" + e.Module + "`: " + e.Doing + ": " + e.Sentence()
}

// Sentence is the error without the module's name and without what it was
// doing: "trap: unreachable".
func (e *Error) Sentence() string {
	if e.Detail == "" {
		return e.Kind.Error()
	}
	return e.Kind.Error() + ": " + e.Detail
}

// Unwrap makes errors.Is work with a Kind and with the context's errors.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

func (o *Options) fail(kind Kind, doing, detail string) *Error {
	return &Error{Kind: kind, Module: o.Name, Doing: doing, Detail: detail}
}

func (o *Options) canceled(caller context.Context, doing string) *Error {
	e := o.fail(Canceled, doing, "")
	e.Cause = caller.Err()
	return e
}

// trapText keeps the reason of a trap and drops the stack trace behind it: that
// one holds names of the module's choosing.
func trapText(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	text = strings.TrimSuffix(text, " (recovered by wazero)")
	for _, prefix := range []string{" failed: ", "wasm error: "} {
		if _, reason, found := strings.Cut(text, prefix); found {
			text = reason
		}
	}
	return text
}
