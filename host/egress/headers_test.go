package egress

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
)

func TestHeadersRefused(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, answer("ok"))
	notAllowed := func(name, why string) string {
		return "http/request header `" + name + "` is not allowed: " + why
	}
	const (
		belongs   = "it belongs to the connection"
		badName   = "http/request header name is invalid: invalid HTTP header name"
		badLength = "it differs from the body's length"
		badHost   = "it differs from the URL's host"
	)
	tests := []struct {
		name, value string
		want        string
	}{
		{"Connection", "close", notAllowed("connection", belongs)},
		{"connection", "x-secret", notAllowed("connection", belongs)},
		{"Keep-Alive", "timeout=5", notAllowed("keep-alive", belongs)},
		{"TE", "trailers", notAllowed("te", belongs)},
		{"Trailer", "x", notAllowed("trailer", belongs)},
		{"Transfer-Encoding", "chunked", notAllowed("transfer-encoding", belongs)},
		{"tRANSFER-eNCODING", "identity", notAllowed("transfer-encoding", belongs)},
		{"Upgrade", "websocket", notAllowed("upgrade", belongs)},
		{"HTTP2-Settings", "x", notAllowed("http2-settings", belongs)},
		{"Proxy-Authorization", "x", notAllowed("proxy-authorization", belongs)},
		{"Proxy-Connection", "close", notAllowed("proxy-connection", belongs)},
		{"proxy-anything", "x", notAllowed("proxy-anything", belongs)},
		{"Host", "evil.example", notAllowed("host", badHost)},
		{"Host", "", notAllowed("host", badHost)},
		{"host", o.addr.String() + ",x", notAllowed("host", badHost)},
		{"Content-Length", "1", notAllowed("content-length", badLength)},
		{"Content-Length", "2, 2", notAllowed("content-length", badLength)},
		{"Content-Length", "+2", notAllowed("content-length", badLength)},
		{"Content-Length", "02", notAllowed("content-length", badLength)},
		{"Content-Length", " 2", notAllowed("content-length", badLength)},
		{"Content-Length", "", notAllowed("content-length", badLength)},
		{"", "x", badName},
		{"a b", "x", badName},
		{"a:", "x", badName},
		{":path", "/", badName},
		{"a\r\nb", "x", badName},
		{"Transfer-Encoding ", "chunked", badName},
		{"\u00e9", "x", badName},
		{"x-a", "a\r\nx-b: c", "http/request header value is invalid for x-a: failed to parse header value"},
		{"x-a", "a\nb", "http/request header value is invalid for x-a: failed to parse header value"},
		{"x-a", "\x00", "http/request header value is invalid for x-a: failed to parse header value"},
		{"x-a", "\x1f", "http/request header value is invalid for x-a: failed to parse header value"},
		{"x-a", "\x7f", "http/request header value is invalid for x-a: failed to parse header value"},
		{"x-a", strings.Repeat("v", MaxHeaderValue+1), "http/request header `x-a` is too long: 65536 bytes are allowed"},
		{"a\nb", strings.Repeat("v", MaxHeaderValue+1), "http/request header `?` is too long: 65536 bytes are allowed"},
		{strings.Repeat("n", MaxHeaderName+1), "x", "http/request header name is invalid: it is longer than 1024 bytes"},
	}
	// What a policy writes is refused as what a caller writes.
	c := newClient(t, Options{})
	for _, tt := range tests {
		list := []abi.Header{{Name: "x-first", Value: "1"}, {Name: tt.name, Value: tt.value}}
		byCaller := doFails(t, c, &Request{Method: "POST", URL: o.url, Headers: list, Body: []byte("hi")})
		byPolicy := doFails(t, c, &Request{Method: "POST", URL: o.url, Body: []byte("hi"),
			Policy: policyFuncs{request: func(_ *abi.Request, d *abi.Decision) error {
				d.Edits, d.Headers = abi.EditHeaders, list
				return nil
			}}})
		for _, e := range []*Error{byCaller, byPolicy} {
			require.Equal(t, Invalid, e.Kind, "%q", tt.name)
			require.Equal(t, ReasonInvalidRequest, e.Reason)
			require.Equal(t, tt.want, e.Message)
		}
	}
	o.untouched(t)
}

func TestHeaderBounds(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{Policy: policyFuncs{request: func(*abi.Request, *abi.Decision) error {
		t.Error("the policy was asked")
		return nil
	}}})
	many := make([]abi.Header, MaxHeaders+1)
	for i := range many {
		many[i] = abi.Header{Name: "a", Value: "b"}
	}
	e := doFails(t, c, &Request{Method: "GET", URL: "http://h/", Headers: many})
	require.Equal(t, "http/request has too many headers: 1024 are allowed", e.Message)

	long := make([]abi.Header, 5)
	for i := range long {
		long[i] = abi.Header{Name: "a", Value: strings.Repeat("b", MaxHeaderValue)}
	}
	e = doFails(t, c, &Request{Method: "GET", URL: "http://h/", Headers: long})
	require.Equal(t, "http/request headers are too long: 262144 bytes are allowed", e.Message)

	e = doFails(t, c, &Request{Method: strings.Repeat("M", MaxMethod+1), URL: "http://h/"})
	require.Equal(t, "http/request method is invalid: invalid HTTP method", e.Message)
}

func TestMethods(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for method, want := range map[string]string{
		"":         "invalid HTTP method",
		"GE T":     "invalid HTTP method",
		"GET\r\n":  "invalid HTTP method",
		"G\u00cbT": "invalid HTTP method",
		"GET/":     "invalid HTTP method",
		"CONNECT":  "CONNECT is not allowed",
		"connect":  "CONNECT is not allowed",
	} {
		e := doFails(t, c, &Request{Method: method, URL: "http://127.0.0.1:1/"})
		require.Equal(t, Invalid, e.Kind)
		require.Equal(t, "http/request method is invalid: "+want, e.Message)
	}
}

// Headers that say what the host says anyway pass and are said once.
func TestRedundantFraming(t *testing.T) {
	t.Parallel()
	caller := target{url: "http://a.example/", scheme: "http", host: "a.example", port: 80, uri: "/"}
	edited := target{url: "https://b.example:8443/", scheme: "https", host: "b.example", port: 8443, uri: "/"}
	mail := target{url: "mailto:x", scheme: "mailto"}
	f := framing{targets: [2]*target{&caller, &edited}, lengths: [2]int{3, 5}}
	out, err := outgoing([]abi.Header{
		{Name: "Host", Value: "A.example"}, {Name: "host", Value: "a.example:80"}, {Name: "Host", Value: "b.example:8443"},
		{Name: "Content-Length", Value: "3"}, {Name: "content-length", Value: "5"},
		{Name: "x", Value: "y"},
	}, &f)
	require.Nil(t, err)
	require.Equal(t, map[string][]string{"x": {"y"}, "accept": {"*/*"}, "User-Agent": nil}, map[string][]string(out))

	_, err = outgoing([]abi.Header{{Name: "Host", Value: "b.example"}}, &f)
	require.NotNil(t, err)
	_, err = outgoing([]abi.Header{{Name: "Content-Length", Value: "0"}}, &f)
	require.NotNil(t, err)
	f.targets[0] = &mail
	_, err = outgoing([]abi.Header{{Name: "Host", Value: "x"}}, &f)
	require.NotNil(t, err)
}
