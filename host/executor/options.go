package executor

import (
	"log/slog"
	"time"

	"github.com/sluice-run/sluice/host/egress"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// Defaults of Options.
const (
	DefaultConcurrentRequests = 64
	DefaultMaxWaiting         = 256
	DefaultMaxStreams         = 256
	DefaultMaxBufferedBody    = 64 << 20
	DefaultMaxConnections     = 4096
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
	// Egress are the settings of the way out: addresses, timeouts, limits. Its
	// Policy and OwnListeners are set by the executor.
	Egress egress.Options

	// ConcurrentRequests is how many requests of one connection run at a time,
	// counted until the response's head is there (buffered: its whole body).
	ConcurrentRequests int
	// MaxWaiting is how many more requests of one connection may wait for their
	// turn; the next one is answered with CodeOverloaded.
	MaxWaiting int
	// MaxStreams is how many response bodies one connection may stream at a
	// time; the next streamed request is answered with CodeOverloaded.
	MaxStreams int
	// MaxBufferedBody bounds the body of a buffered response, in bytes.
	MaxBufferedBody int
	// MaxConnections bounds the connections of the executor.
	MaxConnections int
	// MaxSessions bounds the sessions, attached or not; SessionKeep is how long
	// one without a connection can still be resumed.
	MaxSessions int
	SessionKeep time.Duration
	// HandshakeTimeout is how long a connection may take until initialized.
	HandshakeTimeout time.Duration

	// Environment is what callers are told of this machine.
	Environment wire.EnvironmentInfo
	// RPC are the settings of the JSON-RPC peers.
	RPC rpc.Options
	// Logger hears of connections and decisions; nil is silence.
	Logger *slog.Logger
}

func (o *Options) setDefaults() {
	setDefault(&o.ConcurrentRequests, DefaultConcurrentRequests)
	setDefault(&o.MaxWaiting, DefaultMaxWaiting)
	setDefault(&o.MaxStreams, DefaultMaxStreams)
	setDefault(&o.MaxBufferedBody, DefaultMaxBufferedBody)
	setDefault(&o.MaxConnections, DefaultMaxConnections)
	setDefault(&o.MaxSessions, DefaultMaxSessions)
	setDefault(&o.SessionKeep, DefaultSessionKeep)
	setDefault(&o.HandshakeTimeout, DefaultHandshakeTimeout)
	// The reference's client starts nothing without a shell; Sluice runs none,
	// so that it names the one that every Unix has.
	setDefault(&o.Environment, wire.EnvironmentInfo{ShellName: "sh", ShellPath: "/bin/sh"})
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
