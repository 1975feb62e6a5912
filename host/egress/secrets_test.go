package egress

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
)

const (
	masked = "Bearer ${TOKEN}"
	secret = "Bearer s3cret"
)

// withSecret is a request whose authorization stands for a secret, beside
// headers that only look so.
func withSecret(url string) *Request {
	r := get(url)
	r.Headers = []abi.Header{{Name: "Authorization", Value: masked}, {Name: "X-Other", Value: masked}, {Name: "User-Agent", Value: masked}}
	r.Secrets = []Secret{{Header: "authorization", Masked: masked, Value: secret}, {Header: "user-agent", Masked: masked, Value: secret}}
	return r
}

func TestSecretGoesToTheOriginAlone(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, answer("ok"))
	var seen []abi.Header
	c := newClient(t, Options{Policy: policyFuncs{request: func(r *abi.Request, _ *abi.Decision) error {
		seen = r.Headers
		return nil
	}}})
	r := withSecret(o.url + "/")
	do(t, c, r)
	got := o.request(t)
	require.Contains(t, got, "\r\nAuthorization: "+secret+"\r\n")
	require.Contains(t, got, "\r\nuser-agent: "+secret+"\r\n")
	require.Contains(t, got, "\r\nX-Other: "+masked+"\r\n", "no other header gets it")
	for _, h := range append(seen, r.Headers...) {
		require.Equal(t, masked, h.Value, "neither the policy nor the caller sees it")
	}
}

func TestSecretAndPolicyEdits(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		headers []abi.Header
		want    string // a line of the request, if any
	}{
		"removed":       {[]abi.Header{}, ""},
		"passed on":     {[]abi.Header{{Name: "AUTHORIZATION", Value: masked}}, "AUTHORIZATION: " + secret},
		"changed":       {[]abi.Header{{Name: "authorization", Value: "x" + masked}}, "authorization: x" + masked},
		"another name":  {[]abi.Header{{Name: "x-moved", Value: masked}}, "x-moved: " + masked},
		"value of ours": {[]abi.Header{{Name: "authorization", Value: "Basic abc"}}, "authorization: Basic abc"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t, answer("ok"))
			c := newClient(t, Options{Policy: policyFuncs{request: func(_ *abi.Request, d *abi.Decision) error {
				d.Edits, d.Headers = abi.EditHeaders, tt.headers
				return nil
			}}})
			do(t, c, withSecret(o.url+"/"))
			got := o.request(t)
			require.Contains(t, got, tt.want)
			require.Equal(t, strings.Contains(tt.want, secret), strings.Contains(got, secret))
		})
	}
}

// A policy that sends the request elsewhere does not get the secret there, nor
// does what comes after it.
func TestSecretDoesNotFollowAMovedRequest(t *testing.T) {
	t.Parallel()
	elsewhere := newOrigin(t, redirectTo(302, "/next"), answer("ok"))
	home := newOrigin(t, answer("never asked"))
	c := newClient(t, Options{Policy: policyFuncs{request: func(r *abi.Request, d *abi.Decision) error {
		if r.Hop == 0 {
			d.Edits, d.URL = abi.EditURL, elsewhere.url+"/"
		}
		return nil
	}}})
	do(t, c, withSecret(home.url+"/"))
	for range 2 {
		got := elsewhere.request(t)
		require.NotContains(t, got, "s3cret")
		require.NotContains(t, got, "Authorization")
		require.Contains(t, got, "X-Other: "+masked)
	}
	home.untouched(t)
}

func TestSecretAndRedirects(t *testing.T) {
	t.Parallel()
	t.Run("within the origin it stays", func(t *testing.T) {
		t.Parallel()
		o := newOrigin(t, redirectTo(307, "/next"), answer("ok"))
		do(t, newClient(t, Options{}), withSecret(o.url+"/"))
		require.Contains(t, o.request(t), secret)
		require.Contains(t, o.request(t), secret)
	})
	t.Run("elsewhere it is dropped, even from a harmless header and on the way back", func(t *testing.T) {
		t.Parallel()
		// The origins name each other, hence the first one is told late.
		back := make(chan string, 1)
		c := newClient(t, Options{Policy: policyFuncs{response: func(r *abi.Response, d *abi.Decision) error {
			if r.Hop == 1 {
				d.Edits, d.Headers = abi.EditHeaders, []abi.Header{{Name: "location", Value: <-back}}
			}
			return nil
		}}})
		second := newOrigin(t, redirectTo(307, "/"))
		first := newOrigin(t, redirectTo(307, second.url+"/"), answer("ok"))
		back <- first.url + "/back"
		do(t, c, withSecret(first.url+"/"))
		require.Contains(t, first.request(t), secret)
		for _, got := range []string{second.request(t), first.request(t)} {
			require.NotContains(t, got, "s3cret")
			require.NotContains(t, strings.ToLower(got), "user-agent")
		}
	})
}

func TestSecretThatIsNoHeaderValue(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, answer("ok"))
	r := withSecret(o.url + "/")
	r.Secrets[0].Value = "s3cret\nx: y"
	err := doFails(t, newClient(t, Options{}), r)
	require.Equal(t, "http/request header value is invalid for Authorization: failed to parse header value", err.Error())
	o.untouched(t)
}
