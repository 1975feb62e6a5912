package executor

import (
	"crypto/tls"
	"fmt"

	"github.com/sluice-run/sluice/host/executor/internal/reload"
)

// TLSConfig makes a listener's configuration of a certificate and its key, both
// PEM: tls.NewListener(l, config). The files are read again when they change;
// problem hears why a change could not be, and the old certificate stays in use.
// TLS is 1.2 at least.
func TLSConfig(certFile, keyFile string, problem func(error)) (*tls.Config, error) {
	read := func() (*tls.Certificate, error) {
		cert, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, fmt.Errorf("TLS certificate %s with key %s: %w", certFile, keyFile, err)
		}
		return &cert, nil
	}
	cert, err := reload.New(read, problem, certFile, keyFile)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"http/1.1"}, // no other can be upgraded to a websocket
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return cert.Get(), nil },
	}, nil
}
