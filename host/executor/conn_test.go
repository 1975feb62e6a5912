package executor_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

func TestHandshakeErrors(t *testing.T) {
	t.Parallel()
	e := start(t, nil)
	const request = `{"id":9,"method":"http/request","params":{"method":"GET","url":"http://127.0.0.1/","requestId":"r"}}`
	tests := []struct {
		name string
		send []string // all but the last are sent without a look at the answer
		code wire.Code
		text string
	}{
		{"request first", []string{request},
			wire.CodeInvalidRequest, "client must call initialize before using http methods"},
		{"environment first", []string{`{"id":9,"method":"environment/info"}`},
			wire.CodeInvalidRequest, "client must call initialize before using environment info methods"},
		{"request before initialized", []string{`{"id":1,"method":"initialize","params":{"clientName":"x"}}`, request},
			wire.CodeInvalidRequest, "client must send initialized before using http methods"},
		{"initialize twice", []string{`{"id":1,"method":"initialize","params":{"clientName":"x"}}`, `{"id":9,"method":"initialize","params":{"clientName":"x"}}`},
			wire.CodeInvalidRequest, "initialize may only be sent once per connection"},
		{"unknown session", []string{`{"id":9,"method":"initialize","params":{"clientName":"x","resumeSessionId":"none"}}`},
			wire.CodeInvalidRequest, "unknown session id none"},
		{"params come before the handshake", []string{`{"id":9,"method":"http/request","params":{"method":"GET"}}`},
			wire.CodeInvalidParams, "missing field `url`"},
		{"unknown method", []string{`{"id":9,"method":"fs/read"}`},
			wire.CodeMethodNotFound, "exec-server stub does not implement `fs/read` yet"},
		{"long unknown method", []string{`{"id":9,"method":"` + strings.Repeat("m", 2000) + `"}`},
			wire.CodeMethodNotFound, "exec-server stub does not implement `" + strings.Repeat("m", 512) + "…` yet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := talk(t, e, peertest.ByHand())
			last := len(tt.send) - 1
			for _, frame := range tt.send[:last] {
				c.Send(frame)
				c.ReadMessage()
			}
			c.Send(tt.send[last])
			got := c.ReadError(wire.NumberID(9))
			require.Equal(t, tt.code, got.Code)
			require.Equal(t, tt.text, got.Message)
		})
	}
}

func TestMalformedFramesLeaveTheConnection(t *testing.T) {
	t.Parallel()
	c := talk(t, start(t, nil))
	for _, frame := range []string{"", "nonsense", `{"id":null,"method":"x"}`, `[]`, `{"id":1,"id":1,"method":"x"}`} {
		c.Send(frame)
		got := c.ReadError(wire.UnparsedID)
		require.Equal(t, wire.CodeInvalidRequest, got.Code)
		require.Contains(t, got.Message, "failed to parse websocket JSON-RPC message from exec-server websocket test:1: ")
	}
	id := c.Request(wire.MethodEnvInfo, nil)
	require.Equal(t, id, c.ReadMessage().ID)
}

func TestUnexpectedMessagesEndTheConnection(t *testing.T) {
	t.Parallel()
	e := start(t, nil)
	for name, frame := range map[string]string{
		"result nobody asked for":       `{"id":1,"result":{}}`,
		"error nobody asked for":        `{"id":1,"error":{"code":1,"message":"x"}}`,
		"initialized before initialize": `{"method":"initialized"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := talk(t, e, peertest.ByHand())
			c.Send(frame)
			require.NotEmpty(t, c.ExpectClosed(rpc.CloseProtocolError))
		})
	}
}

func TestUnknownNotificationIsIgnored(t *testing.T) {
	t.Parallel()
	c := talk(t, start(t, nil))
	c.Notify("nothing/known", nil)
	id := c.Request(wire.MethodEnvInfo, nil)
	require.Equal(t, id, c.ReadMessage().ID)
}

func TestSessionResume(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.Options{SessionKeep: time.Minute})
		defer e.Close()
		first := talk(t, e)
		id := first.SessionID()

		second := talk(t, e, peertest.ByHand())
		resume := func(c *peertest.Caller) wire.ID {
			return c.Request(wire.MethodInitialize, &wire.InitializeParams{ClientName: "x", ResumeSessionID: id})
		}
		refusal := second.ReadError(resume(second))
		require.Equal(t, wire.CodeSessionAttached, refusal.Code)
		require.Equal(t, "session "+id+" is already attached to another connection", refusal.Message)

		first.Disconnect()
		synctest.Wait()
		time.Sleep(59 * time.Second) // the bubble's clock
		third := talk(t, e, peertest.Resume(id))
		require.Equal(t, id, third.SessionID())

		third.Disconnect()
		synctest.Wait()
		time.Sleep(61 * time.Second)
		fourth := talk(t, e, peertest.ByHand())
		require.Equal(t, "unknown session id "+id, fourth.ReadError(resume(fourth)).Message)
		fourth.Disconnect()
		synctest.Wait()
	})
}

func TestHandshakeTakesTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.Options{HandshakeTimeout: time.Second})
		defer e.Close()
		c := talk(t, e, peertest.ByHand())
		require.Equal(t, "handshake took too long", c.ExpectClosed(rpc.ClosePolicyViolation))
		synctest.Wait()
	})
}

func TestTooManyConnections(t *testing.T) {
	t.Parallel()
	e := start(t, func(o *executor.Options) { o.MaxConnections = 1 })
	talk(t, e)
	second := talk(t, e, peertest.ByHand())
	require.Equal(t, "too many connections", second.ExpectClosed(rpc.CloseTryAgainLater))
}

func TestTooManySessions(t *testing.T) {
	t.Parallel()
	e := start(t, func(o *executor.Options) { o.MaxSessions = 1 })
	talk(t, e)
	second := talk(t, e, peertest.ByHand())
	id := second.Request(wire.MethodInitialize, &wire.InitializeParams{ClientName: "x"})
	require.Equal(t, wire.CodeOverloaded, second.ReadError(id).Code)
}

func TestPathsOfTheListener(t *testing.T) {
	t.Parallel()
	e := start(t, nil)
	host := listen(t, e)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ask := func(path, origin string) int {
		r, err := http.NewRequest("GET", "http://"+host+path, nil)
		require.NoError(t, err)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		res, err := client.Do(r)
		require.NoError(t, err)
		defer res.Body.Close()
		return res.StatusCode
	}
	require.Equal(t, 200, ask("/readyz", ""))
	require.Equal(t, 404, ask("/healthz", ""))
	require.Equal(t, 426, ask("/", ""))
	require.Equal(t, 403, ask("/readyz", "http://localhost"))
	require.Equal(t, 403, ask("/", "null"))
}
