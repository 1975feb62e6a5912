package tests

// The module decides: what it forbids is forbidden, and what it does not look
// at passes. The same executor runs both halves of each test.

import (
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/policy"
	"github.com/sluice-run/sluice/host/wire"
)

// permissive is a module with both hooks and no check at all.
func permissive(t *testing.T) string {
	t.Helper()
	return withPolicy(t, module(t, "permissive"), "")
}

// module is a compiled guest of the tree that is not built in.
func module(t *testing.T, name string) policy.Source {
	t.Helper()
	wasm, err := os.ReadFile("../host/policy/testdata/" + name + ".wasm")
	require.NoError(t, err)
	return policy.Source{Name: name, Wasm: wasm}
}

func TestModuleDecidesOnMethods(t *testing.T) {
	t.Parallel()
	url := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Method) })
	p := request(url)
	p.Method = "DELETE"

	strict := peertest.DialCaller(t, withPolicy(t, policy.Standard(), "methods: [GET, POST]"))
	refusal := strict.ReadError(strict.Call(p))
	require.Equal(t, wire.CodeDenied, refusal.Code)
	require.Equal(t, "method_not_allowed", refusal.Reason)
	require.Equal(t, "standard", refusal.Policy)

	free := peertest.DialCaller(t, permissive(t))
	require.Equal(t, "DELETE", string(free.ReadResult(free.Call(p)).Body))
}

func TestModuleDecidesOnHeaders(t *testing.T) {
	t.Parallel()
	url := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("X-Trace"))
	})
	rules := "request_headers: [{refuse: [x-trace]}]"
	p := request(url)
	p.Headers = []wire.Header{{Name: "x-trace", Value: "on"}}

	strict := peertest.DialCaller(t, withPolicy(t, policy.Standard(), rules))
	require.Equal(t, "header_not_allowed", strict.ReadError(strict.Call(p)).Reason)

	free := peertest.DialCaller(t, permissive(t))
	require.Equal(t, "on", string(free.ReadResult(free.Call(p)).Body))
}

func TestModuleDecidesOnResponseHeaders(t *testing.T) {
	t.Parallel()
	url := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Set-Cookie", "a=b") })
	cookie := wire.Header{Name: "set-cookie", Value: "a=b"}
	rules := "response_headers: [{remove: [set-cookie]}]"

	strict := peertest.DialCaller(t, withPolicy(t, policy.Standard(), rules))
	require.NotContains(t, strict.ReadResult(strict.Call(request(url))).Headers, cookie)

	free := peertest.DialCaller(t, permissive(t))
	require.Contains(t, free.ReadResult(free.Call(request(url))).Headers, cookie)
}

// Whatever a module says, the host does not send what is not HTTP.
func TestHostRefusesWhatNoModuleMayAllow(t *testing.T) {
	t.Parallel()
	free := peertest.DialCaller(t, permissive(t))
	tests := map[string]func(*wire.HTTPRequest){
		"scheme":       func(p *wire.HTTPRequest) { p.URL = "ftp://example.com/" },
		"method":       func(p *wire.HTTPRequest) { p.Method = "GE T" },
		"header name":  func(p *wire.HTTPRequest) { p.Headers = []wire.Header{{Name: "a b", Value: "c"}} },
		"header value": func(p *wire.HTTPRequest) { p.Headers = []wire.Header{{Name: "a", Value: "b\r\nc: d"}} },
		"framing":      func(p *wire.HTTPRequest) { p.Headers = []wire.Header{{Name: "Transfer-Encoding", Value: "chunked"}} },
	}
	for name, change := range tests {
		p := request("http://127.0.0.1:1/")
		change(&p)
		refusal := free.ReadError(free.Call(p))
		require.Equal(t, wire.CodeInvalidParams, refusal.Code, name)
	}
}
