package executor

import (
	"log/slog"
	"time"

	"github.com/sluice-run/sluice/host/egress"
	"github.com/sluice-run/sluice/host/policy"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// Defaults of Options.
const (
	DefaultConcurrentRequests = 64
	DefaultMaxWaiting         = 256
	DefaultMaxWaitingBytes    = 64 << 20
	DefaultMaxStreams         = 256
	DefaultMaxBufferedBody    = 64 << 20
	DefaultMaxConnections     = 4096
	DefaultMaxRequests        = 16384
	DefaultMaxSessions        = 16384
	DefaultSessionKeep        = 5 * time.Minute
	DefaultHandshakeTimeout   = 30 * time.Second
)

// Options are the settings of an executor. Zero fields mean the defaults above.
type Options struct {
	// Policy judges every hop of every request. An executor without one denies
	// everything.
	Policy egress.Policy
	// PolicyName names the policy in errors.
	PolicyName string
	// Active, if not nil, takes the place of both: the policy in force, which may
	// be swapped while requests run. It stays the caller's to close, after the
	// executor.
	Active *policy.Active
	// Egress are the settings of the way out: addresses, timeouts, limits. Its
	// Policy and OwnListeners are set by the executor.
	Egress egress.Options

	// Auth knows who may connect over a websocket; nil lets everybody in.
	Auth Authenticator
	// AllowHosts are names in the Host header that connections over loopback
	// may have beside localhost and loopback addresses, such as the name of a
	// proxy on this machine.
	AllowHosts []string

	// ConcurrentRequests is how many requests of one connection run at a time,
	// counted until the response's head is there (buffered: its whole body).
	ConcurrentRequests int
	// MaxWaiting is how many more requests of one connection may wait for their
	// turn, and MaxWaitingBytes how long their bodies may be together; the next
	// one is answered with CodeOverloaded.
	MaxWaiting      int
	MaxWaitingBytes int
	// MaxStreams is how many response bodies one connection may stream at a
	// time; the next streamed request is answered with CodeOverloaded.
	MaxStreams int
	// MaxBufferedBody bounds the body of a buffered response, in bytes.
	MaxBufferedBody int
	// MaxConnections bounds the connections of the executor, and
	// MaxConnectionsPerCaller those of one caller; 0 is no bound of its own. The
	// next one is closed with 1013.
	MaxConnections          int
	MaxConnectionsPerCaller int
	// MaxRequests bounds the requests of all connections that run, wait or
	// stream; the next one is answered with CodeOverloaded.
	MaxRequests int
	// RateLimit bounds how often one caller may begin a request, over all its
	// connections; zero is no bound.
	RateLimit RateLimit
	// MaxSessions bounds the sessions, attached or not; SessionKeep is how long
	// one without a connection can still be resumed.
	MaxSessions int
	SessionKeep time.Duration
	// HandshakeTimeout is how long a connection may take until initialized.
	HandshakeTimeout time.Duration
	// IdleTimeout is how long a connection may be without http/request in
	// flight before it is closed with 1001; zero is for ever.
	IdleTimeout time.Duration

	// HeaderEnv names the variables of this process's environment that callers
	// may use in headers (valueEnvVar); all others are refused. They are read
	// once. Callers never see the values, unless an origin repeats them.
	HeaderEnv []string

	// Environment is what callers are told of this machine. The capability to
	// use HeaderEnv is told if there is any.
	Environment wire.EnvironmentInfo
	// RPC are the settings of the JSON-RPC peers.
	RPC rpc.Options
	// Logger hears of connections and decisions; nil is silence.
	Logger *slog.Logger
}

func (o *Options) setDefaults() {
	setDefault(&o.ConcurrentRequests, DefaultConcurrentRequests)
	setDefault(&o.MaxWaiting, DefaultMaxWaiting)
	setDefault(&o.MaxWaitingBytes, DefaultMaxWaitingBytes)
	setDefault(&o.MaxStreams, DefaultMaxStreams)
	setDefault(&o.MaxBufferedBody, DefaultMaxBufferedBody)
	setDefault(&o.MaxConnections, DefaultMaxConnections)
	setDefault(&o.MaxConnectionsPerCaller, o.MaxConnections)
	setDefault(&o.MaxRequests, DefaultMaxRequests)
	setDefault(&o.MaxSessions, DefaultMaxSessions)
	setDefault(&o.SessionKeep, DefaultSessionKeep)
	setDefault(&o.HandshakeTimeout, DefaultHandshakeTimeout)
	// The reference's client starts nothing without a shell; Sluice runs none,
	// so that it names the one that every Unix has.
	setDefault(&o.Environment, wire.EnvironmentInfo{ShellName: "sh", ShellPath: "/bin/sh"})
	o.Environment.HTTPHeaderEnvVars = len(o.HeaderEnv) > 0
	setDefault(&o.PolicyName, "none")
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
