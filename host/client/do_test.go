package client_test

// Whole responses.

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

func TestDoSendsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	ms := uint64(1500)
	for name, tc := range map[string]struct{ given, sent client.Request }{
		"little": {
			given: client.Request{Method: "GET", URL: "https://a.test/"},
			sent:  client.Request{Method: "GET", URL: "https://a.test/", Headers: []client.Header{}, RequestID: "buffered-request"},
		},
		"everything": {
			given: client.Request{
				Method: "POST", URL: "https://a.test/?q", Headers: []client.Header{{Name: "X", Value: "1"}, {Name: "X", Value: "2"}},
				Body: []byte("body"), TimeoutMs: &ms, Redirect: wire.RedirectStop, RequestID: "mine",
			},
			sent: client.Request{
				Method: "POST", URL: "https://a.test/?q", Headers: []client.Header{{Name: "X", Value: "1"}, {Name: "X", Value: "2"}},
				Body: []byte("body"), TimeoutMs: &ms, Redirect: wire.RedirectStop, RequestID: "mine",
			},
		},
		"never streamed": {
			given: client.Request{Method: "GET", URL: "https://a.test/", Stream: true},
			sent:  client.Request{Method: "GET", URL: "https://a.test/", Headers: []client.Header{}, RequestID: "buffered-request"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := connect(t, func(p *peertest.ExecutorPeer) {
					id, req := p.ReadRequest()
					require.Equal(p, tc.sent, req)
					p.Respond(id, client.Response{Status: 201, Headers: []client.Header{{Name: "a", Value: "b"}}, Body: []byte("made")})
				}, peertest.Strict())
				before := tc.given
				res, err := c.Do(t.Context(), &tc.given)
				require.NoError(t, err)
				require.Equal(t, &client.Response{Status: 201, Headers: []client.Header{{Name: "a", Value: "b"}}, Body: []byte("made")}, res)
				require.Equal(t, before, tc.given, "the request is not changed")
			})
		})
	}
}

func TestDoErrors(t *testing.T) {
	t.Parallel()
	for code, name := range map[wire.Code]string{
		wire.CodeInvalidParams: "invalid params",
		wire.CodeInternal:      "internal",
		wire.CodeDenied:        "denied",
		wire.CodeOverloaded:    "overloaded",
		-1:                     "unknown",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				want := &wire.Error{Code: code, Message: "a sentence", Reason: "a_reason", Policy: "standard"}
				script := func(p *peertest.ExecutorPeer) {
					for range 2 {
						id, _ := p.ReadRequest()
						p.RespondError(id, want)
					}
				}
				c := connect(t, script)
				_, err := c.Do(t.Context(), get("https://a.test/"))
				require.ErrorIs(t, err, code)
				var got *wire.Error
				require.ErrorAs(t, err, &got)
				require.Equal(t, want, got)
				_, err = c.Stream(t.Context(), get("https://a.test/"))
				require.ErrorIs(t, err, code)
			})
		})
	}
}

func TestDoWithAMalformedResult(t *testing.T) {
	t.Parallel()
	for result, want := range map[string]string{
		`null`:                        "invalid type: null, expected struct HttpRequestResponse",
		`{}`:                          "missing field `status`",
		`{"status":200,"headers":[]}`: "missing field `bodyBase64`",
		`{"status":200,"headers":[],"bodyBase64":"a"}`:   "Invalid input length: 1",
		`{"status":70000,"headers":[],"bodyBase64":""}`:  "invalid number",
		`{"status":"200","headers":[],"bodyBase64":""}`:  "invalid type: string, expected u16",
		`{"status":200,"headers":null,"bodyBase64":""}`:  "invalid type: null, expected a sequence",
		`{"status":200,"headers":[{}],"bodyBase64":"a"}`: "missing field `name`",
	} {
		t.Run(result, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := connect(t, func(p *peertest.ExecutorPeer) {
					id, _ := p.ReadRequest()
					p.Result(id, wire.Raw(result))
					id, _ = p.ReadRequest()
					p.Respond(id, wire.HTTPResponse{Status: 204})
				})
				_, err := c.Do(t.Context(), get("https://a.test/"))
				require.EqualError(t, err, want)
				res, err := c.Do(t.Context(), get("https://a.test/"))
				require.NoError(t, err, "the connection is as good as before")
				require.Equal(t, 204, res.Status)
			})
		})
	}
}

func TestDoEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, func(p *peertest.ExecutorPeer) {
			first, _ := p.ReadRequest()
			second, _ := p.ReadRequest()
			p.Respond(first, wire.HTTPResponse{Status: 200, Body: []byte("late")})
			p.Respond(second, wire.HTTPResponse{Status: 204})
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Do(ctx, get("https://a.test/slow"))
		require.Equal(t, context.DeadlineExceeded, err)
		res, err := c.Do(t.Context(), get("https://a.test/"))
		require.NoError(t, err)
		require.Equal(t, 204, res.Status, "the late answer is not taken for this one")
	})
}

func TestDoWhenTheConnectionEnds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		end  func(p *peertest.ExecutorPeer)
		want string
		code rpc.CloseCode
	}{
		"closed": {
			end:  func(p *peertest.ExecutorPeer) { p.Close(rpc.CloseGoingAway, "shutting down") },
			want: "exec-server transport disconnected: connection closed by the other side (1001): shutting down",
			code: rpc.CloseGoingAway,
		},
		"dropped": {
			end:  (*peertest.ExecutorPeer).Disconnect,
			want: "exec-server transport disconnected: connection lost",
			code: rpc.CloseAbnormal,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := connect(t, func(p *peertest.ExecutorPeer) { p.ReadRequest(); tc.end(p) })
				check := func(err error) {
					t.Helper()
					require.EqualError(t, err, tc.want)
					require.ErrorIs(t, err, client.ErrDisconnected)
					var closed *rpc.CloseError
					require.ErrorAs(t, err, &closed)
					require.Equal(t, tc.code, closed.Code)
				}
				_, err := c.Do(t.Context(), get("https://a.test/"))
				check(err)
				<-c.Done()
				_, err = c.Do(t.Context(), get("https://a.test/"))
				check(err)
				_, err = c.Stream(t.Context(), get("https://a.test/"))
				check(err)
			})
		})
	}
}

func TestManyCallsAtOnce(t *testing.T) {
	t.Parallel()
	const calls = 100
	e := peertest.StartExecutor(t, func(p *peertest.ExecutorPeer) {
		bodies := make(map[wire.ID][]byte)
		for range calls {
			id, req := p.ReadRequest()
			bodies[id] = req.Body
		}
		for id, body := range bodies { // in whichever order
			p.Respond(id, wire.HTTPResponse{Status: 200, Body: body})
		}
	})
	c, err := client.Dial(t.Context(), e.URL(), nil)
	require.NoError(t, err)
	defer c.Close()
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() {
			req := get("https://a.test/")
			req.Body = []byte{byte(i)}
			res, err := c.Do(t.Context(), req)
			if err != nil || len(res.Body) != 1 || res.Body[0] != byte(i) {
				t.Errorf("call %d: %v, %v", i, res, err)
			}
		})
	}
	wg.Wait()
}
