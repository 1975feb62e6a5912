package policy_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/policy"
)

// A call that makes a guest's memory grow costs the instance, hundreds of times
// the call itself. Messages of usual sizes must not do that.
func TestUsualMessagesCostNoInstance(t *testing.T) {
	t.Parallel()
	sources := map[string]policy.Source{"standard": policy.Standard()}
	configured := policy.Standard()
	configured.Config = []byte(`{"hosts":["**.example.com"],"request_headers":[{"remove":["cookie"],"set":{"x-a":"b"}}],"response_headers":[{"remove":["server"]}]}`)
	sources["configured"] = configured
	for name, src := range sources {
		p := load(t, src)
		random := rand.New(rand.NewPCG(1, 2))
		var d abi.Decision
		for range 500 {
			q, r := request(), response()
			q.Headers, r.Headers = randomHeaders(random), randomHeaders(random)
			q.Path = "/" + strings.Repeat("a/", random.IntN(100))
			require.NoError(t, p.OnRequest(context.Background(), q, &d), name)
			require.NoError(t, p.OnResponse(context.Background(), r, &d), name)
		}
		require.EqualValues(t, 1, p.Made(), name)
	}
}

func randomHeaders(random *rand.Rand) []abi.Header {
	list := make([]abi.Header, random.IntN(64))
	for i := range list {
		list[i] = abi.Header{
			Name:  "X-" + strings.Repeat("n", random.IntN(30)),
			Value: strings.Repeat("v", random.IntN(512)),
		}
	}
	return list
}
