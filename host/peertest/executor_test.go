package peertest_test

// The scripted executor, against raw channels.

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

const (
	hello   = `{"id":1,"method":"initialize","params":{"clientName":"c","resumeSessionId":"old"}}`
	ready   = `{"method":"initialized","params":{}}`
	request = `{"id":"a","method":"http/request","params":{"method":"GET","url":"https://example.com/","requestId":"r"}}`
)

// send sends frames over ch; recv expects one frame.
func send(t testing.TB, ch rpc.Channel, frames ...string) {
	for _, f := range frames {
		if err := ch.Send([]byte(f)); err != nil {
			t.Fatalf("send %s: %v", f, err)
		}
	}
}

func recv(t testing.TB, ch rpc.Channel) string {
	frame, err := ch.Recv(nil)
	if err != nil {
		t.Fatalf("receive: %v", err)
	}
	return string(frame)
}

// introduce plays a client's handshake.
func introduce(t testing.TB, ch rpc.Channel) {
	send(t, ch, hello)
	_ = recv(t, ch)
	send(t, ch, ready)
}

func TestExecutorDoesTheHandshake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ch := peertest.PipeExecutor(t, func(p *peertest.ExecutorPeer) {
			require.Equal(p, wire.InitializeParams{ClientName: "c", ResumeSessionID: "old"}, p.Client())
			require.Nil(p, p.Upgrade())
		}, peertest.Session("s-9"), peertest.Environment(wire.EnvironmentInfo{ShellName: "zsh", ShellPath: "/z"}))
		send(t, ch, hello)
		require.Equal(t, `{"id":1,"result":{"sessionId":"s-9","environmentInfo":{"shell":{"name":"zsh","path":"/z"}}}}`, recv(t, ch))
		send(t, ch, ready)
	})
}

func TestExecutorSteps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ch := peertest.PipeExecutor(t, func(p *peertest.ExecutorPeer) {
			id, req := p.ReadRequest()
			require.Equal(p, wire.TextID("a"), id)
			require.Equal(p, "https://example.com/", req.URL)
			p.Respond(id, wire.HTTPResponse{Status: 204})
			p.Delta(wire.BodyDelta{RequestID: "r", Seq: 1, Delta: []byte("x"), Done: true})
			p.RespondError(id, wire.Errorf(wire.CodeDenied, "no"))
			p.Result(id, wire.Raw(`[]`))
			p.Notify("n", nil)
			p.Send("nonsense")
			p.SendBinary([]byte("binary"))
			msg := p.ReadMessage()
			require.Equal(p, "bye", msg.Method)
			p.Close(rpc.CloseGoingAway, "done")
		})
		introduce(t, ch)
		send(t, ch, request)
		for _, want := range []string{
			`{"id":"a","result":{"status":204,"headers":[],"bodyBase64":""}}`,
			`{"method":"http/request/bodyDelta","params":{"requestId":"r","seq":1,"deltaBase64":"eA==","done":true,"error":null}}`,
			`{"error":{"code":-32020,"message":"no"},"id":"a"}`,
			`{"id":"a","result":[]}`,
			`{"method":"n"}`,
			`nonsense`,
			`binary`,
		} {
			require.Equal(t, want, recv(t, ch))
		}
		send(t, ch, `{"method":"bye"}`)
		_, err := ch.Recv(nil)
		require.EqualError(t, err, "connection closed by the other side (1001): done")
	})
}

func TestExecutorByHand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ch := peertest.PipeExecutor(t, func(p *peertest.ExecutorPeer) {
			id, _ := p.ReadRequest()
			p.RespondError(id, wire.Errorf(wire.CodeInvalidRequest, "too early"))
			require.Equal(p, "enough", p.ExpectClosed(rpc.CloseNormal))
		}, peertest.ByHand())
		send(t, ch, request)
		require.Equal(t, `{"error":{"code":-32600,"message":"too early"},"id":"a"}`, recv(t, ch))
		require.NoError(t, ch.Close(rpc.CloseNormal, "enough"))
	})
}

// quiet is a script without a step.
func quiet(*peertest.ExecutorPeer) {}

