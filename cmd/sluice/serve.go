package main

// sluice serve: an executor for callers over a websocket or standard input and
// output.

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sluice-run/sluice/cmd/sluice/internal/args"
	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/policy"
)

type serveCmd struct {
	Listen         args.Listen `help:"ws://IP:PORT, wss://IP:PORT or stdio; port 0 is any free one (default ${default})." default:"ws://127.0.0.1:0" placeholder:"WHERE"`
	InsecureNoAuth bool        `help:"Listen beyond loopback although everybody who reaches the port may use it."`

	authFlags
	tlsFlags
	policyFlags
	netFlags
	headerEnvFlags

	limitFlags

	LogLevel  string `help:"debug, info, warn or error (default ${default})." enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL" group:"Logging:"`
	LogFormat string `help:"text or json (default ${default})." enum:"text,json" default:"text" placeholder:"FORMAT" group:"Logging:"`
}

// Help is shown below the one-line help.
func (*serveCmd) Help() string {
	return `Prints its URL as the only line on standard output, logs to standard error. SIGTERM or Ctrl-C stops taking requests, lets those that run finish and ends; a second one ends at once. A policy and a configuration given as files are loaded again when they change, and on SIGHUP: requests that run finish under the policy they started with, and if the new one does not load, the old one stays. With --listen stdio it speaks one JSON message per line; the end of the input is such a signal, too.

` + netHelp + `

Examples:

    sluice serve
    sluice serve --listen ws://127.0.0.1:4000 --policy-config rules.yaml
    sluice serve --listen wss://0.0.0.0:4000 --tls-cert cert.pem --tls-key key.pem --ws-auth capability-token --ws-tokens-file tokens
    sluice serve --listen stdio --allow-net 10.0.0.0/8 --allow-net intranet.example:8443
    sluice serve --policy mine.wasm --log-level debug --log-format json`
}

// Validate refuses what would be dangerous or senseless.
func (s *serveCmd) Validate() error {
	switch {
	case s.Listen.Stdio && (s.WsAuth != "" || s.tls()):
		return errors.New("--ws-auth and --tls-cert are about websockets: whoever starts the process is the caller of --listen stdio")
	case s.InsecureNoAuth && s.WsAuth != "":
		return errors.New("--insecure-no-auth contradicts --ws-auth")
	case s.Listen.TLS && !s.tls():
		return errors.New("--listen wss:// needs --tls-cert and --tls-key")
	case !s.Listen.Local() && s.WsAuth == "" && !s.InsecureNoAuth:
		return fmt.Errorf("--listen %s would let everybody who reaches it make requests from this machine: "+
			"listen on 127.0.0.1 or [::1], ask for tokens with --ws-auth, "+
			"or say --insecure-no-auth if the network is yours alone", s.Listen)
	}
	return errors.Join(s.checkAuth(), s.checkTLS(), s.checkLimits(), s.checkHeaderEnv())
}

// Run serves until a signal, or until the input's end.
func (s *serveCmd) Run() error {
	ctx, stop := interruptible()
	defer stop()
	log := newLogger(s.LogFormat, s.LogLevel)

	out, err := s.wayOut()
	if err != nil {
		return err
	}
	s.warnUnset(log)
	callers, err := s.authenticator(log)
	if err != nil {
		return err
	}
	started := time.Now()
	loaded, err := s.load(ctx, log)
	if err != nil {
		return err
	}
	active := policy.NewActive(loaded)
	defer active.Close(context.WithoutCancel(ctx))
	log.Info("policy loaded", "policy", loaded.Name(), "sha256", loaded.SHA256(), "took", time.Since(started).Round(time.Millisecond))

	o := executor.Options{
		Active:     active,
		Egress:     out,
		HeaderEnv:  s.HeaderEnv,
		Auth:       callers,
		AllowHosts: s.AllowHost,
		Logger:     log,
	}
	s.limit(&o)
	exec := executor.New(o)
	defer exec.Close()
	reload := reloader{flags: &s.policyFlags, active: active, log: log}
	defer reload.start()()
	if s.Listen.Stdio {
		return s.serveStdio(ctx, exec, log)
	}
	return s.serveWebSocket(ctx, exec, log)
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
