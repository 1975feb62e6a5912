package egress

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
)

// What an origin receives, byte by byte.
func TestWire(t *testing.T) {
	t.Parallel()
	const host = "Host: HOST\r\n"
	tests := []struct {
		name    string
		method  string
		path    string
		headers []abi.Header
		body    []byte
		want    string
	}{
		{name: "plain", method: "GET", path: "/a",
			want: "GET /a HTTP/1.1\r\n" + host + "accept: */*\r\n\r\n"},
		{name: "no path", method: "GET", path: "",
			want: "GET / HTTP/1.1\r\n" + host + "accept: */*\r\n\r\n"},
		{name: "query without path", method: "GET", path: "?q",
			want: "GET /?q HTTP/1.1\r\n" + host + "accept: */*\r\n\r\n"},
		{name: "empty query", method: "GET", path: "/a?",
			want: "GET /a? HTTP/1.1\r\n" + host + "accept: */*\r\n\r\n"},
		{name: "fragment", method: "GET", path: "/a?b#c",
			want: "GET /a?b HTTP/1.1\r\n" + host + "accept: */*\r\n\r\n"},
		{name: "odd characters", method: "GET", path: "/a|b^c{d}\"e`f?x='|^{}`",
			want: "GET /a|b^c%7Bd%7D%22e%60f?x=%27|^{}` HTTP/1.1\r\n" + host + "accept: */*\r\n\r\n"},
		{name: "bad escapes and dots", method: "GET", path: "/%zz/%2e%2E/./b%2Fc",
			want: "GET /b%2Fc HTTP/1.1\r\n" + host + "accept: */*\r\n\r\n"},
		{name: "escapes stay", method: "GET", path: "/%41%zz;a=%",
			want: "GET /%41%zz;a=% HTTP/1.1\r\n" + host + "accept: */*\r\n\r\n"},
		{name: "two slashes", method: "GET", path: "//a//b?",
			want: "GET //a//b? HTTP/1.1\r\n" + host + "accept: */*\r\n\r\n"},
		{name: "two slashes and an escape", method: "GET", path: "//a%2Fb?c",
			want: "GET //a%2Fb?c HTTP/1.1\r\n" + host + "accept: */*\r\n\r\n"},
		{name: "method in lower case", method: "get", path: "/",
			want: "get / HTTP/1.1\r\n" + host + "accept: */*\r\n\r\n"},
		{name: "method of one's own", method: "M-SEARCH", path: "/",
			want: "M-SEARCH / HTTP/1.1\r\n" + host + "accept: */*\r\n\r\n"},
		{name: "body", method: "POST", path: "/", body: []byte("hi"),
			want: "POST / HTTP/1.1\r\n" + host + "Content-Length: 2\r\naccept: */*\r\n\r\nhi"},
		{name: "body of a GET", method: "GET", path: "/", body: []byte("hi"),
			want: "GET / HTTP/1.1\r\n" + host + "Content-Length: 2\r\naccept: */*\r\n\r\nhi"},
		{name: "empty body", method: "POST", path: "/", body: []byte{},
			want: "POST / HTTP/1.1\r\n" + host + "Content-Length: 0\r\naccept: */*\r\n\r\n"},
		{name: "no body", method: "POST", path: "/",
			want: "POST / HTTP/1.1\r\n" + host + "Content-Length: 0\r\naccept: */*\r\n\r\n"},
		{name: "no body where none is due", method: "DELETE", path: "/", body: []byte{},
			want: "DELETE / HTTP/1.1\r\n" + host + "accept: */*\r\n\r\n"},
		{name: "accept of the caller", method: "GET", path: "/",
			headers: []abi.Header{{Name: "ACCEPT", Value: "a/b"}},
			want:    "GET / HTTP/1.1\r\n" + host + "ACCEPT: a/b\r\n\r\n"},
		{name: "repeats in order under the first spelling", method: "GET", path: "/",
			headers: []abi.Header{{Name: "x-B", Value: "1"}, {Name: "X-b", Value: "2"}, {Name: "a", Value: "0"}, {Name: "x-B", Value: "3"}},
			want:    "GET / HTTP/1.1\r\n" + host + "a: 0\r\naccept: */*\r\nx-B: 1\r\nx-B: 2\r\nx-B: 3\r\n\r\n"},
		{name: "user agents of the caller", method: "GET", path: "/",
			headers: []abi.Header{{Name: "User-Agent", Value: "u1"}, {Name: "user-agent", Value: "u2"}},
			want:    "GET / HTTP/1.1\r\n" + host + "accept: */*\r\nuser-agent: u1\r\nuser-agent: u2\r\n\r\n"},
		{name: "values", method: "GET", path: "/",
			headers: []abi.Header{{Name: "x-a", Value: ""}, {Name: "x-b", Value: "\u00e9\t\xff"}, {Name: "x-c", Value: " trimmed "}},
			want:    "GET / HTTP/1.1\r\n" + host + "accept: */*\r\nx-a: \r\nx-b: \u00e9\t\xff\r\nx-c: trimmed\r\n\r\n"},
		{name: "expect is the origin's business", method: "PUT", path: "/", body: []byte("hi"),
			headers: []abi.Header{{Name: "Expect", Value: "100-continue"}},
			want:    "PUT / HTTP/1.1\r\n" + host + "Content-Length: 2\r\nExpect: 100-continue\r\naccept: */*\r\n\r\nhi"},
		{name: "redundant framing", method: "POST", path: "/", body: []byte("hi"),
			headers: []abi.Header{{Name: "Content-Length", Value: "2"}, {Name: "host", Value: "HOST"}},
			want:    "POST / HTTP/1.1\r\n" + host + "Content-Length: 2\r\naccept: */*\r\n\r\nhi"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t, answer("ok"))
			for i := range tt.headers {
				tt.headers[i].Value = strings.ReplaceAll(tt.headers[i].Value, "HOST", o.addr.String())
			}
			_, body := do(t, newClient(t, Options{}), &Request{
				Method: tt.method, URL: o.url + tt.path, Headers: tt.headers, Body: tt.body,
			})
			require.Equal(t, "ok", body)
			require.Equal(t, strings.ReplaceAll(tt.want, "HOST", o.addr.String()), o.request(t))
		})
	}
}

