// The messages and names of the contract; see doc.go for how they are used.

package abi

// Names of the functions a module exports and imports, version 1.
const (
	// ExportMemory is the module's linear memory.
	ExportMemory = "memory"
	// ExportVersion is func(): its presence says "this module speaks version 1".
	ExportVersion = "sluice_abi_v1"
	// ExportBuffer is func(size i32) -> ptr i32: where the host may write size
	// bytes for the call that follows. 0 means that there is no room.
	ExportBuffer = "sluice_buffer"
	// ExportConfigure is func(ptr, len i32) -> i64, optional, called once before
	// any hook with the operator's configuration as JSON text, which is empty if
	// there is none. 0 means accepted; anything else points to a sentence that
	// says why not, and the load fails.
	ExportConfigure = "sluice_configure"
	// ExportOnRequest is func(ptr, len i32) -> i64, called with a Request for
	// each hop before anything is resolved or dialled.
	ExportOnRequest = "sluice_on_request"
	// ExportOnResponse is func(ptr, len i32) -> i64, called with a Response for
	// each hop once its head has arrived.
	ExportOnResponse = "sluice_on_response"

	// ImportModule is the module name of the host's own functions.
	ImportModule = "sluice"
	// ImportLog is func(level, ptr, len i32): one log line.
	ImportLog = "log"
)

// Log levels of ImportLog.
const (
	LogDebug uint32 = iota
	LogInfo
	LogWarn
	LogError
)

// Limits that both sides keep to. A message beyond them is malformed. A host
// that has more to say than fits denies the request without asking.
const (
	// MaxMessage is the size of one message in bytes, in either direction.
	MaxMessage = 4 << 20
	// MaxHeaders is the number of headers in one message.
	MaxHeaders = 1024
	// MaxReason is the length of Decision.Reason in bytes.
	MaxReason = 64
	// MaxText is the length of Decision.Message, of one log line and of a
	// configuration error in bytes.
	MaxText = 1024
)

// Header is one name and value, in the order in which they stand.
type Header struct {
	Name  string
	Value string
}

// BodyForm says what kind of body goes with a message.
type BodyForm uint32

// The forms of a body.
const (
	// BodyNone: there is no body, not even an empty one.
	BodyNone BodyForm = iota
	// BodyBytes: a body whose length is known (it may be 0).
	BodyBytes
	// BodyStream: a body whose length is not known beforehand.
	BodyStream
)

// Request is what a policy is asked about: one hop of one request.
type Request struct {
	// Method as the caller wrote it, any string.
	Method string
	// URL is the canonical (WHATWG) URL without a fragment; Scheme, Host, Port,
	// Path and Query are its parts. An IPv6 Host stands in brackets. Port is
	// never 0 for http and https. Query has no leading '?'.
	URL    string
	Scheme string
	Host   string
	Port   uint16
	Path   string
	Query  string
	// Hop is 0 for the caller's own URL and grows by one with each redirect.
	Hop uint32
	// From is the origin that sent the redirect, empty on hop 0.
	From string
	// Caller is who asks, as far as it is known.
	Caller string
	// Headers as they would go out, repeats kept.
	Headers []Header
	// Body says whether a body goes out, BodyLength how many bytes it has.
	Body       BodyForm
	BodyLength uint64
	// Stream is true if the caller wants the response streamed.
	Stream bool
}

// Response is a response's head, with the request that it answers.
type Response struct {
	Status uint32
	// Headers as the origin sent them; values are bytes, not always UTF-8.
	Headers []Header
	// Body says whether a body follows; BodyLength is its length if Body is
	// BodyBytes.
	Body       BodyForm
	BodyLength uint64
	// Stream is true if the body goes to the caller in deltas.
	Stream bool

	// The request that went out on this hop.
	Method string
	URL    string
	Scheme string
	Host   string
	Port   uint16
	Path   string
	Query  string
	Hop    uint32
	Caller string
}

// Verdict is the heart of a decision.
type Verdict uint32

// The verdicts.
const (
	// Allow lets the message pass, with the decision's edits.
	Allow Verdict = iota
	// Deny stops it: the operator's rules do not want it.
	Deny
	// Invalid stops it: it is not a well-formed request at all. Message is
	// handed to the caller word for word as an "invalid params" error.
	Invalid
)

// Edits says which parts of a message a decision replaces.
type Edits uint32

// The edits. A response can only have its headers edited: whether it has a body
// follows from its status and its request's method, which is the host's reading.
const (
	EditMethod Edits = 1 << iota
	EditURL
	EditHeaders
	EditBody

	editsKnown = EditMethod | EditURL | EditHeaders | EditBody
)

// Decision is a policy's answer. Its zero value allows without any change; a
// hook may answer 0 instead of pointing to one.
type Decision struct {
	Verdict Verdict
	// Reason is a stable word for machines, such as "host_not_allowed": lower
	// case letters, digits and underscores. Required unless allowed.
	Reason string
	// Message is a sentence for the caller, UTF-8. It must not carry what the
	// caller or a log should not see: query strings, header values, secrets.
	Message string

	// Edits names the fields below that count. They matter only if the verdict
	// is Allow.
	Edits   Edits
	Method  string
	URL     string
	Headers []Header
	// Body is the form the body shall have: BodyNone drops it, BodyBytes
	// replaces it by BodyBytes. BodyStream is not a valid edit.
	Body      BodyForm
	BodyBytes string
}
