package policy_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/policy"
	"github.com/sluice-run/sluice/host/sandbox"
)

// compiled fills the cache, so that the tests do not all compile the same module
// at once: under the race detector that takes long.
var compiled = sync.OnceValue(func() error {
	p, err := tryLoad(policy.Standard())
	if err != nil {
		return err
	}
	return p.Close(context.Background())
})

func standard(t testing.TB, config string) policy.Source {
	t.Helper()
	require.NoError(t, compiled())
	src := policy.Standard()
	var err error
	src.Config, err = policy.ParseConfig([]byte(config))
	require.NoError(t, err)
	return src
}

func TestStandardAllowsWhatIsWellFormed(t *testing.T) {
	t.Parallel()
	p := load(t, standard(t, ""))
	require.Equal(t, "standard", p.Name())
	var d abi.Decision
	require.NoError(t, p.OnRequest(context.Background(), request(), &d))
	require.Equal(t, abi.Allow, d.Verdict)

	q := request()
	q.Method = "GE T"
	require.NoError(t, p.OnRequest(context.Background(), q, &d))
	require.Equal(t, abi.Invalid, d.Verdict)
	require.NotEmpty(t, d.Reason)

	r := response()
	require.NoError(t, p.OnResponse(context.Background(), r, &d))
	require.Equal(t, abi.Allow, d.Verdict)
	require.Zero(t, d.Edits)
	r.Headers = append(r.Headers, abi.Header{Name: "X-Bytes", Value: "\xff"})
	require.NoError(t, p.OnResponse(context.Background(), r, &d))
	require.Equal(t, abi.EditHeaders, d.Edits)
	require.Equal(t, response().Headers, d.Headers, "what is no text is not for the caller")
}

func TestStandardTakesAConfiguration(t *testing.T) {
	t.Parallel()
	p := load(t, standard(t, `
rules:
- name: only-example   # deny wins, and without a match the default says no
  action: allow
  hosts: [example.com]
- {name: no-posts, action: deny, methods: [POST], message: "this executor only reads"}
`))
	ask := func(host, method string) abi.Decision {
		q := request()
		q.Host, q.URL, q.Method = host, "http://"+host+"/a?b", method
		var d abi.Decision
		require.NoError(t, p.OnRequest(context.Background(), q, &d))
		return d
	}
	for range 3 {
		require.Equal(t, abi.Allow, ask("example.com", "GET").Verdict)
		require.Equal(t, abi.Deny, ask("other.example", "GET").Verdict)
		d := ask("example.com", "POST")
		require.Equal(t, abi.Deny, d.Verdict)
		require.Contains(t, d.Message, "this executor only reads")
	}
}

func TestStandardRefusesAConfigurationWithASentence(t *testing.T) {
	t.Parallel()
	_, err := tryLoad(standard(t, "rules: [{name: a, action: maybe}]\n"))
	require.ErrorIs(t, err, sandbox.Refused)
	require.ErrorContains(t, err, "action")
	_, err = tryLoad(standard(t, "rulez: []\n"))
	require.ErrorIs(t, err, sandbox.Refused)
	require.ErrorContains(t, err, "rulez")
}

func BenchmarkOnRequest(b *testing.B) {
	p := load(b, standard(b, ""))
	var d abi.Decision
	q := request()
	b.ReportAllocs()
	for b.Loop() {
		if err := p.OnRequest(context.Background(), q, &d); err != nil {
			b.Fatal(err)
		}
	}
}
