package executor_test

import (
	"bytes"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// held is an origin that answers /held only when told to.
func held(t *testing.T) (url string, entered <-chan struct{}, release func()) {
	t.Helper()
	in, out := make(chan struct{}, 16), make(chan struct{})
	url = origin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/held" {
			in <- struct{}{}
			select {
			case <-out:
			case <-r.Context().Done(): // the executor hangs up
			}
		}
	})
	return url, in, func() { close(out) }
}

func overloaded(text string) *wire.Error {
	return &wire.Error{Code: wire.CodeOverloaded, Reason: "overloaded", Message: text}
}

func TestConnectionsPerCaller(t *testing.T) {
	t.Parallel()
	e := start(t, func(o *executor.Options) { o.MaxConnectionsPerCaller = 1 })
	first := talkAs(t, e, "alice")
	second := talkAs(t, e, "alice", peertest.ByHand())
	require.Equal(t, "too many connections of this caller", second.ExpectClosed(rpc.CloseTryAgainLater))
	talkAs(t, e, "bob")
	talk(t, e)
	nameless := talk(t, e, peertest.ByHand())
	require.Equal(t, "too many connections of this caller", nameless.ExpectClosed(rpc.CloseTryAgainLater))

	first.Disconnect()
	require.Eventually(t, func() bool { // the executor learns of it a moment later
		ours, theirs := rpc.Pipe()
		ended := make(chan error, 1)
		go func() { ended <- e.ServeCaller(theirs, executor.Caller{Name: "alice"}) }()
		_ = ours.Send([]byte(`{"id":1,"method":"initialize","params":{"clientName":"x"}}`))
		_, err := ours.Recv(nil)
		_ = ours.Close(rpc.CloseNormal, "")
		<-ended
		return err == nil
	}, 10*time.Second, time.Millisecond)
}

func TestRequestsOfAllConnections(t *testing.T) {
	t.Parallel()
	url, entered, release := held(t)
	e := start(t, func(o *executor.Options) { o.MaxRequests, o.ConcurrentRequests = 2, 1 })
	alice, bob, carol := talk(t, e), talk(t, e), talk(t, e)
	alice.Call(get(url + "/held"))
	<-entered
	alice.Call(get(url + "/held")) // waits
	id := alice.Request(wire.MethodEnvInfo, nil)
	require.Equal(t, id, alice.ReadMessage().ID, "both have been taken")
	full := overloaded("too many requests on this executor: 2; try again later")
	require.Equal(t, full, bob.ReadError(bob.Call(get(url))))

	// What runs and what waits goes with its connection.
	alice.Disconnect()
	untilThereIsRoom := func() {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
			bob.Call(get(url))
			msg := bob.ReadMessage()
			if msg.Kind == wire.KindResult {
				return
			}
			require.Equal(t, full, msg.Error)
		}
		require.Fail(t, "there is never room")
	}
	untilThereIsRoom()
	last := carol.Call(get(url + "/held"))
	<-entered
	untilThereIsRoom()
	release()
	require.Equal(t, 200, carol.ReadResult(last).Status)
}

func TestWaitingBytes(t *testing.T) {
	t.Parallel()
	url, entered, release := held(t)
	e := start(t, func(o *executor.Options) { o.ConcurrentRequests, o.MaxWaitingBytes = 1, 10 })
	c := talk(t, e)
	post := func(n int) wire.ID {
		p := get(url)
		p.Method, p.Body = "POST", bytes.Repeat([]byte("x"), n)
		return c.Call(p)
	}
	running := c.Call(get(url + "/held"))
	<-entered
	want := overloaded("the bodies of waiting requests on this connection are over 10 bytes; try again later")
	require.Equal(t, want, c.ReadError(post(11)))
	six := post(6)
	require.Equal(t, want, c.ReadError(post(5)))
	four, none := post(4), post(0)
	require.Equal(t, want, c.ReadError(post(1)))
	release()
	for _, id := range []wire.ID{running, six, four, none} {
		require.Equal(t, 200, c.ReadResult(id).Status)
	}
	require.Equal(t, 200, c.ReadResult(post(11)).Status, "nothing waits: it runs at once")
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		deny := judge{request: func(_ *abi.Request, d *abi.Decision) error {
			*d = abi.Decision{Verdict: abi.Deny, Reason: "no"}
			return nil
		}}
		e := executor.New(executor.Options{Policy: deny, RateLimit: executor.RateLimit{PerSecond: 4, Burst: 2}})
		defer e.Close()
		c := talkAs(t, e, "alice")
		ask := func(c *peertest.Caller) *wire.Error { return c.ReadError(c.Call(get("http://example.com"))) }
		limited := func(ms uint64, text string) *wire.Error {
			return &wire.Error{
				Code: wire.CodeOverloaded, Reason: "rate_limited", RetryAfterMs: ms,
				Message: "too many requests of this caller in a short time; try again in " + text + " ms",
			}
		}
		require.Equal(t, wire.CodeDenied, ask(c).Code)
		require.Equal(t, wire.CodeDenied, ask(c).Code)
		require.Equal(t, limited(250, "250"), ask(c))
		require.Equal(t, limited(250, "250"), ask(c), "what is refused does not count")

		time.Sleep(100 * time.Millisecond) // the bubble's clock
		require.Equal(t, limited(150, "150"), ask(c))
		other := talkAs(t, e, "bob")
		require.Equal(t, wire.CodeDenied, ask(other).Code, "another caller")

		// A new connection is no new caller.
		c.Disconnect()
		synctest.Wait()
		c = talkAs(t, e, "alice")
		require.Equal(t, limited(150, "150"), ask(c))
		time.Sleep(150 * time.Millisecond)
		require.Equal(t, wire.CodeDenied, ask(c).Code)
		c.Disconnect()
		other.Disconnect()
		synctest.Wait()
	})
}

func TestIdleTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		slow := judge{request: func(_ *abi.Request, d *abi.Decision) error {
			<-release
			*d = abi.Decision{Verdict: abi.Deny, Reason: "no"}
			return nil
		}}
		e := executor.New(executor.Options{Policy: slow, IdleTimeout: time.Minute})
		defer e.Close()
		c := talk(t, e)
		time.Sleep(59 * time.Second)
		id := c.Call(get("http://example.com"))
		time.Sleep(time.Hour) // a request in flight keeps it open
		release <- struct{}{}
		require.Equal(t, wire.CodeDenied, c.ReadError(id).Code)
		time.Sleep(59 * time.Second)
		again := c.Request(wire.MethodEnvInfo, nil)
		require.Equal(t, again, c.ReadMessage().ID)
		time.Sleep(time.Second)
		require.Equal(t, "idle for too long", c.ExpectClosed(rpc.CloseGoingAway))
		synctest.Wait()
	})
}
