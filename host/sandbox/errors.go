// What can go wrong with a module, as one error type with a kind.

package sandbox

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero/sys"
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
	// Timeout: the guest took longer than it may.
	Timeout
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
	Timeout:    "timeout",
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

// classify turns what a call into the engine returned into an Error. caller is
// the context as the caller gave it, without the sandbox's own deadline.
func (o *Options) classify(caller context.Context, g *guest, doing string, err error) *Error {
	var exit *sys.ExitError
	stopped := errors.As(err, &exit) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
	switch {
	case g.exited:
		return o.fail(Exited, doing, "exit code "+strconv.FormatUint(uint64(g.exitCode), 10))
	case !stopped:
		return o.fail(Trap, doing, trapText(err))
	case caller.Err() != nil:
		return o.canceled(caller, doing)
	default:
		return o.fail(Timeout, doing, "it ran for longer than it may")
	}
}

func (o *Options) canceled(caller context.Context, doing string) *Error {
	e := o.fail(Canceled, doing, "")
	e.Cause = caller.Err()
	return e
}

// startError is classify for a new instance, which fails either in its start
// function or because the module does not fit: an import that is not a function
// and not there, data outside the memory.
func (o *Options) startError(caller context.Context, g *guest, err error) *Error {
	e := o.classify(caller, g, "start", err)
	if e.Kind == Trap && !strings.HasPrefix(err.Error(), "start ") {
		e.Kind, e.Detail = Invalid, clean([]byte(e.Detail), MaxSentence)
	}
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