func TestWireResponse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		method  string
		answer  string
		status  int
		length  int64
		headers []abi.Header
		body    string
	}{
		{name: "length", answer: answer("hello"), status: 200, length: 5, body: "hello",
			headers: []abi.Header{{Name: "content-length", Value: "5"}}},
		{name: "chunked", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-T: 1\r\n\r\n",
			status: 200, length: -1, body: "hello world",
			headers: []abi.Header{{Name: "transfer-encoding", Value: "chunked"}}},
		{name: "until close", answer: "HTTP/1.1 200 OK\r\n\r\nhello", status: 200, length: -1, body: "hello",
			headers: []abi.Header{}},
		{name: "HTTP/1.0", answer: "HTTP/1.0 200 OK\r\nX: 1\r\n\r\nhello", status: 200, length: -1, body: "hello",
			headers: []abi.Header{{Name: "x", Value: "1"}}},
		{name: "connection close", answer: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", status: 200, length: 2, body: "hi",
			headers: []abi.Header{{Name: "content-length", Value: "2"}}},
		{name: "interim responses", answer: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + answer("ok"), status: 200, length: 2, body: "ok",
			headers: []abi.Header{{Name: "content-length", Value: "2"}}},
		{name: "HEAD", method: "HEAD", answer: "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", status: 200, length: 99,
			headers: []abi.Header{{Name: "content-length", Value: "99"}}},
		{name: "no content", answer: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, headers: []abi.Header{}},
		{name: "not modified", answer: "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", status: 304,
			headers: []abi.Header{{Name: "content-length", Value: "7"}}},
		{name: "not decompressed", answer: answer("\x1f\x8b", "Content-Encoding: gzip"), status: 200, length: 2, body: "\x1f\x8b",
			headers: []abi.Header{{Name: "content-encoding", Value: "gzip"}, {Name: "content-length", Value: "2"}}},
		{name: "repeats keep their order and bytes that are no text go", status: 200, length: 0,
			answer: answer("", "Set-Cookie: b=1", "X-Bad: \xff", "set-cookie: a=2", "X-Text: \u00e9"),
			headers: []abi.Header{{Name: "content-length", Value: "0"}, {Name: "set-cookie", Value: "b=1"},
				{Name: "set-cookie", Value: "a=2"}, {Name: "x-text", Value: "\u00e9"}}},
		{name: "error status", answer: "HTTP/1.1 599 Odd\r\nContent-Length: 0\r\n\r\n", status: 599,
			headers: []abi.Header{{Name: "content-length", Value: "0"}}},
		{name: "not a redirect without a location", answer: "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", status: 302,
			headers: []abi.Header{{Name: "content-length", Value: "0"}}},
		{name: "a location without a redirect", answer: answer("", "Location: /x"), status: 200,
			headers: []abi.Header{{Name: "content-length", Value: "0"}, {Name: "location", Value: "/x"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t, tt.answer)
			r := get(o.url)
			if tt.method != "" {
				r.Method = tt.method
			}
			resp, body := do(t, newClient(t, Options{}), r)
			require.Equal(t, tt.status, resp.Status)
			require.Equal(t, tt.length, resp.ContentLength)
			require.Equal(t, tt.headers, resp.Headers)
			require.Equal(t, tt.body, body)
		})
	}
}

// Connections are used again, also after a redirect with a body.
func TestWireReuse(t *testing.T) {
	t.Parallel()
	withBody := "HTTP/1.1 302 Found\r\nContent-Length: 5\r\nLocation: /next\r\n\r\nmoved"
	o := newOrigin(t, withBody, answer("1"), answer("2"))
	c := newClient(t, Options{})
	_, body := do(t, c, get(o.url))
	require.Equal(t, "1", body)
	_, body = do(t, c, get(o.url))
	require.Equal(t, "2", body, "a new connection would have answered with the redirect")
}

// A connection that died while it was kept is no error, but only what the origin
// cannot have acted on goes out again.
func TestWireStaleConnection(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, answer("once"))
	c := newClient(t, Options{})
	for range 5 {
		_, body := do(t, c, get(o.url))
		require.Equal(t, "once", body)
	}
}
