package main

// Serving callers over websockets.

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"

	"github.com/sluice-run/sluice/host/executor"
)

func (s *serveCmd) serveWebSocket(ctx context.Context, exec *executor.Executor, log *slog.Logger) error {
	l, err := s.listen(log)
	if err != nil {
		return err
	}
	url := s.url(l.Addr())
	if _, err := fmt.Println(url); err != nil {
		return err
	}
	log.Info("listening", "url", url)
	s.warn(log)
	if err := exec.Serve(ctx, l); err != nil {
		return err
	}
	return s.drain(exec, log)
}

func (s *serveCmd) listen(log *slog.Logger) (net.Listener, error) {
	if !s.tls() {
		return net.Listen("tcp", s.Listen.Addr.String())
	}
	config, err := s.config(log)
	if err != nil {
		return nil, err
	}
	return tls.Listen("tcp", s.Listen.Addr.String(), config)
}

func (s *serveCmd) url(addr net.Addr) string {
	if s.tls() {
		return "wss://" + addr.String()
	}
	return "ws://" + addr.String()
}

// warn says what is open to the network.
func (s *serveCmd) warn(log *slog.Logger) {
	switch {
	case s.Listen.Local():
	case s.WsAuth == "":
		log.Warn("everybody who reaches this address can make requests from this machine")
	case !s.tls():
		log.Warn("tokens, requests and responses can be read on the way: speak TLS, here (--tls-cert) or in a proxy before it")
	}
}
