package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
)

// configured is a policy with a configuration that must be good.
func configured(t testing.TB, json string) *policy {
	t.Helper()
	p, err := parse(json)
	require.NoError(t, err)
	return p
}

// get is a plain request; each change makes it another one.
func get(changes ...func(*abi.Request)) *abi.Request {
	q := &abi.Request{
		Method: "GET", URL: "https://api.example.com/v1/items?q=1", Scheme: "https", Host: "api.example.com",
		Port: 443, Path: "/v1/items", Query: "q=1", Caller: "agent",
	}
	for _, change := range changes {
		change(q)
	}
	return q
}

func withMethod(s string) func(*abi.Request) { return func(q *abi.Request) { q.Method = s } }
func withScheme(s string) func(*abi.Request) { return func(q *abi.Request) { q.Scheme = s } }
func withHost(s string) func(*abi.Request)   { return func(q *abi.Request) { q.Host = s } }
func withPath(s string) func(*abi.Request)   { return func(q *abi.Request) { q.Path = s } }
func withPort(n uint16) func(*abi.Request)   { return func(q *abi.Request) { q.Port = n } }
func withCaller(s string) func(*abi.Request) { return func(q *abi.Request) { q.Caller = s } }
func withHeader(name, value string) func(*abi.Request) {
	return func(q *abi.Request) { q.Headers = append(q.Headers, abi.Header{Name: name, Value: value}) }
}
func withBody(form abi.BodyForm, length uint64) func(*abi.Request) {
	return func(q *abi.Request) { q.Body, q.BodyLength = form, length }
}

// ask gives the decision, which must be one that a host believes.
func ask(t testing.TB, p *policy, q *abi.Request) abi.Decision {
	t.Helper()
	var d, believed abi.Decision
	p.onRequest(q, &d)
	require.NoError(t, believed.Decode(string(d.Append(nil))))
	return d
}

func TestWellFormed(t *testing.T) {
	t.Parallel()
	const (
		badMethod = "http/request method is invalid: invalid HTTP method"
		badName   = "http/request header name is invalid: invalid HTTP header name"
	)
	badValue := func(name string) string {
		return "http/request header value is invalid for " + name + ": failed to parse header value"
	}
	for name, tt := range map[string]struct {
		q       *abi.Request
		reason  string
		message string
	}{
		"method empty":        {get(withMethod("")), reasonMethodInvalid, badMethod},
		"method space":        {get(withMethod("G ET")), reasonMethodInvalid, badMethod},
		"method not ASCII":    {get(withMethod("GÉT")), reasonMethodInvalid, badMethod},
		"method line feed":    {get(withMethod("GET\r\nX: y")), reasonMethodInvalid, badMethod},
		"CONNECT":             {get(withMethod("CONNECT")), reasonMethodInvalid, "http/request method is invalid: CONNECT is not supported"},
		"connect":             {get(withMethod("connect")), reasonMethodInvalid, "http/request method is invalid: CONNECT is not supported"},
		"scheme ftp":          {get(withScheme("ftp")), reasonSchemeUnsupported, "http/request only supports http and https URLs, got ftp"},
		"scheme ws":           {get(withScheme("ws")), reasonSchemeUnsupported, "http/request only supports http and https URLs, got ws"},
		"scheme empty":        {get(withScheme("")), reasonSchemeUnsupported, "http/request only supports http and https URLs, got "},
		"name empty":          {get(withHeader("", "v")), reasonHeaderNameInvalid, badName},
		"name space":          {get(withHeader("X A", "v")), reasonHeaderNameInvalid, badName},
		"name colon":          {get(withHeader("X:", "v")), reasonHeaderNameInvalid, badName},
		"name pseudo":         {get(withHeader(":path", "v")), reasonHeaderNameInvalid, badName},
		"name not ASCII":      {get(withHeader("Xé", "v")), reasonHeaderNameInvalid, badName},
		"name line feed":      {get(withHeader("X\n", "v")), reasonHeaderNameInvalid, badName},
		"value NUL":           {get(withHeader("X-A", "a\x00")), reasonHeaderValueInvalid, badValue("X-A")},
		"value line feed":     {get(withHeader("x-a", "a\nb")), reasonHeaderValueInvalid, badValue("x-a")},
		"value return":        {get(withHeader("x-a", "\r")), reasonHeaderValueInvalid, badValue("x-a")},
		"value control":       {get(withHeader("x-a", "\x1f")), reasonHeaderValueInvalid, badValue("x-a")},
		"value delete":        {get(withHeader("x-a", "\x7f")), reasonHeaderValueInvalid, badValue("x-a")},
		"long name":           {get(withHeader(strings.Repeat("a", 9000), "\n")), reasonHeaderValueInvalid, badValue(strings.Repeat("a", 100) + "...")},
		"first header first":  {get(withHeader("X-A", "\n"), withHeader("X B", "")), reasonHeaderValueInvalid, badValue("X-A")},
		"method before all":   {get(withMethod("G T"), withScheme("ftp"), withHeader("X A", "")), reasonMethodInvalid, badMethod},
		"scheme before names": {get(withScheme("ftp"), withHeader("X A", "")), reasonSchemeUnsupported, "http/request only supports http and https URLs, got ftp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// No rule can let it pass.
			for _, json := range []string{``, `{"default":"allow"}`} {
				d := ask(t, configured(t, json), tt.q)
				require.Equal(t, abi.Invalid, d.Verdict)
				require.Equal(t, tt.reason, d.Reason)
				require.Equal(t, tt.message, d.Message)
			}
		})
	}
}

