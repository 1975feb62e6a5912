package wire

import "fmt"

// Code is a JSON-RPC error code. It is an error itself, so that callers can ask
// errors.Is(err, wire.CodeDenied).
type Code int

// The codes of the protocol. Those from -32020 on are Sluice's own; the
// reference's client treats them as it treats any other error.
const (
	// CodeInvalidRequest: not a JSON-RPC message, or out of place.
	CodeInvalidRequest Code = -32600
	// CodeMethodNotFound: a method that this executor does not have.
	CodeMethodNotFound Code = -32601
	// CodeInvalidParams: the params are malformed.
	CodeInvalidParams Code = -32602
	// CodeInternal: the request failed between connect and the end of the body.
	CodeInternal Code = -32603
	// CodeSessionAttached: the session is attached to another connection.
	CodeSessionAttached Code = -32010
	// CodeDenied: the policy said no; retrying will not help.
	CodeDenied Code = -32020
	// CodeOverloaded: a limit is reached; retrying later may help.
	CodeOverloaded Code = -32021
)

func (c Code) Error() string { return fmt.Sprintf("JSON-RPC error %d", int(c)) }

// Error is a JSON-RPC error. Its message is a sentence for the caller and
// carries no query string, header value or secret.
type Error struct {
	Code    Code
	Message string
	// Reason is a stable word for machines, such as "host_not_allowed"; empty
	// if there is none. It travels in data.reason.
	Reason string
	// Policy names the policy that decided, if one did. It travels in
	// data.policy.
	Policy string
	// RetryAfterMs is after how many milliseconds another try makes sense; 0
	// if that is not known. It travels in data.retryAfterMs.
	RetryAfterMs uint64
}

func (e *Error) Error() string { return e.Message }

// Unwrap makes errors.Is(err, wire.CodeDenied) work.
func (e *Error) Unwrap() error { return e.Code }

// Errorf makes an error with a formatted message.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
