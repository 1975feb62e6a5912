package egress

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
)

// What the second request looks like, for each status, method and body, on the
// same origin and across.
func TestRedirectMatrix(t *testing.T) {
	t.Parallel()
	becomes := func(status int, method string) (string, bool) {
		switch {
		case status == 303 && method != "HEAD", (status == 301 || status == 302) && method == "POST":
			return "GET", true
		}
		return method, false
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "post"} {
			for _, body := range []string{"", "body"} {
				for _, cross := range []bool{false, true} {
					name := fmt.Sprintf("%d %s %q cross=%t", status, method, body, cross)
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						first, second := redirectPair(t, status, cross)
						r := &Request{
							Method: method, URL: first.url + "/a", FollowRedirects: true,
							Headers: []abi.Header{
								{Name: "Authorization", Value: "secret"}, {Name: "Content-Type", Value: "x/y"},
								{Name: "Cookie", Value: "c"}, {Name: "X-Api-Key", Value: "k"}, {Name: "Accept-Language", Value: "de"},
							},
						}
						if body != "" {
							r.Body = []byte(body)
						}
						resp, _ := do(t, newClient(t, Options{}), r)
						require.Equal(t, 200, resp.Status)
						first.request(t)

						wantMethod, dropped := becomes(status, method)
						dropped = dropped || status == 303 // HEAD stays HEAD, without its body
						wantBody := body
						want := []string{wantMethod + " /b HTTP/1.1", "Host: " + second.addr.String()}
						if dropped {
							wantBody = ""
						}
						if wantBody != "" {
							want = append(want, "Content-Length: 4")
						} else if strings.Contains("POST PUT PATCH", wantMethod) {
							want = append(want, "Content-Length: 0")
						}
						want = append(want, "Accept-Language: de")
						if !cross {
							want = append(want, "Authorization: secret")
						}
						if !dropped {
							want = append(want, "Content-Type: x/y")
						}
						if !cross {
							want = append(want, "Cookie: c", "X-Api-Key: k")
						}
						want = append(want, "accept: */*")
						require.Equal(t, strings.Join(want, "\r\n")+"\r\n\r\n"+wantBody, second.request(t))
					})
				}
			}
		}
	}
}

func redirectPair(t *testing.T, status int, cross bool) (first, second *origin) {
	t.Helper()
	if !cross {
		o := newOrigin(t, redirectTo(status, "/b"), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
		return o, o
	}
	second = newOrigin(t, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
	return newOrigin(t, redirectTo(status, second.url+"/b")), second
}

func TestRedirectOtherStatuses(t *testing.T) {
	t.Parallel()
	for _, status := range []int{300, 304, 305, 306, 309, 201} {
		o := newOrigin(t, fmt.Sprintf("HTTP/1.1 %d X\r\nConnection: close\r\nLocation: /b\r\n\r\n", status))
		resp, _ := do(t, newClient(t, Options{}), get(o.url))
		require.Equal(t, status, resp.Status)
		require.Zero(t, resp.Hops)
	}
}

func TestRedirectNotFollowed(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, redirectTo(302, "http://u:p@[bad/"))
	r := get(o.url)
	r.FollowRedirects = false
	resp, _ := do(t, newClient(t, Options{}), r)
	require.Equal(t, 302, resp.Status)
	require.Equal(t, "http://u:p@[bad/", headerValue(resp.Headers, "location"))
}

func TestNoRedirects(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, redirectTo(302, "/again"))
	e := doFails(t, newClient(t, Options{MaxRedirects: NoRedirects}), get(o.url))
	require.Equal(t, ReasonTooManyRedirects, e.Reason)
	require.Len(t, o.requests, 1)
}

