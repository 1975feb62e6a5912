package executor_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/executor"
)

// hosts are Host headers and whether a connection over loopback may have them.
var hosts = map[string]bool{
	"localhost":              true,
	"LocalHost:4000":         true,
	"127.0.0.1":              true,
	"127.0.0.1:1":            true,
	"127.8.9.10:4000":        true,
	"[::1]":                  true,
	"[::1]:4000":             true,
	"[::ffff:127.0.0.1]:1":   true,
	"proxy.example":          true, // allowed by the operator
	"PROXY.example:8443":     true,
	"evil.example":           false,
	"evil.example:4000":      false,
	"localhost.evil.example": false,
	"127.0.0.1.evil.example": false,
	"a.localhost":            false,
	"10.0.0.1":               false,
	"0.0.0.0:4000":           false,
	"2130706433":             false,
	"127.1":                  false,
	"[::]":                   false,
	"[::1":                   false,
	"sub.proxy.example":      false,
}

func TestHostHeadersOverLoopback(t *testing.T) {
	t.Parallel()
	e := start(t, func(o *executor.Options) { o.AllowHosts = []string{"proxy.example"} })
	for host, known := range hosts {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/", "/readyz"} {
				w := ask(e, "127.0.0.1", host, path)
				require.Equal(t, !known, w.Code == http.StatusForbidden, "%s: %d %s", path, w.Code, w.Body)
			}
		})
	}
	w := ask(e, "::1", "evil.example", "/")
	require.Equal(t, http.StatusForbidden, w.Code)
	require.Equal(t, "the Host header must be localhost, a loopback address or a name that the operator allows", w.Body.String())
}

func TestHostHeadersFromTheNetwork(t *testing.T) {
	t.Parallel()
	e := start(t, nil)
	for host := range hosts {
		require.Equal(t, http.StatusOK, ask(e, "192.0.2.1", host, "/readyz").Code, host)
	}
}

func TestHostHeaderOnTheWire(t *testing.T) {
	t.Parallel()
	addr := listen(t, start(t, nil))
	for host, want := range map[string]int{"evil.example": 403, "localhost": 101} {
		status, _, _ := upgrade(t, addr, func(r *http.Request) { r.Host = host })
		require.Equal(t, want, status, host)
	}
}

// ask has e answer a request that came in at a local address.
func ask(e *executor.Executor, local, host, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	r.Host = host
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(&net.TCPAddr{IP: net.ParseIP(local), Port: 4000})))
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}