func TestWellFormedIsUnchanged(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]*abi.Request{
		"plain":           get(),
		"http":            get(withScheme("http")),
		"lower case":      get(withMethod("get")),
		"every sign":      get(withMethod("A!#$%&'*+-.^_`|~1")),
		"TRACE":           get(withMethod("TRACE")),
		"value empty":     get(withHeader("X-A", "")),
		"value spaces":    get(withHeader("X-A", " x ")),
		"value tab":       get(withHeader("X-A", "a\tb")),
		"value UTF-8":     get(withHeader("X-A", "日本")),
		"value C1":        get(withHeader("X-A", "\u0080")),
		"name every sign": get(withHeader("x!#$%&'*+-.^_`|~1", "v")),
		"repeats":         get(withHeader("X-A", "1"), withHeader("x-a", "2")),
		"body":            get(withBody(abi.BodyBytes, 3)),
		"no body":         get(withMethod("POST"), withBody(abi.BodyNone, 0)),
	} {
		require.Equal(t, abi.Decision{}, ask(t, &policy{}, q), name)
	}
}

func TestEmptyBodyGoesOutAsNone(t *testing.T) {
	t.Parallel()
	d := ask(t, &policy{}, get(withMethod("POST"), withBody(abi.BodyBytes, 0)))
	require.Equal(t, abi.Decision{Edits: abi.EditBody, Body: abi.BodyNone}, d)
}

