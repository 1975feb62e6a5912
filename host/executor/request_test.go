package executor_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/egress"
	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/wire"
)

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("X-Method", r.Method)
	fmt.Fprintf(w, "got %s", body)
}

func TestBufferedRequest(t *testing.T) {
	t.Parallel()
	url := origin(t, echo)
	c := talk(t, start(t, nil))
	p := get(url + "/a?b=c")
	p.Method, p.Body = "POST", []byte("hello")
	res := c.ReadResult(c.Call(p))
	require.Equal(t, 200, res.Status)
	require.Equal(t, "got hello", string(res.Body))
	require.Contains(t, res.Headers, wire.Header{Name: "x-method", Value: "POST"})
}

func TestErrorsFindTheirPlaceInTheCatalogue(t *testing.T) {
	t.Parallel()
	url := origin(t, echo)
	tests := []struct {
		name   string
		policy egress.Policy
		change func(*wire.HTTPRequest)
		want   wire.Error
	}{
		{
			name: "denied",
			policy: judge{request: func(_ *abi.Request, d *abi.Decision) error {
				*d = abi.Decision{Verdict: abi.Deny, Reason: "host_not_allowed", Message: "this host is not for you"}
				return nil
			}},
			want: wire.Error{
				Code: wire.CodeDenied, Reason: "host_not_allowed", Policy: "test",
				Message: "denied by policy `test`: this host is not for you; retrying will not help",
			},
		},
		{
			name: "denied response",
			policy: judge{response: func(_ *abi.Response, d *abi.Decision) error {
				*d = abi.Decision{Verdict: abi.Deny, Reason: "too_teapot", Message: "no teapots"}
				return nil
			}},
			want: wire.Error{
				Code: wire.CodeDenied, Reason: "too_teapot", Policy: "test",
				Message: "denied by policy `test`: no teapots; retrying will not help",
			},
		},
		{
			name: "invalid",
			policy: judge{request: func(_ *abi.Request, d *abi.Decision) error {
				*d = abi.Decision{Verdict: abi.Invalid, Reason: "invalid_method", Message: "http/request method is invalid: no"}
				return nil
			}},
			want: wire.Error{Code: wire.CodeInvalidParams, Reason: "invalid_method", Message: "http/request method is invalid: no"},
		},
		{
			name:   "policy fails",
			policy: judge{request: func(*abi.Request, *abi.Decision) error { return errors.New("https://secret?query") }},
			want: wire.Error{
				Code: wire.CodeDenied, Reason: "policy_failed", Policy: "test",
				Message: "denied by policy `test`: it failed to decide; retrying will not help",
			},
		},
		{
			name:   "refused connection",
			change: func(p *wire.HTTPRequest) { p.URL = "http://127.0.0.1:1/x?secret" },
			want: wire.Error{
				Code: wire.CodeInternal, Reason: "connection_refused",
				Message: "http/request failed: connection refused by 127.0.0.1:1",
			},
		},
		{
			name: "environment of the executor",
			change: func(p *wire.HTTPRequest) {
				p.Headers = []wire.Header{{Name: "x-key", ValueEnvVar: "HOME"}}
			},
			want: wire.Error{
				Code: wire.CodeInvalidParams, Reason: "header_env_not_allowed",
				Message: "http/request header x-key: environment variable HOME is not allowed on this executor",
			},
		},
	}
	for _, tt := range tests {
		for _, streamed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/stream=%t", tt.name, streamed), func(t *testing.T) {
				t.Parallel()
				c := talk(t, start(t, func(o *executor.Options) {
					if tt.policy != nil {
						o.Policy = tt.policy
					}
				}))
				p := get(url)
				p.Stream = streamed
				if tt.change != nil {
					tt.change(&p)
				}
				require.Equal(t, tt.want, *c.ReadError(c.Call(p)))
				require.Equal(t, tt.want, *c.ReadError(c.Call(p)), "the request id is free again")
			})
		}
	}
}

func TestNoPolicyDeniesEverything(t *testing.T) {
	t.Parallel()
	c := talk(t, start(t, func(o *executor.Options) { o.Policy = nil }))
	require.Equal(t, wire.CodeDenied, c.ReadError(c.Call(get("http://127.0.0.1:1/"))).Code)
}

