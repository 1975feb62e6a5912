package egress

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
)

// What a policy is told.
func TestPolicySees(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, redirectTo(307, "/next?x"), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
	var requests []abi.Request
	var responses []abi.Response
	c := newClient(t, Options{Policy: policyFuncs{
		request: func(r *abi.Request, _ *abi.Decision) error { requests = append(requests, *r); return nil },
		response: func(r *abi.Response, _ *abi.Decision) error {
			kept := *r
			kept.Headers = slices.Clone(r.Headers)
			responses = append(responses, kept)
			return nil
		},
	}})
	headers := []abi.Header{{Name: "X-A", Value: "1"}, {Name: "x-a", Value: "2"}}
	resp, body := do(t, c, &Request{
		Method: "PUT", URL: o.url + "/first?q#f", Headers: headers, Body: []byte("body"),
		FollowRedirects: true, Stream: true, Caller: "alice",
	})
	require.Equal(t, "ok", body)
	require.Equal(t, 1, resp.Hops)

	common := abi.Request{
		Method: "PUT", Scheme: "http", Host: "127.0.0.1", Port: o.addr.Port(), Caller: "alice",
		Headers: headers, Body: abi.BodyBytes, BodyLength: 4, Stream: true,
	}
	first, second := common, common
	first.URL, first.Path, first.Query = o.url+"/first?q", "/first", "q"
	second.URL, second.Path, second.Query = o.url+"/next?x", "/next", "x"
	second.Hop, second.From = 1, o.url
	require.Equal(t, []abi.Request{first, second}, requests)

	seen := abi.Response{
		Method: "PUT", Scheme: "http", Host: "127.0.0.1", Port: o.addr.Port(), Caller: "alice", Stream: true,
	}
	firstResponse, secondResponse := seen, seen
	firstResponse.Status, firstResponse.Body = 307, abi.BodyBytes
	firstResponse.URL, firstResponse.Path, firstResponse.Query = first.URL, first.Path, first.Query
	firstResponse.Headers = []abi.Header{{Name: "Content-Length", Value: "0"}, {Name: "Location", Value: "/next?x"}}
	secondResponse.Status, secondResponse.Body = 200, abi.BodyStream
	secondResponse.URL, secondResponse.Path, secondResponse.Query, secondResponse.Hop = second.URL, second.Path, second.Query, 1
	secondResponse.Headers = []abi.Header{{Name: "Transfer-Encoding", Value: "chunked"}}
	require.Equal(t, []abi.Response{firstResponse, secondResponse}, responses)
}

func TestPolicySeesBodies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body   []byte
		form   abi.BodyForm
		length uint64
	}{
		{nil, abi.BodyNone, 0},
		{[]byte{}, abi.BodyBytes, 0},
		{[]byte("abc"), abi.BodyBytes, 3},
	}
	for _, tt := range tests {
		asked := false
		c := newClient(t, Options{Policy: policyFuncs{request: func(r *abi.Request, d *abi.Decision) error {
			asked = true
			require.Equal(t, tt.form, r.Body)
			require.Equal(t, tt.length, r.BodyLength)
			d.Verdict, d.Reason = abi.Deny, "enough"
			return nil
		}}})
		doFails(t, c, &Request{Method: "POST", URL: "http://h/", Body: tt.body})
		require.True(t, asked)
	}
	forms := []struct {
		method, answer string
		form           abi.BodyForm
		length         uint64
	}{
		{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", abi.BodyNone, 0},
		{"GET", "HTTP/1.1 204 No Content\r\n\r\n", abi.BodyNone, 0},
		{"GET", "HTTP/1.1 304 Not Modified\r\n\r\n", abi.BodyNone, 0},
		{"GET", answer(""), abi.BodyBytes, 0},
		{"GET", answer("abc"), abi.BodyBytes, 3},
		{"GET", "HTTP/1.1 200 OK\r\n\r\nabc", abi.BodyStream, 0},
	}
	for _, tt := range forms {
		o := newOrigin(t, tt.answer)
		asked := false
		c := newClient(t, Options{Policy: policyFuncs{response: func(r *abi.Response, _ *abi.Decision) error {
			asked = true
			require.Equal(t, tt.form, r.Body)
			require.Equal(t, tt.length, r.BodyLength)
			return nil
		}}})
		do(t, c, &Request{Method: tt.method, URL: o.url})
		require.True(t, asked)
	}
}

