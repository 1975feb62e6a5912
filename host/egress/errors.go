package egress

// The one error type of this package, its kinds and its stable reasons.

// Kind says whose no it is.
type Kind uint8

// The kinds of failure.
const (
	// Invalid: the request is not well formed. Message is for the caller, word
	// for word.
	Invalid Kind = iota + 1
	// Denied: the policy said no, or could not say yes.
	Denied
	// Failed: the way to the origin or back broke; or the operator's network
	// rules do not let it through.
	Failed
)

func (k Kind) String() string {
	switch k {
	case Invalid:
		return "invalid"
	case Denied:
		return "denied"
	case Failed:
		return "failed"
	}
	return "unknown"
}

// Reasons of failures that this package finds itself. A denied request carries
// the policy's own reason.
const (
	ReasonInvalidRequest     = "invalid_request"
	ReasonPolicyFailed       = "policy_failed"
	ReasonPolicyMalformed    = "policy_malformed"
	ReasonPolicyMissing      = "policy_missing"
	ReasonAddressNotAllowed  = "address_not_allowed"
	ReasonBodyTooLarge       = "body_too_large"
	ReasonCancelled          = "cancelled"
	ReasonClosed             = "closed"
	ReasonConnectionClosed   = "connection_closed"
	ReasonConnectionFailed   = "connection_failed"
	ReasonConnectionRefused  = "connection_refused"
	ReasonConnectionReset    = "connection_reset"
	ReasonDNSFailed          = "dns_failed"
	ReasonHostUnreachable    = "host_unreachable"
	ReasonInsecureRedirect   = "insecure_redirect"
	ReasonInvalidRedirect    = "invalid_redirect"
	ReasonMalformedResponse  = "malformed_response"
	ReasonResponseHeadTooBig = "response_head_too_large"
	ReasonSchemeUnsupported  = "scheme_unsupported"
	ReasonTimedOut           = "timed_out"
	ReasonTLSExpired         = "tls_certificate_expired"
	ReasonTLSFailed          = "tls_failed"
	ReasonTLSUntrusted       = "tls_certificate_not_trusted"
	ReasonTLSWrongName       = "tls_certificate_wrong_name"
	ReasonTooManyRedirects   = "too_many_redirects"
)

// Error is every error that Do and a response's body return.
type Error struct {
	Kind Kind
	// Reason is a stable word for machines.
	Reason string
	// Message is the sentence for the caller, complete but for a denial: there it
	// is the policy's own sentence (or its reason), to which the policy's name
	// belongs. It may name a host, a port, an address or a header; it never holds
	// a query, credentials, or a header's value.
	Message string
	// Err is the cause, for errors.Is and errors.As. Its text is not fit for the
	// caller: it may hold a whole URL.
	Err error
}

func (e *Error) Error() string {
	if e.Kind == Denied {
		return "denied by policy: " + e.Message
	}
	return e.Message
}

// Unwrap gives the cause, such as a policy's own error.
func (e *Error) Unwrap() error { return e.Err }

func invalid(message string) *Error {
	return &Error{Kind: Invalid, Reason: ReasonInvalidRequest, Message: message}
}

func denied(reason, message string, cause error) *Error {
	return &Error{Kind: Denied, Reason: reason, Message: message, Err: cause}
}

// Prefixes of a failure's sentence. Callers key on the first: they retry what
// failed before the response's head, and nothing else.
const (
	failedPrefix = "http/request failed: "
	bodyPrefix   = "failed to read http/request response body: "
)

func failed(reason, what string, cause error) *Error {
	return &Error{Kind: Failed, Reason: reason, Message: failedPrefix + what, Err: cause}
}
