package main

// sluice serve: an executor for callers over a websocket or standard input and
// output.

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/sluice-run/sluice/cmd/sluice/internal/args"
	"github.com/sluice-run/sluice/host/egress"
	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/policy"
)

type serveCmd struct {
	Listen         args.Listen `help:"ws://IP:PORT or stdio; port 0 is any free one (default ${default})." default:"ws://127.0.0.1:0" placeholder:"WHERE"`
	InsecureNoAuth bool        `help:"Listen beyond loopback although everybody who reaches the port may use it."`

	policyFlags
	netFlags

	ConcurrentRequests int           `help:"Requests of one connection that run at a time (default ${default})." default:"64" placeholder:"N" group:"Limits:"`
	MaxBufferedBody    args.Size     `help:"Largest body of a response that is not streamed (default ${default})." default:"64MiB" placeholder:"SIZE" group:"Limits:"`
	DrainTimeout       time.Duration `help:"How long running requests may take once the end is near (default ${default})." default:"10s" placeholder:"TIME" group:"Limits:"`

	LogLevel  string `help:"debug, info, warn or error (default ${default})." enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL" group:"Logging:"`
	LogFormat string `help:"text or json (default ${default})." enum:"text,json" default:"text" placeholder:"FORMAT" group:"Logging:"`
}

// Help is shown below the one-line help.
func (*serveCmd) Help() string {
	return `Prints its URL as the only line on standard output, logs to standard error. SIGTERM or Ctrl-C stops taking requests, lets those that run finish and ends; a second one ends at once. With --listen stdio it speaks one JSON message per line; the end of the input is such a signal, too.

Only public addresses can be requested unless --allow-net names others.

Examples:

    sluice serve
    sluice serve --listen ws://127.0.0.1:4000 --policy-config rules.yaml
    sluice serve --listen stdio --allow-net 10.0.0.0/8 --allow-net intranet.example:8443
    sluice serve --policy mine.wasm --log-level debug --log-format json`
}

// Validate refuses what would be dangerous or senseless.
func (s *serveCmd) Validate() error {
	switch {
	case !s.Listen.Local() && !s.InsecureNoAuth:
		return fmt.Errorf("--listen %s would let everybody who reaches it make requests from this machine: "+
			"listen on 127.0.0.1 or [::1], put a proxy with authentication before it, "+
			"or say --insecure-no-auth if the network is yours alone", s.Listen)
	case s.ConcurrentRequests < 1:
		return fmt.Errorf("--concurrent-requests must be at least 1")
	case s.DrainTimeout < 0:
		return fmt.Errorf("--drain-timeout must not be negative")
	case int(s.MaxBufferedBody) > executor.DefaultMaxBufferedBody:
		return fmt.Errorf("--max-buffered-body: a caller takes no more than %dMiB in one message; larger bodies are streamed", executor.DefaultMaxBufferedBody>>20)
	}
	return nil
}

// Run serves until a signal, or until the input's end.
func (s *serveCmd) Run() error {
	ctx, stop := interruptible()
	defer stop()
	log := newLogger(s.LogFormat, s.LogLevel)

	net, err := s.rules()
	if err != nil {
		return err
	}
	started := time.Now()
	loaded, err := s.load(ctx, log)
	if err != nil {
		return err
	}
	defer loaded.Close(context.WithoutCancel(ctx))
	log.Info("policy loaded", "policy", loaded.Name(), "sha256", loaded.SHA256(), "took", time.Since(started).Round(time.Millisecond))

	exec := executor.New(s.options(loaded, net, log))
	defer exec.Close()
	if s.Listen.Stdio {
		return s.serveStdio(ctx, exec, log)
	}
	return s.serveWebSocket(ctx, exec, log)
}

func (s *serveCmd) options(p *policy.Policy, net *egress.NetRules, log *slog.Logger) executor.Options {
	return executor.Options{
		Policy:             p,
		PolicyName:         p.Name(),
		Egress:             egress.Options{Net: net},
		ConcurrentRequests: s.ConcurrentRequests,
		MaxBufferedBody:    int(s.MaxBufferedBody),
		Logger:             log,
	}
}

func (s *serveCmd) serveWebSocket(ctx context.Context, exec *executor.Executor, log *slog.Logger) error {
	l, err := net.Listen("tcp", s.Listen.Addr.String())
	if err != nil {
		return err
	}
	url := "ws://" + l.Addr().String()
	if _, err := fmt.Println(url); err != nil {
		return err
	}
	log.Info("listening", "url", url)
	if !s.Listen.Local() {
		log.Warn("everybody who reaches this address can make requests from this machine")
	}
	if err := exec.Serve(ctx, l); err != nil {
		return err
	}
	return s.drain(exec, log)
}

// drain lets what runs finish.
func (s *serveCmd) drain(exec *executor.Executor, log *slog.Logger) error {
	log.Info("shutting down", "within", s.DrainTimeout)
	ctx, cancel := context.WithTimeout(context.Background(), s.DrainTimeout)
	defer cancel()
	if err := exec.Drain(ctx); err != nil {
		log.Warn("not everything could finish", "problem", err.Error())
	}
	return nil
}