func TestRedirectCount(t *testing.T) {
	t.Parallel()
	answers := make([]string, 0, 12)
	for range 11 {
		answers = append(answers, redirectTo(302, "/again"))
	}
	o := newOrigin(t, answers...)
	e := doFails(t, newClient(t, Options{}), get(o.url))
	require.Equal(t, ReasonTooManyRedirects, e.Reason)
	require.Equal(t, "http/request failed: too many redirects", e.Message)
	require.Len(t, o.requests, 11)

	answers[10] = answer("ok")
	o = newOrigin(t, answers...)
	resp, body := do(t, newClient(t, Options{}), get(o.url))
	require.Equal(t, "ok", body)
	require.Equal(t, 10, resp.Hops)
}

// Headers that were dropped on the way to another origin do not come back when
// the way leads back.
func TestRedirectThereAndBack(t *testing.T) {
	t.Parallel()
	a, failure := readURL("http://a.example/")
	require.Nil(t, failure)
	h := hop{method: "GET", target: a, headers: []abi.Header{{Name: "Authorization", Value: "secret"}, {Name: "User-Agent", Value: "u"}}}
	require.Nil(t, h.redirected(http.StatusFound, &a, "http://b.example/", false))
	b := h.target
	require.Nil(t, h.redirected(http.StatusFound, &b, "http://a.example/", false))
	require.Equal(t, a, h.target)
	require.Equal(t, "http://b.example", h.from)
	require.Equal(t, []abi.Header{{Name: "User-Agent", Value: "u"}}, h.headers)
}

func TestRedirectLocations(t *testing.T) {
	t.Parallel()
	at := target{url: "https://a.example/dir/file?old", scheme: "https", host: "a.example", port: 443, path: "/dir/file", query: "old", uri: "/dir/file?old"}
	tests := []struct {
		location string
		want     string // the next URL, or part of the failure
		ok       bool
	}{
		{"https://b.example/x", "https://b.example/x", true},
		{"//b.example/x", "https://b.example/x", true},
		{"\\\\b.example\\x", "https://b.example/x", true},
		{"/x?y#z", "https://a.example/x?y", true},
		{"x", "https://a.example/dir/x", true},
		{"../../x", "https://a.example/x", true},
		{"?new", "https://a.example/dir/file?new", true},
		{"", "https://a.example/dir/file?old", true},
		{"#f", "https://a.example/dir/file?old", true},
		{"https:x", "https://a.example/dir/x", true},
		{"HTTPS://B.example:443", "https://b.example/", true},
		{"https://127.1/", "https://127.0.0.1/", true},
		{"/" + strings.Repeat("x", 2000), "https://a.example/" + strings.Repeat("x", 2000), true},
		{strings.Repeat("x", 2000), "https://a.example/dir/" + strings.Repeat("x", 2000), true},
		{"http://b.example/", "redirect from https to http (b.example) is not allowed", false},
		{"https://user@b.example/", "invalid redirect: the location holds credentials", false},
		{"https://:p@b.example/", "invalid redirect: the location holds credentials", false},
		{"ftp://b.example/", "invalid redirect: the scheme ftp is not http or https", false},
		{"javascript:alert(1)", "invalid redirect: the scheme javascript is not http or https", false},
		{"file:///etc/passwd", "invalid redirect: the scheme file is not http or https", false},
		{"https://", "invalid redirect: empty host", false},
		{"https://[::1", "invalid redirect: invalid IPv6 address", false},
		{"/a b", "https://a.example/a%20b", true},
		{"/\u00e9", "invalid redirect: the location has characters that a URL cannot have", false},
		{"/\x00", "invalid redirect: the location has characters that a URL cannot have", false},
		{"/\t", "invalid redirect: the location has characters that a URL cannot have", false},
		{"/\x7f", "invalid redirect: the location has characters that a URL cannot have", false},
		{"/" + strings.Repeat("x", MaxURL), "invalid redirect: URL is too long", false},
	}
	for _, tt := range tests {
		h := hop{method: "GET", target: at}
		err := h.redirected(http.StatusFound, &at, tt.location, false)
		if tt.ok {
			require.Nil(t, err, tt.location)
			require.Equal(t, tt.want, h.target.url, tt.location)
			require.Equal(t, 1, h.number)
			require.Equal(t, "https://a.example", h.from)
			continue
		}
		require.NotNil(t, err, tt.location)
		require.Equal(t, Failed, err.Kind)
		require.Equal(t, failedPrefix+tt.want, err.Message)
	}
	h := hop{method: "GET", target: at}
	require.Nil(t, h.redirected(http.StatusFound, &at, "http://b.example/", true))
	require.Equal(t, "http://b.example/", h.target.url)
}