func TestShorthand(t *testing.T) {
	t.Parallel()
	p := configured(t, `{
		"callers": ["agent"], "methods": ["GET"], "schemes": ["https"],
		"hosts": ["api.example.com"], "ports": [443, "8000-8100"], "paths": ["/v1/**"]
	}`)
	for name, tt := range map[string]struct {
		q       *abi.Request
		reason  string
		message string
	}{
		"all":       {q: get()},
		"range":     {q: get(withPort(8000))},
		"range end": {q: get(withPort(8100))},
		"caller":    {get(withCaller("")), reasonCallerNotAllowed, "the caller is not allowed"},
		"method":    {get(withMethod("POST")), reasonMethodNotAllowed, "the method POST is not allowed"},
		"case":      {get(withMethod("get")), reasonMethodNotAllowed, "the method get is not allowed"},
		"long":      {get(withMethod(strings.Repeat("A", 2000))), reasonMethodNotAllowed, "the method " + strings.Repeat("A", 100) + "... is not allowed"},
		"scheme":    {get(withScheme("http")), reasonSchemeNotAllowed, "the scheme http is not allowed"},
		"host":      {get(withHost("evil.example.com")), reasonHostNotAllowed, "the host evil.example.com is not allowed"},
		"port":      {get(withPort(80)), reasonPortNotAllowed, "the port is not allowed"},
		"below":     {get(withPort(7999)), reasonPortNotAllowed, "the port is not allowed"},
		"above":     {get(withPort(8101)), reasonPortNotAllowed, "the port is not allowed"},
		"path":      {get(withPath("/v2/secret")), reasonPathNotAllowed, "the path is not allowed"},
		"way out":   {get(withPath("/v1/..%2Fv2")), reasonPathNotAllowed, "the path is not allowed"},
	} {
		d := ask(t, p, tt.q)
		require.Equal(t, tt.reason, d.Reason, name)
		require.Equal(t, tt.message, d.Message, name)
		require.Equal(t, tt.reason != "", d.Verdict == abi.Deny, name)
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	const rules = `"rules": [
		{"name": "read", "action": "allow", "methods": ["GET"], "hosts": ["**.example.com"]},
		{"name": "admin", "action": "deny", "paths": ["/admin/**"], "message": "ask an administrator"},
		{"name": "robot", "action": "allow", "callers": ["robot"]},
		{"name": "delete", "action": "deny", "methods": ["DELETE"]}
	]`
	p := configured(t, `{`+rules+`}`)
	for name, tt := range map[string]struct {
		q       *abi.Request
		reason  string
		message string
	}{
		"allowed":                {q: get()},
		"allowed by another":     {q: get(withCaller("robot"), withMethod("POST"), withHost("x"))},
		"no rule":                {get(withMethod("POST")), reasonNoRuleAllows, "no rule allows the request"},
		"deny wins":              {get(withPath("/admin/x")), reasonRuleDenied, "ask an administrator"},
		"deny wins over robot":   {get(withCaller("robot"), withMethod("DELETE")), reasonRuleDenied, "the rule delete denies the request"},
		"deny in any case":       {get(withCaller("robot"), withMethod("delete")), reasonRuleDenied, "the rule delete denies the request"},
		"deny encoded":           {get(withPath("/%61dmin/x")), reasonRuleDenied, "ask an administrator"},
		"deny without the slash": {get(withPath("/admin")), reasonRuleDenied, "ask an administrator"},
		"deny double slash":      {get(withPath("//admin/x")), reasonRuleDenied, "ask an administrator"},
		"deny encoded slash":     {get(withPath("/x%2f..%2Fadmin")), reasonRuleDenied, "ask an administrator"},
		"deny parameters":        {get(withPath("/x/..;y/admin;z")), reasonRuleDenied, "ask an administrator"},
		"allow surely":           {get(withMethod("get")), reasonNoRuleAllows, "no rule allows the request"},
	} {
		d := ask(t, p, tt.q)
		require.Equal(t, tt.reason, d.Reason, name)
		require.Equal(t, tt.message, d.Message, name)
		require.Equal(t, tt.reason != "", d.Verdict == abi.Deny, name)
	}
}

func TestDefault(t *testing.T) {
	t.Parallel()
	require.Equal(t, abi.Allow, ask(t, configured(t, `{"default":"allow"}`), get()).Verdict)
	require.Equal(t, reasonNoRuleAllows, ask(t, configured(t, `{"default":"deny"}`), get()).Reason)
	onlyDeny := configured(t, `{"rules":[{"name":"a","action":"deny","hosts":["b"]}]}`)
	require.Equal(t, abi.Allow, ask(t, onlyDeny, get()).Verdict)
}

func TestRequestHeaders(t *testing.T) {
	t.Parallel()
	p := configured(t, `{"request_headers": [
		{"refuse": ["Cookie"], "remove": ["X-Debug"]},
		{"hosts": ["api.example.com"], "paths": ["/v1/**"], "set": {"Authorization": "Bearer t"}, "append": {"Via": "1.1 sluice"}}
	]}`)
	for name, tt := range map[string]struct {
		q    *abi.Request
		want []abi.Header
	}{
		"set is added": {get(), []abi.Header{{Name: "authorization", Value: "Bearer t"}, {Name: "via", Value: "1.1 sluice"}}},
		"set replaces in place": {
			get(withHeader("AUTHORIZATION", "a"), withHeader("A", "b"), withHeader("authorization", "c"), withHeader("Via", "d")),
			[]abi.Header{{Name: "authorization", Value: "Bearer t"}, {Name: "A", Value: "b"}, {Name: "Via", Value: "d"}, {Name: "via", Value: "1.1 sluice"}},
		},
		"elsewhere nothing is set": {get(withHost("b.example"), withHeader("A", "b")), nil},
		"in doubt nothing is set":  {get(withPath("/v1/..%2Fx"), withHeader("A", "b")), nil},
		"removed":                  {get(withHost("b.example"), withHeader("x-debug", "1"), withHeader("A", "b"), withHeader("X-Debug", "2")), []abi.Header{{Name: "A", Value: "b"}}},
	} {
		d := ask(t, p, tt.q)
		require.Equal(t, abi.Allow, d.Verdict, name)
		require.Equal(t, tt.want, d.Headers, name)
		require.Equal(t, tt.want != nil, d.Edits == abi.EditHeaders, name)
	}
	refused := ask(t, p, get(withHeader("COOKIE", "secret")))
	require.Equal(t, abi.Deny, refused.Verdict)
	require.Equal(t, reasonHeaderNotAllowed, refused.Reason)
	require.Equal(t, "the header cookie is not allowed", refused.Message)
}

func TestAllocations(t *testing.T) {
	p := configured(t, `{"hosts": ["*.example.com"], "paths": ["/v1/**"],
		"request_headers": [{"remove": ["x-b"], "set": {"x-team": "red"}}]}`)
	q := get(withHeader("X-A", "1"), withHeader("X-B", "2"))
	msg := string(q.Append(nil))
	var d abi.Decision
	require.Zero(t, testing.AllocsPerRun(100, func() {
		d = abi.Decision{Headers: d.Headers[:0]}
		if q.Decode(msg) != nil {
			panic("malformed")
		}
		p.onRequest(q, &d)
	}))
	require.Equal(t, []abi.Header{{Name: "X-A", Value: "1"}, {Name: "x-team", Value: "red"}}, d.Headers)
}