func TestExecutorFailures(t *testing.T) {
	t.Parallel()
	readRequest := func(p *peertest.ExecutorPeer) { p.ReadRequest() }
	for name, tc := range map[string]struct {
		script  func(*peertest.ExecutorPeer)
		client  func(t testing.TB, ch rpc.Channel)
		options []peertest.Option
		want    []string
	}{
		"handshake with another method": {
			script: quiet,
			client: func(t testing.TB, ch rpc.Channel) { send(t, ch, request) },
			want:   []string{"expected request `initialize`, got request a `http/request`"},
		},
		"handshake with malformed params": {
			script: quiet,
			client: func(t testing.TB, ch rpc.Channel) { send(t, ch, `{"id":1,"method":"initialize","params":{}}`) },
			want:   []string{"the params of `initialize` are malformed: missing field `clientName`"},
		},
		"no request": {
			script: readRequest,
			client: func(t testing.TB, ch rpc.Channel) { introduce(t, ch) },
			want:   []string{"expected request `http/request`, got nothing within 5s"},
		},
		"client gone": {
			script: readRequest,
			client: func(t testing.TB, ch rpc.Channel) { introduce(t, ch); _ = ch.Close(rpc.CloseNormal, "bye") },
			want:   []string{"expected request `http/request`, got the end of the connection: connection closed by the other side (1000): bye"},
		},
		"request that is malformed": {
			script: readRequest,
			client: func(t testing.TB, ch rpc.Channel) {
				introduce(t, ch)
				send(t, ch, `{"id":1,"method":"http/request","params":{"method":"GET"}}`)
			},
			want: []string{"the params of `http/request` are malformed: missing field `url`"},
		},
		"not JSON-RPC": {
			script: readRequest,
			client: func(t testing.TB, ch rpc.Channel) { introduce(t, ch); send(t, ch, "nonsense") },
			want:   []string{"got what is not JSON-RPC", ": nonsense"},
		},
		"wrong notification": {
			script: readRequest,
			client: func(t testing.TB, ch rpc.Channel) { introduce(t, ch); send(t, ch, `{"method":"n","params":[1]}`) },
			want:   []string{"got notification `n` [1]"},
		},
		"assertion": {
			script: func(p *peertest.ExecutorPeer) {
				require.Equal(p, "want", "got")
				panic("the script is over")
			},
			client: func(t testing.TB, ch rpc.Channel) { introduce(t, ch) },
			want:   []string{"Not equal", "want", "got"},
		},
		"send that nobody takes": {
			script:  func(p *peertest.ExecutorPeer) { p.Send("x") },
			client:  func(t testing.TB, ch rpc.Channel) { introduce(t, ch) },
			options: []peertest.Option{peertest.Timeout(time.Minute)},
			want:    []string{"the other side did not take a message within 1m0s"},
		},
		"send after the end": {
			script: func(p *peertest.ExecutorPeer) { p.Disconnect(); p.Send("x") },
			client: func(t testing.TB, ch rpc.Channel) { introduce(t, ch) },
			want:   []string{"send a message: connection lost"},
		},
		"message instead of the close": {
			script: func(p *peertest.ExecutorPeer) { p.ExpectClosed(rpc.CloseNormal) },
			client: func(t testing.TB, ch rpc.Channel) { introduce(t, ch); send(t, ch, ready) },
			want:   []string{"expected the connection to close with 1000, got " + ready},
		},
		"another close code": {
			script: func(p *peertest.ExecutorPeer) { p.ExpectClosed(rpc.CloseNormal) },
			client: func(t testing.TB, ch rpc.Channel) { introduce(t, ch); _ = ch.Close(rpc.CloseTooBig, "") },
			want:   []string{"expected the connection to close with 1000, got: connection closed by the other side (1009)"},
		},
		"no close": {
			script: func(p *peertest.ExecutorPeer) { p.ExpectClosed(rpc.CloseNormal) },
			client: func(t testing.TB, ch rpc.Channel) { introduce(t, ch) },
			want:   []string{"expected the connection to close with 1000, got nothing within 5s"},
		},
		"left over and strict": {
			script:  quiet,
			client:  func(t testing.TB, ch rpc.Channel) { introduce(t, ch); send(t, ch, request) },
			options: []peertest.Option{peertest.Strict()},
			want:    []string{"expected nothing after the end of the script, got " + request},
		},
		"script that hangs": {
			script: func(p *peertest.ExecutorPeer) { time.Sleep(12 * time.Second); p.ReadMessage() },
			client: func(t testing.TB, ch rpc.Channel) { introduce(t, ch) },
			want:   []string{"the script of the executor has not come to its end within 10s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				failures := record(func(t testing.TB) {
					tc.client(t, peertest.PipeExecutor(t, tc.script, tc.options...))
				})
				require.NotEmpty(t, failures)
				for _, want := range tc.want {
					require.Contains(t, failures[0], want)
				}
			})
		})
	}
}

func TestExecutorIgnoresWhatIsLeftOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ch := peertest.PipeExecutor(t, quiet)
		introduce(t, ch)
		send(t, ch, request, "nonsense")
	})
}

func TestExecutorWithoutAClient(t *testing.T) {
	t.Parallel()
	requireFailure(t, func(t testing.TB) { peertest.StartExecutor(t, quiet) }, "no client has connected")
}

func TestExecutorTakesOneConnection(t *testing.T) {
	t.Parallel()
	e := peertest.StartExecutor(t, quiet)
	_ = peertest.DialCaller(t, e.URL())
	e.Wait()
	requireFailure(t, func(t testing.TB) { peertest.DialCaller(t, e.URL()) }, "connect to executor", "503")
}

func TestExecutorAsksForItsToken(t *testing.T) {
	t.Parallel()
	e := peertest.StartExecutor(t, func(p *peertest.ExecutorPeer) {
		require.Equal(p, "Bearer secret", p.Upgrade().Get("Authorization"))
	}, peertest.Token("secret"))
	requireFailure(t, func(t testing.TB) { peertest.DialCaller(t, e.URL()) }, "401")
	requireFailure(t, func(t testing.TB) { peertest.DialCaller(t, e.URL(), peertest.Token("wrong")) }, "401")
	_ = peertest.DialCaller(t, e.URL(), peertest.Token("secret"))
}

func TestExecutorIsNotTakenByPlainRequests(t *testing.T) {
	t.Parallel()
	e := peertest.StartExecutor(t, quiet)
	res, err := http.Get("http" + e.URL()[len("ws"):])
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusUpgradeRequired, res.StatusCode)
	http.DefaultClient.CloseIdleConnections()
	_ = peertest.DialCaller(t, e.URL())
}