// Every way to say no, on the way out.
func TestRequestVerdicts(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, answer("ok"))
	cause := errors.New("trap")
	tests := []struct {
		name     string
		decision abi.Decision
		err      error
		kind     Kind
		reason   string
		message  string
	}{
		{"denied", abi.Decision{Verdict: abi.Deny, Reason: "host_not_allowed"}, nil, Denied, "host_not_allowed", "host_not_allowed"},
		{"denied with a sentence", abi.Decision{Verdict: abi.Deny, Reason: "r", Message: "no \xff"}, nil, Denied, "r", "no ?"},
		{"invalid", abi.Decision{Verdict: abi.Invalid, Reason: "bad_method", Message: "http/request method is invalid"}, nil, Invalid, "bad_method", "http/request method is invalid"},
		{"unknown verdict", abi.Decision{Verdict: 77, Reason: "r"}, nil, Denied, "r", "r"},
		{"failure", abi.Decision{}, cause, Denied, ReasonPolicyFailed, "it failed to decide"},
		{"bad method", abi.Decision{Edits: abi.EditMethod, Method: "A B"}, nil, Denied, ReasonPolicyMalformed, "its edit of the method is not well formed"},
		{"CONNECT", abi.Decision{Edits: abi.EditMethod, Method: "CONNECT"}, nil, Denied, ReasonPolicyMalformed, "its edit of the method is not well formed"},
		{"bad URL", abi.Decision{Edits: abi.EditURL, URL: "/x"}, nil, Denied, ReasonPolicyMalformed, "its edit of the URL is not well formed"},
		{"URL with credentials", abi.Decision{Edits: abi.EditURL, URL: "http://u:p@h/"}, nil, Denied, ReasonPolicyMalformed, "its edit of the URL is not well formed"},
		{"URL of another scheme", abi.Decision{Edits: abi.EditURL, URL: "ftp://h/"}, nil, Denied, ReasonPolicyMalformed, "its edit of the URL is not well formed"},
		{"forbidden address", abi.Decision{Edits: abi.EditURL, URL: "http://10.0.0.1/"}, nil, Failed, ReasonAddressNotAllowed, "http/request failed: address 10.0.0.1 is not allowed (private); the operator can allow it with --allow-net"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, Options{Policy: policyFuncs{request: func(_ *abi.Request, d *abi.Decision) error {
				*d = tt.decision
				return tt.err
			}}})
			e := doFails(t, c, get(o.url))
			require.Equal(t, tt.kind, e.Kind)
			require.Equal(t, tt.reason, e.Reason)
			require.Equal(t, tt.message, e.Message)
			if tt.kind == Denied {
				require.Equal(t, "denied by policy: "+tt.message, e.Error())
			}
			require.Equal(t, tt.err, e.Unwrap())
			o.untouched(t)
		})
	}
}

func TestNoPolicyDenies(t *testing.T) {
	t.Parallel()
	c := New(Options{Net: rules(t, "any")})
	defer c.Close()
	e := doFails(t, c, get("http://127.0.0.1:1/"))
	require.Equal(t, Denied, e.Kind)
	require.Equal(t, ReasonPolicyMissing, e.Reason)
}

// A request may bring its own policy, which then judges all of its hops.
func TestPolicyOfTheRequest(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, redirectTo(302, "/x"), answer("ok"))
	c := newClient(t, Options{Policy: policyFuncs{request: func(*abi.Request, *abi.Decision) error {
		return errors.New("not this one")
	}}})
	hops := 0
	r := get(o.url)
	r.Policy = policyFuncs{request: func(*abi.Request, *abi.Decision) error { hops++; return nil }}
	_, body := do(t, c, r)
	require.Equal(t, "ok", body)
	require.Equal(t, 2, hops)
}

func TestOtherSchemesStay(t *testing.T) {
	t.Parallel()
	for url, scheme := range map[string]string{"ftp://h/x": "ftp", "mailto:x@y": "mailto", "file:///etc/passwd": "file", "data:,x": "data", "ws://h/": "ws"} {
		asked := false
		c := newClient(t, Options{Policy: policyFuncs{request: func(r *abi.Request, _ *abi.Decision) error {
			asked = r.Scheme == scheme
			return nil
		}}})
		e := doFails(t, c, get(url))
		require.Equal(t, Invalid, e.Kind)
		require.Equal(t, ReasonSchemeUnsupported, e.Reason)
		require.Equal(t, "http/request only supports http and https URLs, got "+scheme, e.Message)
		require.True(t, asked, "the policy goes first")
	}
}

func TestRequestEdits(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, answer("ok"), answer("ok"))
	caller := Request{
		Method: "POST", URL: "http://nowhere.example/a", Body: []byte("body"),
		Headers: []abi.Header{{Name: "Content-Length", Value: "4"}, {Name: "Host", Value: "nowhere.example"}},
	}
	edit := abi.Decision{
		Edits: abi.EditMethod | abi.EditURL | abi.EditBody, Method: "PUT", URL: o.url + "/b", Body: abi.BodyBytes, BodyBytes: "other body",
	}
	c := newClient(t, Options{Policy: policyFuncs{request: func(_ *abi.Request, d *abi.Decision) error { *d = edit; return nil }}})
	do(t, c, &caller)
	require.Equal(t, "PUT /b HTTP/1.1\r\nHost: "+o.addr.String()+"\r\nContent-Length: 10\r\naccept: */*\r\n\r\nother body", o.request(t))

	edit = abi.Decision{
		Edits: abi.EditURL | abi.EditBody | abi.EditHeaders, URL: o.url, Body: abi.BodyNone, Headers: []abi.Header{{Name: "X", Value: "y"}},
	}
	do(t, c, &caller)
	require.Equal(t, "POST / HTTP/1.1\r\nHost: "+o.addr.String()+"\r\nContent-Length: 0\r\nX: y\r\naccept: */*\r\n\r\n", o.request(t))
	require.Equal(t, "body", string(caller.Body))
}

