package egress

// What an operator chooses once for all requests, with defaults and bounds.

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"time"

	"github.com/sluice-run/sluice/abi"
)

// Policy judges one hop of a request: before anything is resolved or dialled,
// and again when the response's head has arrived. An answer is written into
// the decision, which arrives as its zero value (allow, unchanged). An error
// means that the policy could not decide, and denies. Implementations must not
// keep or change what they are given. host/policy has the one that runs
// WebAssembly.
type Policy interface {
	OnRequest(context.Context, *abi.Request, *abi.Decision) error
	OnResponse(context.Context, *abi.Response, *abi.Decision) error
}

// Resolver turns a host name into addresses; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Connect opens a connection to an address and port that have been judged.
// Whatever it connects to is taken for that address.
type Connect func(ctx context.Context, to netip.AddrPort) (net.Conn, error)

// Defaults of Options.
const (
	DefaultConnectTimeout         = 30 * time.Second
	DefaultTLSHandshakeTimeout    = 10 * time.Second
	DefaultMaxRedirects           = 10
	DefaultMaxResponseHeaderBytes = 256 << 10
)

// NoRedirects as Options.MaxRedirects makes every redirect fail that a request
// wants to follow.
const NoRedirects = -1

// Bounds that no option moves.
const (
	// MaxURL is the length of a URL in bytes, as written and as canonical.
	MaxURL = 16 << 10
	// MaxMethod is the length of a method in bytes.
	MaxMethod = 64
	// MaxHeaders is the number of headers of one message, either way.
	MaxHeaders = abi.MaxHeaders
	// MaxHeaderName is the length of one request header's name in bytes.
	MaxHeaderName = 1 << 10
	// MaxHeaderValue is the length of one request header's value in bytes.
	MaxHeaderValue = 64 << 10
	// MaxHeaderBytes is the length of all names and values of a request.
	MaxHeaderBytes = 256 << 10
)

// How connections are kept for the next request.
const (
	maxIdleConns        = 512
	maxIdleConnsPerHost = 128
	idleConnTimeout     = 90 * time.Second
	// http2PingAfter is how long an HTTP/2 connection may be silent before it
	// is asked whether it still lives.
	http2PingAfter = 30 * time.Second
)

// Options configures a Client. The zero value is valid but denies everything:
// there is no policy in it.
type Options struct {
	// Policy judges every request that does not bring its own. Without either
	// a request is denied.
	Policy Policy
	// Net says which addresses may be dialled; nil allows public ones only.
	Net *NetRules
	// OwnListeners gives the addresses on which this process listens. They are
	// refused whatever Net says, unless it names the very host and port. It is
	// asked at each dial, so that a listener opened later counts as well.
	OwnListeners func() []netip.AddrPort

	// ConnectTimeout bounds name lookup and TCP connect together.
	ConnectTimeout time.Duration
	// TLSHandshakeTimeout bounds the TLS handshake.
	TLSHandshakeTimeout time.Duration
	// ResponseHeaderTimeout bounds the wait for the response's head once the
	// request is written; 0 is no bound but the request's own timeout.
	ResponseHeaderTimeout time.Duration

	// MaxRedirects is how many redirects one request may follow; NoRedirects is
	// none at all.
	MaxRedirects int
	// AllowInsecureRedirects lets a redirect lead from https to http.
	AllowInsecureRedirects bool
	// MaxResponseHeaderBytes bounds a response's head as it stands on the wire.
	MaxResponseHeaderBytes int64

	// RootCAs are the certificate authorities to trust; nil is the system's.
	RootCAs *x509.CertPool
	// Resolver looks names up; nil is the system's.
	Resolver Resolver
	// Connect opens connections, for those who need a source address of their
	// own or a network in memory; nil is TCP as the system does it.
	Connect Connect
}
