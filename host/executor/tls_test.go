package executor_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/executor"
)

// pair is a certificate that signed itself, in files.
type pair struct{ cert, key string }

func newPair(t *testing.T) pair {
	t.Helper()
	dir := t.TempDir()
	return pair{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
}

// write makes a new certificate and returns whom to trust for it. The files'
// times are age ago, different for each call.
func (p pair) write(t *testing.T, serial int64, age time.Duration) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	p.put(t, p.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), age)
	p.put(t, p.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), age)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return pool
}

func (p pair) put(t *testing.T, path string, text []byte, age time.Duration) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, text, 0o600))
	then := time.Now().Add(-age)
	require.NoError(t, os.Chtimes(path, then, then))
}

func TestTLS(t *testing.T) {
	t.Parallel()
	files := newPair(t)
	first := files.write(t, 1, 3*time.Hour)
	var problems []error
	config, err := executor.TLSConfig(files.cert, files.key, func(err error) { problems = append(problems, err) })
	require.NoError(t, err)

	e := start(t, func(o *executor.Options) { o.Auth = known{"s3cret": "ci"} })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- e.Serve(ctx, tls.NewListener(l, config)) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-served)
	})
	addr, url := l.Addr().String(), origin(t, echo)
	request := func(trusted *x509.CertPool) error {
		c, err := client.Dial(t.Context(), "wss://"+addr, &client.Options{Token: "s3cret", TLS: &tls.Config{RootCAs: trusted}})
		if err != nil {
			return err
		}
		defer func() { require.NoError(t, c.Close()) }()
		res, err := c.Do(t.Context(), &client.Request{Method: "GET", URL: url})
		if err == nil {
			require.Equal(t, "got ", string(res.Body))
		}
		return err
	}
	require.NoError(t, request(first))
	require.ErrorContains(t, request(x509.NewCertPool()), "unknown authority")

	_, err = client.Dial(t.Context(), "wss://"+addr, &client.Options{TLS: &tls.Config{RootCAs: first}})
	require.ErrorContains(t, err, "refused with 401 Unauthorized: missing websocket bearer token")
	_, err = client.Dial(t.Context(), "ws://"+addr, &client.Options{Token: "s3cret"})
	require.Error(t, err, "no token is taken in clear text")

	_, err = tls.Dial("tcp", addr, &tls.Config{RootCAs: first, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	require.ErrorContains(t, err, "protocol version")

	second := files.write(t, 2, 2*time.Hour)
	require.NoError(t, request(second), "the new certificate counts at once")
	require.Error(t, request(first))

	files.put(t, files.cert, []byte("half a file"), time.Hour)
	require.NoError(t, request(second), "what cannot be read changes nothing")
	require.Len(t, problems, 1)
	require.ErrorContains(t, problems[0], "TLS certificate "+files.cert+" with key "+files.key)
}

func TestTLSConfigNeedsBothFiles(t *testing.T) {
	t.Parallel()
	files, other := newPair(t), newPair(t)
	files.write(t, 1, 0)
	other.write(t, 2, 0)
	_, err := executor.TLSConfig(files.cert, other.key, nil)
	require.ErrorContains(t, err, "private key does not match")
	_, err = executor.TLSConfig(files.cert, files.key+".absent", nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}