// Edits hold for one hop: the next starts from what the caller sent.
func TestEditsHoldForOneHop(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, redirectTo(307, "/next"), answer("ok"))
	c := newClient(t, Options{Policy: policyFuncs{request: func(r *abi.Request, d *abi.Decision) error {
		require.Equal(t, []abi.Header{{Name: "X", Value: "caller"}}, r.Headers)
		require.Equal(t, "PUT", r.Method)
		require.EqualValues(t, 4, r.BodyLength)
		if r.Hop == 0 {
			d.Edits = abi.EditMethod | abi.EditHeaders | abi.EditBody
			d.Method = "POST"
			d.Headers = []abi.Header{{Name: "Authorization", Value: "secret"}}
		}
		return nil
	}}})
	do(t, c, &Request{Method: "PUT", URL: o.url, Headers: []abi.Header{{Name: "X", Value: "caller"}}, Body: []byte("body"), FollowRedirects: true})
	require.Contains(t, o.request(t), "Authorization: secret")
	second := o.request(t)
	require.NotContains(t, second, "secret")
	require.True(t, strings.HasPrefix(second, "PUT /next"), second)
	require.True(t, strings.HasSuffix(second, "\r\n\r\nbody"), second)
}

func TestResponseVerdicts(t *testing.T) {
	t.Parallel()
	cause := errors.New("trap")
	tests := []struct {
		name     string
		decision abi.Decision
		err      error
		reason   string
		message  string
	}{
		{"denied", abi.Decision{Verdict: abi.Deny, Reason: "type_not_allowed"}, nil, "type_not_allowed", "type_not_allowed"},
		{"invalid", abi.Decision{Verdict: abi.Invalid, Reason: "r", Message: "m"}, nil, "r", "m"},
		{"failure", abi.Decision{}, cause, ReasonPolicyFailed, "it failed to decide"},
		{"edit of the body", abi.Decision{Edits: abi.EditBody}, nil, ReasonPolicyMalformed, "its edit of the response is not well formed"},
		{"bad name", abi.Decision{Edits: abi.EditHeaders, Headers: []abi.Header{{Name: "a b"}}}, nil, ReasonPolicyMalformed, "its edit of the response headers is not well formed"},
		{"bad text", abi.Decision{Edits: abi.EditHeaders, Headers: []abi.Header{{Name: "a", Value: "\xff"}}}, nil, ReasonPolicyMalformed, "its edit of the response headers is not well formed"},
		{"too many", abi.Decision{Edits: abi.EditHeaders, Headers: make([]abi.Header, MaxHeaders+1)}, nil, ReasonPolicyMalformed, "its edit of the response headers is not well formed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// The rest of the body never comes: the connection must be closed.
			o := newOrigin(t, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"+hang)
			c := newClient(t, Options{Policy: policyFuncs{response: func(_ *abi.Response, d *abi.Decision) error {
				*d = tt.decision
				return tt.err
			}}})
			e := doFails(t, c, get(o.url))
			require.Equal(t, Denied, e.Kind)
			require.Equal(t, tt.reason, e.Reason)
			require.Equal(t, tt.message, e.Message)
			o.waitClosed(t)
		})
	}
}

func TestResponseEdits(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, answer("ok", "Set-Cookie: secret", "X-Bytes: \xe9"))
	want := []abi.Header{{Name: "x-bytes", Value: "\u00e9"}}
	c := newClient(t, Options{Policy: policyFuncs{response: func(r *abi.Response, d *abi.Decision) error {
		require.Equal(t, "\xe9", headerValue(r.Headers, "x-bytes"))
		d.Edits, d.Headers = abi.EditHeaders, want
		return nil
	}}})
	resp, body := do(t, c, get(o.url))
	require.Equal(t, want, resp.Headers)
	require.Equal(t, "ok", body)
}

// The policy judges a redirect's own response; if it takes the location away,
// nothing is followed.
func TestResponseEditsOnRedirect(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, redirectTo(302, "/x"))
	c := newClient(t, Options{Policy: policyFuncs{response: func(_ *abi.Response, d *abi.Decision) error {
		d.Edits = abi.EditHeaders
		return nil
	}}})
	resp, _ := do(t, c, get(o.url))
	require.Equal(t, 302, resp.Status)
	require.Empty(t, resp.Headers)

	o = newOrigin(t, redirectTo(302, "/x"))
	c = newClient(t, Options{Policy: policyFuncs{response: func(_ *abi.Response, d *abi.Decision) error {
		d.Verdict, d.Reason = abi.Deny, "redirect_not_allowed"
		return nil
	}}})
	e := doFails(t, c, get(o.url))
	require.Equal(t, "redirect_not_allowed", e.Reason)
}