// A change of scheme, host or port is another origin.
func TestRedirectOrigins(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, to string
		same     bool
	}{
		{"http://a.example/", "http://a.example/x", true},
		{"http://a.example/", "http://A.EXAMPLE:80/x", true},
		{"http://a.example/", "http://a.example:81/", false},
		{"http://a.example/", "https://a.example/", false},
		{"http://a.example/", "http://a.example./", false},
		{"http://a.example/", "http://sub.a.example/", false},
		{"https://a.example:8443/", "https://a.example/", false},
	}
	for _, tt := range tests {
		at, err := readURL(tt.from)
		require.Nil(t, err)
		secret := []abi.Header{{Name: "X-Secret", Value: "1"}}
		h := hop{method: "GET", target: at, headers: secret}
		require.Nil(t, h.redirected(http.StatusFound, &at, tt.to, true))
		require.Equal(t, tt.same, len(h.headers) == 1, "%s to %s", tt.from, tt.to)
		require.Equal(t, []abi.Header{{Name: "X-Secret", Value: "1"}}, secret)
	}
}

func TestRedirectSeveralLocations(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /a\r\nLocation: /b\r\n\r\n")
	e := doFails(t, newClient(t, Options{}), get(o.url))
	require.Equal(t, ReasonInvalidRedirect, e.Reason)
	require.Contains(t, e.Message, "several different locations")

	o = newOrigin(t, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /a\r\nLocation: /a\r\n\r\n", answer("ok"))
	_, body := do(t, newClient(t, Options{}), get(o.url))
	require.Equal(t, "ok", body)
}

// Each hop's address is judged anew.
func TestRedirectToForbiddenAddress(t *testing.T) {
	t.Parallel()
	for _, location := range []string{
		"http://169.254.169.254/latest/meta-data/?secret", "http://0xa9fea9fe/?secret", "http://[::ffff:169.254.169.254]/?secret", "http://[64:ff9b::a9fe:a9fe]/?secret",
	} {
		o := newOrigin(t, redirectTo(302, location))
		e := doFails(t, newClient(t, Options{}), get(o.url))
		require.Equal(t, ReasonAddressNotAllowed, e.Reason)
		require.Contains(t, e.Message, "link-local")
		require.NotContains(t, e.Message, "secret")
	}
}

// A long body of a redirect costs its connection, not the caller's time.
func TestRedirectWithEndlessBody(t *testing.T) {
	t.Parallel()
	next := newOrigin(t, answer("ok"))
	o := newOrigin(t, "HTTP/1.1 302 Found\r\nContent-Length: 1000000\r\nLocation: "+next.url+"\r\n\r\n"+hang)
	_, body := do(t, newClient(t, Options{}), get(o.url))
	require.Equal(t, "ok", body)
	o.waitClosed(t)
}

func FuzzReadLocation(f *testing.F) {
	for _, seed := range []string{"/x", "//h", "..", "?q", "", "https://[::1]:8443/", "http:x", "\\\\h", "https://u@h", "x:y", "https:////h", "h@h@h/"} {
		f.Add(seed)
	}
	at, failure := readURL("https://a.example:8443/dir/file?q")
	require.Nil(f, failure)
	f.Fuzz(func(t *testing.T, location string) {
		next, failure := readLocation(location, &at)
		if failure != nil {
			require.Equal(t, Failed, failure.Kind)
			return
		}
		require.True(t, next.isHTTP())
		require.NotEmpty(t, next.host)
		again, failure := readURL(next.url)
		require.Nil(t, failure)
		require.Equal(t, next, again)
	})
}
