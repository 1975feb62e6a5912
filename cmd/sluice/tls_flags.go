package main

// The flags of an executor that speaks TLS.

import (
	"crypto/tls"
	"log/slog"

	"github.com/sluice-run/sluice/host/executor"
)

type tlsFlags struct {
	TLSCert string `name:"tls-cert" help:"Speak TLS (wss://) with this certificate, PEM; read again when it changes." placeholder:"FILE" group:"Callers:"`
	TLSKey  string `name:"tls-key" help:"The certificate's key, PEM." placeholder:"FILE" group:"Callers:"`
}

// tls says that the flags were given.
func (f *tlsFlags) tls() bool { return f.TLSCert != "" }

func (f *tlsFlags) checkTLS() error {
	if (f.TLSCert == "") != (f.TLSKey == "") {
		return usage("--tls-cert and --tls-key go together")
	}
	return nil
}

func (f *tlsFlags) config(log *slog.Logger) (*tls.Config, error) {
	return executor.TLSConfig(f.TLSCert, f.TLSKey, func(err error) {
		log.Error("the certificate could not be read anew; the old one stays in use", "problem", err.Error())
	})
}