func TestBufferedBodyHasALimit(t *testing.T) {
	t.Parallel()
	url := origin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/announced" {
			w.Header().Set("Content-Length", "11")
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 10))
		_ = http.NewResponseController(w).Flush()
		_, _ = io.WriteString(w, "y")
	})
	c := talk(t, start(t, func(o *executor.Options) { o.MaxBufferedBody = 10 }))
	for _, path := range []string{"/announced", "/chunked"} {
		got := c.ReadError(c.Call(get(url + path)))
		require.Equal(t, "body_too_large", got.Reason)
		require.Contains(t, got.Message, "failed to read http/request response body: ")
		require.Contains(t, got.Message, "10 bytes")
	}
	c.Call(stream(url+"/chunked", "s"))
	body, problem := c.ReadStream("s")
	require.Empty(t, problem)
	require.Equal(t, "xxxxxxxxxxy", string(body))
}

func TestStreamIDs(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	url := origin(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-release
		_, _ = io.WriteString(w, "late")
	})
	c := talk(t, start(t, nil))
	c.ReadResult(c.Call(stream(url, "s")))
	twin := c.Call(get(url)) // buffered requests may share an id with anything
	got := c.ReadError(c.Call(stream(url, "s")))
	require.Equal(t, wire.CodeInvalidParams, got.Code)
	require.Equal(t, "http/request streamResponse requestId `s` is already active", got.Message)

	close(release)
	body, problem := c.ReadStream("s")
	require.Empty(t, problem)
	require.Equal(t, "late", string(body))
	require.Equal(t, "late", string(c.ReadResult(twin).Body))

	// The id is free before the last delta leaves.
	c.ReadResult(c.Call(stream(url, "s")))
	_, problem = c.ReadStream("s")
	require.Empty(t, problem)
}

func TestRequestsOverLimits(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}, 3), make(chan struct{})
	url := origin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stream" {
			_ = http.NewResponseController(w).Flush()
		} else {
			entered <- struct{}{}
		}
		<-release
	})
	c := talk(t, start(t, func(o *executor.Options) {
		o.ConcurrentRequests, o.MaxWaiting, o.MaxStreams = 1, 1, 2
	}))
	// A stream gives its place away at its head.
	c.ReadResult(c.Call(stream(url+"/stream", "a")))
	c.ReadResult(c.Call(stream(url+"/stream", "b")))
	got := c.ReadError(c.Call(stream(url+"/stream", "c")))
	require.Equal(t, wire.CodeOverloaded, got.Code)
	require.Equal(t, "too many streams on this connection: 2; try again later", got.Message)

	first := c.Call(get(url))
	<-entered
	second := c.Call(get(url))
	got = c.ReadError(c.Call(get(url)))
	require.Equal(t, wire.CodeOverloaded, got.Code)
	require.Equal(t, "overloaded", got.Reason)
	require.Equal(t, "too many requests on this connection: 1 run and 1 wait; try again later", got.Message)

	close(release)
	c.ReadResult(first)
	c.ReadResult(second)
}

// A fat stream must not hold up a small answer, though both share the
// connection.
func TestSmallAnswerOvertakesFatStream(t *testing.T) {
	t.Parallel()
	const size = 32 << 20
	url := origin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/small" {
			_, _ = io.WriteString(w, "small")
			return
		}
		chunk := make([]byte, 1<<20)
		for range size / len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	c := talk(t, start(t, nil))
	c.ReadResult(c.Call(stream(url+"/fat", "fat")))
	small := c.Call(get(url + "/small"))
	seen := 0
	for {
		msg := c.ReadMessage()
		if msg.Kind == wire.KindResult && msg.ID == small {
			break
		}
		d, err := wire.DecodeBodyDelta(msg.Params)
		require.NoError(t, err)
		require.False(t, d.Done, "the stream ended before the small answer came")
		seen += len(d.Delta)
	}
	require.Less(t, seen, size/2)
	c.Disconnect()
}

func TestOwnListenerIsOutOfReach(t *testing.T) {
	t.Parallel()
	e := start(t, nil)
	host := listen(t, e)
	c := peertest.DialCaller(t, "ws://"+host)
	got := c.ReadError(c.Call(get("http://" + host + "/readyz")))
	require.Equal(t, "address_not_allowed", got.Reason)
}
