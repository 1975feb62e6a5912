package executor_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// known admits the tokens it has, by name.
type known map[string]string

func (k known) Authenticate(token string) (string, error) {
	if name, ok := k[token]; ok {
		return name, nil
	}
	return "", errors.New("never heard of it")
}

// upgrade asks for a websocket and gives status and body of the answer.
func upgrade(t *testing.T, host string, change func(*http.Request)) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequest("GET", "http://"+host+"/", nil)
	require.NoError(t, err)
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	} {
		r.Header.Set(name, value)
	}
	if change != nil {
		change(r)
	}
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	require.NoError(t, err)
	defer res.Body.Close()
	if res.StatusCode == http.StatusSwitchingProtocols {
		return res.StatusCode, "", res.Header
	}
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, strings.TrimSuffix(string(body), "\n"), res.Header
}

func TestAuthorizationOfTheUpgrade(t *testing.T) {
	t.Parallel()
	const missing, wrong, malformed = "missing websocket bearer token", "never heard of it", "invalid authorization header"
	host := listen(t, start(t, func(o *executor.Options) { o.Auth = known{"s3cret": "ci", "two words": "ops"} }))
	for name, c := range map[string]struct {
		headers []string
		want    string // empty: admitted
	}{
		"good":                 {[]string{"Bearer s3cret"}, ""},
		"scheme in lower case": {[]string{"bearer s3cret"}, ""},
		"scheme in upper case": {[]string{"BEARER s3cret"}, ""},
		"more spaces":          {[]string{"Bearer   s3cret  "}, ""},
		"a space within":       {[]string{"Bearer two words"}, ""},
		"missing":              {nil, missing},
		"wrong":                {[]string{"Bearer wrong"}, wrong},
		"more than the token":  {[]string{"Bearer s3cret x"}, wrong},
		"other scheme":         {[]string{"Basic s3cret"}, malformed},
		"no scheme":            {[]string{"s3cret"}, malformed},
		"no token":             {[]string{"Bearer"}, malformed},
		"empty token":          {[]string{"Bearer "}, malformed},
		"empty header":         {[]string{""}, malformed},
		"tab":                  {[]string{"Bearer\ts3cret"}, malformed},
		"beyond ASCII":         {[]string{"Bearer s\xe9cret"}, malformed},
		"two headers":          {[]string{"Bearer s3cret", "Bearer s3cret"}, malformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, body, header := upgrade(t, host, func(r *http.Request) { r.Header["Authorization"] = c.headers })
			if c.want == "" {
				require.Equal(t, http.StatusSwitchingProtocols, status)
				return
			}
			require.Equal(t, http.StatusUnauthorized, status)
			require.Equal(t, c.want, body)
			require.Equal(t, "Bearer", header.Get("WWW-Authenticate"))
		})
	}
}

func TestWhatNeedsNoToken(t *testing.T) {
	t.Parallel()
	host := listen(t, start(t, func(o *executor.Options) { o.Auth = known{} }))
	status, _, _ := upgrade(t, host, func(r *http.Request) { r.URL.Path = "/readyz" })
	require.Equal(t, 200, status)
	status, _, _ = upgrade(t, host, func(r *http.Request) { r.URL.Path = "/other" })
	require.Equal(t, 404, status)
	status, _, _ = upgrade(t, host, func(r *http.Request) { r.Header.Set("Origin", "http://localhost") })
	require.Equal(t, 403, status, "a web page is refused before its token is looked at")
	// Without a token, not even what is wrong with the upgrade is said.
	status, _, _ = upgrade(t, host, func(r *http.Request) { r.Header.Del("Upgrade") })
	require.Equal(t, 401, status)
}

func TestThePolicyAndTheLogKnowTheCaller(t *testing.T) {
	t.Parallel()
	var asked, answered []string
	var log bytes.Buffer
	e := start(t, func(o *executor.Options) {
		o.Policy = judge{
			request:  func(r *abi.Request, _ *abi.Decision) error { asked = append(asked, r.Caller); return nil },
			response: func(r *abi.Response, _ *abi.Decision) error { answered = append(answered, r.Caller); return nil },
		}
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	url := origin(t, echo)
	c := talkAs(t, e, "agent-7")
	c.ReadResult(c.Call(get(url)))
	c.Disconnect()
	e.Close()
	require.Equal(t, []string{"agent-7"}, asked)
	require.Equal(t, []string{"agent-7"}, answered)
	require.Contains(t, log.String(), `msg="connection opened" peer=test:1 caller=agent-7`)
	require.Contains(t, log.String(), `msg="connection closed" peer=test:1 caller=agent-7`)
}

func TestRefusalsAreLoggedWithoutTheToken(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	e := start(t, func(o *executor.Options) {
		o.Auth = known{}
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	upgrade(t, listen(t, e), func(r *http.Request) { r.Header.Set("Authorization", "Bearer s3cret") })
	e.Close()
	require.Contains(t, log.String(), `msg="caller refused"`)
	require.Contains(t, log.String(), `reason="never heard of it"`)
	require.NotContains(t, log.String(), "s3cret")
}

func TestSessionsBelongToTheirCaller(t *testing.T) {
	t.Parallel()
	e := start(t, nil)
	alice := talkAs(t, e, "alice")
	id := alice.SessionID()
	mallory := talkAs(t, e, "mallory", peertest.ByHand())
	resume := func(c *peertest.Caller) wire.ID {
		return c.Request(wire.MethodInitialize, &wire.InitializeParams{ClientName: "x", ResumeSessionID: id})
	}
	refusal := mallory.ReadError(resume(mallory))
	require.Equal(t, "unknown session id "+id, refusal.Message, "attached or not, it is not hers")
	again := talkAs(t, e, "alice", peertest.ByHand())
	require.Equal(t, wire.CodeSessionAttached, again.ReadError(resume(again)).Code)
}

// talkAs is talk for a caller with a name.
func talkAs(t *testing.T, e *executor.Executor, name string, options ...peertest.Option) *peertest.Caller {
	t.Helper()
	ours, theirs := rpc.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = e.ServeCaller(theirs, executor.Caller{Name: name, Addr: "test:1"})
	}()
	t.Cleanup(func() {
		_ = ours.Close(rpc.CloseAbnormal, "")
		<-ended
	})
	return peertest.NewCaller(t, ours, options...)
}
