// A policy that fails, as the caller of the policy sees it.

package policy

import (
	"errors"

	"github.com/sluice-run/sluice/host/sandbox"
)

// Reasons of an Error, stable words for machines.
const (
	ReasonTrap       = "policy_trap"
	ReasonExhausted  = "policy_exhausted"
	ReasonMalformed  = "policy_malformed"
	ReasonExited     = "policy_exited"
	ReasonMemory     = "policy_memory"
	ReasonOverloaded = "policy_overloaded"
	ReasonOversized  = "policy_oversized"
	ReasonCanceled   = "policy_canceled"
	ReasonClosed     = "policy_closed"
	// ReasonFailed is any other failure.
	ReasonFailed = "policy_failed"
)

// Error is a policy's failure to decide. Whatever it was asked about is denied.
type Error struct {
	// Policy is Source.Name.
	Policy string
	// Reason is one of the Reason constants.
	Reason string
	// Message is a sentence for the caller of the request.
	Message string
	// Err is what happened, often a *sandbox.Error or an *abi.MalformedError.
	Err error
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.Err }

var reasons = map[sandbox.Kind]string{
	sandbox.Trap:       ReasonTrap,
	sandbox.Exhausted:  ReasonExhausted,
	sandbox.Malformed:  ReasonMalformed,
	sandbox.Exited:     ReasonExited,
	sandbox.Memory:     ReasonMemory,
	sandbox.Overloaded: ReasonOverloaded,
	sandbox.Canceled:   ReasonCanceled,
	sandbox.Closed:     ReasonClosed,
}

// failure makes an Error of what the sandbox returned. subject is "request" or
// "response".
func (p *Policy) failure(subject string, err error) *Error {
	var cause *sandbox.Error
	if !errors.As(err, &cause) {
		return p.denied(subject, ReasonFailed, "it cannot be asked", err)
	}
	reason, known := reasons[cause.Kind]
	if !known {
		reason = ReasonFailed
	}
	e := p.denied(subject, reason, cause.Sentence(), err)
	if cause.Kind == sandbox.Overloaded {
		e.Message += ", retrying later may help"
	}
	return e
}

func (p *Policy) denied(subject, reason, what string, err error) *Error {
	return &Error{
		Policy:  p.name,
		Reason:  reason,
		Message: "policy `" + p.name + "` failed: " + what + "; the " + subject + " is denied",
		Err:     err,
	}
}
