package security

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/wire"
)

// urlAttack is a URL and what makes it one.
type urlAttack struct {
	URL string `yaml:"url"`
	Why string `yaml:"why"`
}

func TestForbiddenURLs(t *testing.T) {
	t.Parallel()
	var lists struct {
		Addresses []urlAttack `yaml:"addresses"` // well-formed, but of no public address
		Malformed []urlAttack `yaml:"malformed"`
	}
	readData(t, "forbidden.yaml", &lists)
	require.GreaterOrEqual(t, len(lists.Addresses)+len(lists.Malformed), 150)

	x := start(t)
	x.works(t)
	before := x.memory(t)
	for _, a := range lists.Addresses {
		e := x.refusal(t, a)
		require.Equal(t, "address_not_allowed", e.Reason, "%q (%s): %s", a.URL, a.Why, e.Message)
		require.Equal(t, wire.CodeInternal, e.Code)
	}
	for _, a := range lists.Malformed {
		e := x.refusal(t, a)
		require.Equal(t, wire.CodeInvalidParams, e.Code, "%q (%s): %s", a.URL, a.Why, e.Message)
	}
	x.unharmed(t, before)
}

// refusal is how the executor refuses the URL.
func (x *target) refusal(t *testing.T, a urlAttack) *wire.Error {
	t.Helper()
	require.NotEmpty(t, a.Why, a.URL)
	_, err := x.do(t, &client.Request{Method: "GET", URL: x.fill(a.URL)})
	var e *wire.Error
	require.True(t, errors.As(err, &e), "%q (%s) is not refused: %v", a.URL, a.Why, err)
	x.origin.untouched(t)
	x.works(t)
	return e
}

// An odd spelling of an allowed address works, and means the same to the policy,
// to the dialler and to the origin.
func TestAllowedURLs(t *testing.T) {
	t.Parallel()
	var list []struct {
		URL    string `yaml:"url"`
		Target string `yaml:"target"` // of the request line; "/" if empty
		Host   string `yaml:"host"`   // without the port; 127.0.0.1 if empty
	}
	readData(t, "allowed.yaml", &list)
	require.GreaterOrEqual(t, len(list), 60)

	x := start(t)
	x.works(t)
	before := x.memory(t)
	for _, a := range list {
		_, err := x.do(t, &client.Request{Method: "GET", URL: x.fill(a.URL)})
		require.NoError(t, err, a.URL)
		got := x.origin.got(t)
		require.Equal(t, "GET "+or(repeated(a.Target), "/")+" HTTP/1.1", got.first, a.URL)
		require.Equal(t, []string{"Host: " + or(a.Host, "127.0.0.1") + ":" + x.origin.port, "accept: */*"}, got.headers, a.URL)
		require.Empty(t, got.body, a.URL)
		x.works(t)
	}
	x.unharmed(t, before)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// A redirect leads no further than a caller's own URL does.
func TestForbiddenRedirects(t *testing.T) {
	t.Parallel()
	var lists struct {
		Addresses []urlAttack `yaml:"addresses"`
		Malformed []urlAttack `yaml:"malformed"`
	}
	readData(t, "forbidden.yaml", &lists)

	x := start(t)
	tried := 0
	for _, a := range append(lists.Addresses, lists.Malformed...) {
		location := x.fill(a.URL)
		if !headerCanHold(location) || !absolute.MatchString(location) {
			continue // it would not arrive, or is relative to the origin
		}
		tried++
		x.origin.location.Store(&location)
		_, err := x.do(t, &client.Request{Method: "GET", URL: "http://" + x.origin.hostPort + "/redirect"})
		var e *wire.Error
		require.True(t, errors.As(err, &e), "%q (%s) is followed: %v", a.URL, a.Why, err)
		require.Contains(t, []string{"address_not_allowed", "invalid_redirect"}, e.Reason, "%q: %s", a.URL, e.Message)
		require.Equal(t, "GET /redirect HTTP/1.1", x.origin.got(t).first)
		x.origin.untouched(t)
		x.works(t)
	}
	require.Greater(t, tried, 200)
}

var absolute = regexp.MustCompile(`(?i)^[a-z][a-z0-9+.-]*://`)

func headerCanHold(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
