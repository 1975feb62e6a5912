package egress

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What an origin can do wrong before the response's head is there.
func TestFailures(t *testing.T) {
	t.Parallel()
	const malformed = "malformed response from HOST"
	many := strings.Repeat("X: y\r\n", MaxHeaders+1)
	tests := []struct {
		name   string
		answer string
		reason string
		want   string
	}{
		{"no HTTP", "hello there secret\r\n\r\n", ReasonMalformedResponse, malformed},
		{"bad status", "HTTP/1.1 abc secret\r\n\r\n", ReasonMalformedResponse, malformed},
		{"bad header", "HTTP/1.1 200 OK\r\nsecret header\r\n\r\n", ReasonMalformedResponse, malformed},
		{"bad length", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", ReasonMalformedResponse, malformed},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", ReasonMalformedResponse, malformed},
		{"odd coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", ReasonMalformedResponse, malformed},
		{"closed at once", "", ReasonConnectionClosed, "connection closed by HOST"},
		{"closed in the head", "HTTP/1.1 200 OK\r\nX:", ReasonConnectionClosed, "connection closed by HOST"},
		{"switches protocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", ReasonMalformedResponse, malformed + ": it switches protocols unasked"},
		{"head too large", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", DefaultMaxResponseHeaderBytes) + "\r\n\r\n", ReasonResponseHeadTooBig, "the response head from HOST is too large"},
		{"too many headers", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + many + "\r\n", ReasonResponseHeadTooBig, "the response head from HOST has too many headers"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t, tt.answer)
			if tt.answer == "" {
				o = newOrigin(t) // closes without reading
			}
			e := doFails(t, newClient(t, Options{}), get(o.url+"/?secret"))
			require.Equal(t, Failed, e.Kind)
			if tt.answer == "" && e.Reason == ReasonConnectionReset {
				return // closing with unread data may reset
			}
			require.Equal(t, tt.reason, e.Reason, e.Message)
			require.Equal(t, failedPrefix+strings.ReplaceAll(tt.want, "HOST", o.addr.String()), e.Message)
		})
	}
}

func TestConnectionReset(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Read(make([]byte, 1))
		_ = conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}()
	e := doFails(t, newClient(t, Options{}), get("http://"+l.Addr().String()))
	require.Equal(t, ReasonConnectionReset, e.Reason)
	require.Equal(t, failedPrefix+"connection reset by "+l.Addr().String(), e.Message)
}

func TestClosedClient(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, answer("ok"), answer("ok"))
	c := newClient(t, Options{})
	do(t, c, get(o.url))
	c.Close()
	o.waitClosed(t)
	e := doFails(t, c, get(o.url))
	require.Equal(t, ReasonClosed, e.Reason)
}

// tlsOrigin serves over TLS, HTTP/2 if asked for.
func tlsOrigin(t *testing.T, h2 bool, config *tls.Config, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = h2
	s.TLS = config
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func rootsOf(s *httptest.Server) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return roots
}

func TestTLS(t *testing.T) {
	t.Parallel()
	for _, h2 := range []bool{false, true} {
		s := tlsOrigin(t, h2, nil, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Proto", r.Proto)
			w.Header().Set("X-Agent", strings.Join(r.Header["User-Agent"], ","))
			w.Header().Set("X-Path", r.RequestURI)
			_, _ = io.Copy(w, r.Body)
		})
		c := newClient(t, Options{RootCAs: rootsOf(s)})
		for range 2 {
			resp, body := do(t, c, &Request{Method: "POST", URL: s.URL + "/a|b?c", Body: []byte("hello")})
			require.Equal(t, "hello", body)
			require.Equal(t, map[bool]string{false: "HTTP/1.1", true: "HTTP/2.0"}[h2], headerValue(resp.Headers, "x-proto"))
			require.Equal(t, "/a|b?c", headerValue(resp.Headers, "x-path"))
			require.Empty(t, headerValue(resp.Headers, "x-agent"))
		}
		s.CloseClientConnections()
	}
}

