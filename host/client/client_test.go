package client_test

// Connecting, introducing and leaving.

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

func TestNewIntroducesItself(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		options *client.Options
		want    wire.InitializeParams
	}{
		"nil":     {nil, wire.InitializeParams{ClientName: "sluice"}},
		"zero":    {&client.Options{}, wire.InitializeParams{ClientName: "sluice"}},
		"by name": {&client.Options{ClientName: "me"}, wire.InitializeParams{ClientName: "me"}},
		"resume":  {&client.Options{ResumeSessionID: "s-1"}, wire.InitializeParams{ClientName: "sluice", ResumeSessionID: "s-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ch := peertest.PipeExecutor(t, func(p *peertest.ExecutorPeer) {
					require.Equal(p, tc.want, p.Client())
				}, peertest.Session("s-2"), peertest.Strict())
				c, err := client.New(t.Context(), ch, tc.options)
				require.NoError(t, err)
				require.Equal(t, "s-2", c.SessionID())
				require.Equal(t, wire.EnvironmentInfo{ShellName: "sh", ShellPath: "/bin/sh"}, c.Environment())
				require.NoError(t, c.Close())
			})
		})
	}
}

func TestNewWithoutEnvironment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := client.New(t.Context(), peertest.PipeExecutor(t, func(p *peertest.ExecutorPeer) {
			msg := p.ReadMessage()
			p.Result(msg.ID, wire.Raw(`{"sessionId":"old"}`))
			require.Equal(p, wire.MethodInitialized, p.ReadMessage().Method)
		}, peertest.ByHand()), nil)
		require.NoError(t, err)
		require.Equal(t, "old", c.SessionID())
		require.Zero(t, c.Environment())
		require.NoError(t, c.Close())
	})
}

func TestNewFails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer func(p *peertest.ExecutorPeer, id wire.ID)
		want   string
		is     error
	}{
		"session unknown": {
			answer: func(p *peertest.ExecutorPeer, id wire.ID) {
				p.RespondError(id, wire.Errorf(wire.CodeInvalidRequest, "unknown session id s-1"))
				p.ExpectClosed(rpc.CloseNormal)
			},
			want: "exec-server handshake: unknown session id s-1", is: wire.CodeInvalidRequest,
		},
		"session attached": {
			answer: func(p *peertest.ExecutorPeer, id wire.ID) {
				p.RespondError(id, wire.Errorf(wire.CodeSessionAttached, "session s-1 is already attached to another connection"))
			},
			want: "exec-server handshake: session s-1 is already attached to another connection", is: wire.CodeSessionAttached,
		},
		"malformed": {
			answer: func(p *peertest.ExecutorPeer, id wire.ID) {
				p.Result(id, wire.Raw(`{}`))
				require.Equal(p, "handshake failed", p.ExpectClosed(rpc.CloseNormal))
			},
			want: "exec-server handshake: missing field `sessionId`",
		},
		"closed": {
			answer: func(p *peertest.ExecutorPeer, _ wire.ID) { p.Close(rpc.CloseTryAgainLater, "too many connections") },
			want:   "exec-server handshake: exec-server transport disconnected: connection closed by the other side (1013): too many connections",
			is:     client.ErrDisconnected,
		},
		"silence": {
			answer: func(p *peertest.ExecutorPeer, _ wire.ID) { p.ExpectClosed(rpc.CloseNormal) },
			want:   "exec-server handshake: context deadline exceeded", is: context.DeadlineExceeded,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ch := peertest.PipeExecutor(t, func(p *peertest.ExecutorPeer) {
					tc.answer(p, p.ReadMessage().ID)
				}, peertest.ByHand())
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, err := client.New(ctx, ch, nil)
				require.EqualError(t, err, tc.want)
				if tc.is != nil {
					require.ErrorIs(t, err, tc.is)
				}
			})
		})
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := client.New(t.Context(), peertest.PipeExecutor(t, func(p *peertest.ExecutorPeer) {
			id, _ := p.ReadRequest()
			p.Respond(id, wire.HTTPResponse{Status: 200})
			p.ReadRequest()
			require.Equal(p, "client closed", p.ExpectClosed(rpc.CloseNormal))
		}), nil)
		require.NoError(t, err)
		res, err := c.Stream(t.Context(), get("https://a.test/"))
		require.NoError(t, err)
		flying := make(chan error, 1)
		go func() {
			_, err := c.Do(t.Context(), get("https://a.test/"))
			flying <- err
		}()
		synctest.Wait()
		require.NoError(t, c.Err())

		require.NoError(t, c.Close())
		require.NoError(t, c.Close())
		require.ErrorIs(t, <-flying, client.ErrDisconnected)
		_, err = res.Body.Recv()
		require.EqualError(t, err, "exec-server protocol error: http response stream `http-1` failed: exec-server transport disconnected: connection closed (1000): client closed")
		<-c.Done()
		require.EqualError(t, c.Err(), "connection closed (1000): client closed")
	})
}

func TestDial(t *testing.T) {
	t.Parallel()
	e := peertest.StartExecutor(t, func(p *peertest.ExecutorPeer) {
		require.Equal(p, "Bearer secret", p.Upgrade().Get("Authorization"))
		require.Empty(p, p.Upgrade().Get("Origin"))
		require.Empty(p, p.Upgrade().Get("Sec-Websocket-Extensions"))
		require.Equal(p, "me", p.Client().ClientName)
		require.Equal(p, "client closed", p.ExpectClosed(rpc.CloseNormal))
	}, peertest.Token("secret"))

	_, err := client.Dial(t.Context(), e.URL(), nil)
	require.EqualError(t, err, "connect to executor "+e.URL()+": refused with 401 Unauthorized: invalid websocket bearer token")

	c, err := client.Dial(t.Context(), e.URL(), &client.Options{Token: "secret", ClientName: "me"})
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

// A token is for the executor that was named: a redirect is an answer like any
// other that is no upgrade.
func TestDialFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	moved := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer moved.Close()
	_, err := client.Dial(t.Context(), "ws"+moved.URL[len("http"):], &client.Options{Token: "secret"})
	require.ErrorContains(t, err, "refused with 307 Temporary Redirect")
}

func TestDialFails(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	_, err := client.Dial(t.Context(), "ws"+closed.URL[len("http"):], nil)
	require.ErrorContains(t, err, "connect to executor ws://127.0.0.1:")
	require.ErrorContains(t, err, "connection refused")

	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = client.Dial(ctx, "ws"+silent.URL[len("http"):], nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestExecutorThatFallsSilent(t *testing.T) {
	t.Parallel()
	e := peertest.StartExecutor(t, func(p *peertest.ExecutorPeer) {
		// A script that does not read answers no pings either.
		<-t.Context().Done()
	})
	c, err := client.Dial(t.Context(), e.URL(), &client.Options{
		RPC: &rpc.Options{PingInterval: time.Millisecond, PingTimeout: 10 * time.Millisecond},
	})
	require.NoError(t, err)
	<-c.Done()
	require.EqualError(t, c.Err(), "connection lost: the other side does not answer pings")
	require.NoError(t, c.Close())
}
