package tests

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/policy"
	"github.com/sluice-run/sluice/host/wire"
)

// A request is judged by one policy from its first hop to its last, though the
// policy is swapped while it waits for its origin.
func TestRequestKeepsThePolicyItStartedWith(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	var url string
	url = httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(entered)
			<-release
			http.Redirect(w, r, url+"/next", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "the end")
	})
	active := policy.NewActive(loadOwned(t, policy.Standard(), ""))
	strict := loadOwned(t, policy.Standard(), "methods: [POST]")
	c := peertest.DialCaller(t, serve(t, executor.Options{Active: active}))
	slow := c.Call(request(url + "/slow"))
	<-entered
	active.Swap(strict)

	refusal := c.ReadError(c.Call(request(url)))
	require.Equal(t, wire.CodeDenied, refusal.Code)
	require.Equal(t, "method_not_allowed", refusal.Reason)
	close(release)
	require.Equal(t, "the end", string(c.ReadResult(slow).Body), "its second hop came after the swap")

	require.NoError(t, active.Close(context.Background()))
	require.Equal(t, wire.CodeDenied, c.ReadError(c.Call(request(url))).Code, "without a policy everything is denied")
}
