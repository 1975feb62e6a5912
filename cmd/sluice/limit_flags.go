package main

// The flags that bound what callers may take.

import (
	"fmt"
	"time"

	"github.com/sluice-run/sluice/cmd/sluice/internal/args"
	"github.com/sluice-run/sluice/host/executor"
)

// limitFlags have the defaults of executor.Options; a test compares them.
type limitFlags struct {
	ConcurrentRequests      args.Count    `help:"Requests of one connection that run at a time (default ${default})." default:"64" placeholder:"N" group:"Limits:"`
	MaxWaiting              args.Count    `help:"More requests of one connection that wait for their turn (default ${default})." default:"256" placeholder:"N" group:"Limits:"`
	MaxWaitingBytes         args.Size     `help:"Bodies of those that wait, together (default ${default})." default:"64MiB" placeholder:"SIZE" group:"Limits:"`
	MaxStreams              args.Count    `help:"Response bodies that one connection streams at a time (default ${default})." default:"256" placeholder:"N" group:"Limits:"`
	MaxRequests             args.Count    `help:"Requests of all connections that run, wait or stream (default ${default})." default:"16384" placeholder:"N" group:"Limits:"`
	MaxConnections          args.Count    `help:"Connections (default ${default})." default:"4096" placeholder:"N" group:"Limits:"`
	MaxConnectionsPerCaller args.Count    `help:"Connections of one caller; those without a name count as one (default: as many as there may be)." placeholder:"N" group:"Limits:"`
	RateLimit               args.Rate     `help:"Requests that one caller may begin per second, and at once (default: any number)." placeholder:"N/s[:BURST]" group:"Limits:"`
	MaxBufferedBody         args.Size     `help:"Largest body of a response that is not streamed (default ${default})." default:"64MiB" placeholder:"SIZE" group:"Limits:"`
	HandshakeTimeout        time.Duration `help:"How long a new connection may take to introduce itself (default ${default})." default:"30s" placeholder:"TIME" group:"Limits:"`
	IdleTimeout             time.Duration `help:"Close connections that have no request for so long (default: never)." placeholder:"TIME" group:"Limits:"`
	DrainTimeout            time.Duration `help:"How long running requests may take once the end is near (default ${default})." default:"10s" placeholder:"TIME" group:"Limits:"`
}

func (f *limitFlags) checkLimits() error {
	switch {
	case f.HandshakeTimeout <= 0:
		return fmt.Errorf("--handshake-timeout must be more than 0")
	case f.IdleTimeout < 0:
		return fmt.Errorf("--idle-timeout must not be negative")
	case f.DrainTimeout < 0:
		return fmt.Errorf("--drain-timeout must not be negative")
	case int(f.MaxBufferedBody) > executor.DefaultMaxBufferedBody:
		return fmt.Errorf("--max-buffered-body: a caller takes no more than %dMiB in one message; larger bodies are streamed", executor.DefaultMaxBufferedBody>>20)
	}
	return nil
}

// limit sets the executor's limits.
func (f *limitFlags) limit(o *executor.Options) {
	o.ConcurrentRequests = int(f.ConcurrentRequests)
	o.MaxWaiting = int(f.MaxWaiting)
	o.MaxWaitingBytes = int(f.MaxWaitingBytes)
	o.MaxStreams = int(f.MaxStreams)
	o.MaxRequests = int(f.MaxRequests)
	o.MaxConnections = int(f.MaxConnections)
	o.MaxConnectionsPerCaller = int(f.MaxConnectionsPerCaller)
	o.RateLimit = executor.RateLimit(f.RateLimit)
	o.MaxBufferedBody = int(f.MaxBufferedBody)
	o.HandshakeTimeout = f.HandshakeTimeout
	o.IdleTimeout = f.IdleTimeout
}
