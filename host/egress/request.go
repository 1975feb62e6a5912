package egress

// What goes in and what comes out.

import (
	"io"
	"time"

	"github.com/sluice-run/sluice/abi"
)

// Request is one request of a caller.
type Request struct {
	Method string
	// URL as the caller wrote it.
	URL string
	// Headers in order, repeats kept.
	Headers []abi.Header
	// Secrets are values of headers that the policy does not see.
	Secrets []Secret
	// Body is nil for none, and empty but not nil for an empty one.
	Body []byte
	// Timeout is one deadline over connect, redirects and body; 0 is none, and
	// what is negative has passed already.
	Timeout time.Duration
	// FollowRedirects is false to hand a redirect to the caller as it is.
	FollowRedirects bool
	// Stream says that the caller wants the body as it comes. It is told to the
	// policy and changes nothing here.
	Stream bool
	// Caller names who asks, for the policy.
	Caller string
	// Policy judges this request on all its hops; nil is the client's. It lets
	// a request finish under the policy with which it started.
	Policy Policy
}

// Response is what the origin said and the policy let through.
type Response struct {
	Status int
	// Headers are sorted by name, repeats in the origin's order. Values are
	// valid UTF-8.
	Headers []abi.Header
	// ContentLength is the body's length, -1 if it is not known beforehand.
	ContentLength int64
	// Hops is how many redirects were followed.
	Hops int
	// Body is never nil. It must be closed; closing it before its end closes
	// the connection to the origin. Its errors are of type *Error.
	Body io.ReadCloser
}
