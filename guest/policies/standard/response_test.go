package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
)

func response(headers ...abi.Header) *abi.Response {
	return &abi.Response{
		Status: 200, Headers: headers, Body: abi.BodyBytes, BodyLength: 2,
		Method: "GET", Scheme: "https", Host: "api.example.com", Port: 443, Path: "/v1", Caller: "agent",
	}
}

func answer(t testing.TB, p *policy, r *abi.Response) abi.Decision {
	t.Helper()
	var d, believed abi.Decision
	p.onResponse(r, &d)
	require.NoError(t, believed.Decode(string(d.Append(nil))))
	return d
}

func TestResponseHeadersBecomeText(t *testing.T) {
	t.Parallel()
	h := func(name, value string) abi.Header { return abi.Header{Name: name, Value: value} }
	for name, tt := range map[string]struct {
		in   []abi.Header
		want []abi.Header // nil if nothing changes
	}{
		"none":            {},
		"text":            {in: []abi.Header{h("a", "b"), h("a", ""), h("x_b!", "a\tb")}},
		"UTF-8":           {in: []abi.Header{h("a", "日本 é")}},
		"upper case":      {[]abi.Header{h("Set-Cookie", "A"), h("SET-COOKIE", "B"), h("etag", "C")}, []abi.Header{h("set-cookie", "A"), h("set-cookie", "B"), h("etag", "C")}},
		"Latin-1":         {[]abi.Header{h("a", "\xe9"), h("b", "c")}, []abi.Header{h("b", "c")}},
		"control":         {[]abi.Header{h("a", "\x01"), h("b", "c"), h("d", "\x7f")}, []abi.Header{h("b", "c")}},
		"name no token":   {[]abi.Header{h("a b", "c"), h("", "c"), h("d", "e")}, []abi.Header{h("d", "e")}},
		"nothing is left": {[]abi.Header{h("a", "\xff")}, []abi.Header{}},
	} {
		d := answer(t, &policy{}, response(tt.in...))
		require.Equal(t, abi.Allow, d.Verdict, name)
		require.Equal(t, tt.want != nil, d.Edits == abi.EditHeaders, name)
		require.ElementsMatch(t, tt.want, d.Headers, name)
	}
}

func TestResponseHeaderRules(t *testing.T) {
	t.Parallel()
	p := configured(t, `{"response_headers": [
		{"remove": ["Set-Cookie"]},
		{"hosts": ["api.example.com"], "set": {"Server": "hidden"}},
		{"hosts": ["other.example"], "refuse": ["x-secret"]}
	]}`)
	d := answer(t, p, response(abi.Header{Name: "Set-Cookie", Value: "a"}, abi.Header{Name: "Server", Value: "b"}, abi.Header{Name: "X-Secret", Value: "c"}))
	require.Equal(t, []abi.Header{{Name: "server", Value: "hidden"}, {Name: "x-secret", Value: "c"}}, d.Headers)

	r := response(abi.Header{Name: "X-Secret", Value: "c"})
	r.Host = "other.example"
	d = answer(t, p, r)
	require.Equal(t, abi.Deny, d.Verdict)
	require.Equal(t, reasonHeaderNotAllowed, d.Reason)
}

func TestResponseAllocations(t *testing.T) {
	p := configured(t, `{"response_headers": [{"remove": ["set-cookie"]}]}`)
	r := response(abi.Header{Name: "Content-Type", Value: "text/plain"}, abi.Header{Name: "Set-Cookie", Value: "a"})
	msg := string(r.Append(nil))
	var d abi.Decision
	require.Zero(t, testing.AllocsPerRun(100, func() {
		d = abi.Decision{Headers: d.Headers[:0]}
		if r.Decode(msg) != nil {
			panic("malformed")
		}
		p.onResponse(r, &d)
	}))
	require.Equal(t, []abi.Header{{Name: "content-type", Value: "text/plain"}}, d.Headers)
}