func TestTLSFailures(t *testing.T) {
	t.Parallel()
	ok := func(w http.ResponseWriter, _ *http.Request) {}
	plain := httptest.NewServer(http.HandlerFunc(ok))
	t.Cleanup(plain.Close)
	good := tlsOrigin(t, false, nil, ok)
	old := tlsOrigin(t, false, &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}, ok)
	strict := tlsOrigin(t, false, &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}, ok)
	const host = "127.0.0.1"
	tests := []struct {
		name   string
		server string
		host   string
		roots  *x509.CertPool
		reason string
		want   string
	}{
		{"not trusted", good.URL, host, x509.NewCertPool(), ReasonTLSUntrusted, "the certificate of HOST is not trusted"},
		{"wrong name", good.URL, "wrong.test", rootsOf(good), ReasonTLSWrongName, "the certificate is not valid for HOST"},
		{"too old", old.URL, host, rootsOf(old), ReasonTLSFailed, "handshake with HOST failed"},
		{"wants a client certificate", strict.URL, host, rootsOf(strict), ReasonTLSFailed, "handshake with HOST failed"},
		{"no TLS", "https" + strings.TrimPrefix(plain.URL, "http"), host, nil, ReasonTLSFailed, "HOST does not speak TLS on this port"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := strings.Replace(tt.server, host, tt.host, 1)
			c := newClient(t, Options{RootCAs: tt.roots, Resolver: always(host)})
			e := doFails(t, c, get(url+"/?secret"))
			require.Equal(t, tt.reason, e.Reason, e.Message)
			place := strings.TrimPrefix(url, "https://")
			require.Contains(t, e.Message, failedPrefix+"TLS: "+strings.ReplaceAll(tt.want, "HOST", place))
			require.NotContains(t, e.Message, "secret")
		})
	}
}

func TestTLSExpired(t *testing.T) {
	t.Parallel()
	err := &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}
	d := diagnose(t.Context(), "h:443", err)
	require.Equal(t, diagnosis{ReasonTLSExpired, "TLS: the certificate of h:443 has expired or is not yet valid"}, d)
	err = &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.TooManyIntermediates}}
	require.Equal(t, ReasonTLSUntrusted, diagnose(t.Context(), "h:443", err).reason)
	err = &tls.CertificateVerificationError{Err: x509.ErrUnsupportedAlgorithm}
	require.Equal(t, ReasonTLSUntrusted, diagnose(t.Context(), "h:443", err).reason)
}

func TestTLSHandshakeTimeout(t *testing.T) {
	t.Parallel()
	o := newSilentOrigin(t)
	e := doFails(t, newClient(t, Options{TLSHandshakeTimeout: short}), get("https://"+o))
	require.Equal(t, ReasonTimedOut, e.Reason)
	require.Equal(t, failedPrefix+o+" timed out", e.Message)
}

// newSilentOrigin accepts one connection and says nothing.
func newSilentOrigin(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, conn)
		conn.Close()
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return l.Addr().String()
}

// An HTTP/2 stream that the origin breaks off, and one that we do.
func TestHTTP2Streams(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	s := tlsOrigin(t, true, nil, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "start")
		w.(http.Flusher).Flush()
		switch r.URL.Path {
		case "/abort":
			panic(http.ErrAbortHandler)
		case "/wait":
			<-r.Context().Done()
			close(gone)
		}
	})
	c := newClient(t, Options{RootCAs: rootsOf(s)})
	resp, err := c.Do(t.Context(), get(s.URL+"/abort?secret"))
	require.NoError(t, err)
	_, err = io.ReadAll(resp.Body)
	resp.Body.Close()
	e := asError(t, err)
	require.Equal(t, ReasonConnectionReset, e.Reason)
	require.NotContains(t, e.Message, "secret")

	resp, err = c.Do(t.Context(), get(s.URL+"/wait"))
	require.NoError(t, err)
	resp.Body.Close()
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Fatal("the stream is still open")
	}
}

func TestHTTP2HeadTooLarge(t *testing.T) {
	t.Parallel()
	tests := []struct {
		count, size int
		reason      string
	}{
		{DefaultMaxResponseHeaderBytes>>10 + 1, 1 << 10, ReasonResponseHeadTooBig},
		{1, DefaultMaxResponseHeaderBytes + 1<<10, ReasonMalformedResponse}, // over HPACK's own limit
		{MaxHeaders + 1, 1, ReasonResponseHeadTooBig},
	}
	for _, tt := range tests {
		s := tlsOrigin(t, true, nil, func(w http.ResponseWriter, _ *http.Request) {
			for range tt.count {
				w.Header().Add("X", strings.Repeat("x", tt.size))
			}
		})
		_, err := newClient(t, Options{RootCAs: rootsOf(s)}).Do(t.Context(), get(s.URL))
		require.Error(t, err)
		e := asError(t, err)
		require.Equal(t, tt.reason, e.Reason, "%v", e.Err)
	}
}

func TestKindString(t *testing.T) {
	t.Parallel()
	require.Equal(t, "invalid denied failed unknown", strings.Join([]string{Invalid.String(), Denied.String(), Failed.String(), Kind(9).String()}, " "))
}
