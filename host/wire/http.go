package wire

// JSON-RPC methods of the protocol.
const (
	MethodInitialize  = "initialize"
	MethodInitialized = "initialized"
	MethodEnvInfo     = "environment/info"
	MethodHTTPRequest = "http/request"
	MethodBodyDelta   = "http/request/bodyDelta"
)

// Limits of the protocol, in bytes unless said otherwise.
const (
	// MaxMessage is the largest message an executor takes; the reference's own
	// limit.
	MaxMessage = 64 << 20
	// MaxResult is the largest message a client takes: room for a buffered body
	// of 64 MiB in base64.
	MaxResult = 96 << 20
	// MaxDelta is the largest number of decoded bytes in one body delta. One
	// more makes the reference's client fail every stream of its connection.
	MaxDelta = 1 << 20
	// MaxDepth is how many objects and arrays may nest; the reference's own
	// limit.
	MaxDepth = 127
	// MaxMembers is how many members one JSON object may have. The protocol's
	// own objects have fewer than twenty; the bound keeps the memory for finding
	// duplicate keys small.
	MaxMembers = 4096
	// MaxHeaders is how many headers a request or a response may have.
	MaxHeaders = 1024
)

// Header is one protocol header. With ValueEnvVar the executor appends to Value
// what its own environment has under that name, as in "Bearer " and API_TOKEN.
type Header struct {
	Name        string
	Value       string
	ValueEnvVar string
}

// Redirect says what the executor does with a redirect.
type Redirect uint8

// The redirect policies.
const (
	RedirectFollow Redirect = iota
	RedirectStop
)

// HTTPRequest is the params of http/request.
type HTTPRequest struct {
	Method  string
	URL     string
	Headers []Header
	// Body is the decoded bodyBase64; nil if it is absent or null, empty but
	// not nil if it is the empty string.
	Body []byte
	// TimeoutMs is one deadline over connect, redirects and body; nil is none.
	TimeoutMs *uint64
	Redirect  Redirect
	// RequestID names the body stream; unique among a connection's active ones.
	RequestID string
	// Stream asks for the body in deltas (streamResponse).
	Stream bool
}

// HTTPResponse is the result of http/request. Body is empty when streaming.
type HTTPResponse struct {
	Status  int
	Headers []Header
	Body    []byte
}

// BodyDelta is the params of http/request/bodyDelta.
type BodyDelta struct {
	RequestID string
	// Seq counts from 1 without gaps.
	Seq   uint64
	Delta []byte
	Done  bool
	// Error is why the stream broke off; empty if it did not.
	Error string
}
