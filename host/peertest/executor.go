package peertest

// The scripted executor: where it listens and how its script is watched.

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// Executor is a scripted executor that listens on a loopback websocket.
type Executor struct {
	server *httptest.Server
	play   *play
}

// StartExecutor listens and plays script against the first client that connects.
// At the end of the test it waits for the script and stops listening.
func StartExecutor(t testing.TB, script func(p *ExecutorPeer), options ...Option) *Executor {
	t.Helper()
	e := &Executor{play: newPlay(t, script, options)}
	e.server = httptest.NewServer(http.HandlerFunc(e.upgrade))
	t.Cleanup(func() {
		e.play.finish()
		e.server.Close()
	})
	return e
}

// PipeExecutor plays script over an in-memory channel and returns the client's
// end of it. At the end of the test it waits for the script.
func PipeExecutor(t testing.TB, script func(p *ExecutorPeer), options ...Option) rpc.Channel {
	t.Helper()
	play := newPlay(t, script, options)
	client, executor := rpc.Pipe()
	play.taken.Store(true)
	go play.run(executor, nil, nil)
	t.Cleanup(play.finish)
	return client
}

// URL is where the executor listens: ws://127.0.0.1:PORT.
func (e *Executor) URL() string { return "ws" + strings.TrimPrefix(e.server.URL, "http") }

// Wait waits until the script has come to its end, and fails the test if that
// takes too long.
func (e *Executor) Wait() { e.play.wait() }

func (e *Executor) upgrade(w http.ResponseWriter, r *http.Request) {
	if token := e.play.token; token != "" && r.Header.Get("Authorization") != "Bearer "+token {
		http.Error(w, "invalid websocket bearer token", http.StatusUnauthorized)
		return
	}
	if e.play.taken.Swap(true) {
		http.Error(w, "the script is for one connection", http.StatusServiceUnavailable)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		e.play.taken.Store(false) // Accept has answered; a websocket may still come
		return
	}
	ch, sendBinary := overWebSocket(conn, wire.MaxMessage)
	e.play.run(ch, sendBinary, r.Header)
}

// play is one script that is being played.
type play struct {
	settings
	t      testing.TB
	script func(*ExecutorPeer)

	taken  atomic.Bool   // a client has connected
	ended  chan struct{} // the script has come to its end
	stop   chan struct{} // the test is over
	done   chan struct{} // nothing of the script runs any more
	failed atomic.Bool   // a step has failed
	silent atomic.Bool   // the test may be gone: report nothing
}

func newPlay(t testing.TB, script func(*ExecutorPeer), options []Option) *play {
	return &play{
		settings: newSettings(options),
		t:        t,
		script:   script,
		ended:    make(chan struct{}),
		stop:     make(chan struct{}),
		done:     make(chan struct{}),
	}
}

// run plays the script over ch and then reads on until the connection ends.
func (s *play) run(ch rpc.Channel, sendBinary func([]byte) error, upgrade http.Header) {
	defer close(s.done)
	go func() {
		<-s.stop
		_ = ch.Close(rpc.CloseAbnormal, "the test is over")
	}()
	go func() {
		// A failing step leaves by runtime.Goexit.
		defer close(s.ended)
		p := &ExecutorPeer{
			peer:     peer{report: s, ch: ch, timeout: s.timeout, sendBinary: sendBinary},
			settings: &s.settings,
			upgrade:  upgrade,
		}
		if !s.byHand {
			p.handshake()
		}
		s.script(p)
	}()
	<-s.ended
	if s.failed.Load() {
		// Nobody plays the rest: the client must not wait for it.
		_ = ch.Close(rpc.CloseAbnormal, "the script has failed")
	}
	s.drain(ch)
}

// drain reads what arrives after the script's end. Somebody must: a client that
// closes in good order waits for the answer to its close frame.
func (s *play) drain(ch rpc.Channel) {
	for {
		frame, err := ch.Recv(nil)
		if err != nil {
			return
		}
		if s.strict {
			s.Errorf("expected nothing after the end of the script, got %s", shown(frame))
		}
	}
}

// wait is called by the test. It is more patient than any step of the script,
// whose failure tells more.
func (s *play) wait() {
	s.t.Helper()
	patience := 2 * s.timeout
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.t.Errorf("the script of the executor has not come to its end within %s", patience)
	}
}

// finish waits for the script, then ends the connection.
func (s *play) finish() {
	s.t.Helper()
	if !s.taken.Load() {
		if !s.t.Failed() {
			s.t.Errorf("no client has connected to the scripted executor")
		}
		return
	}
	s.wait()
	close(s.stop)
	select {
	case <-s.done:
	case <-time.After(s.timeout):
		// The script hangs outside of its steps: nothing can end it.
		s.silent.Store(true)
	}
}

// Errorf, FailNow and Helper make the play the reporter of its peer.

func (s *play) Errorf(format string, args ...any) {
	if s.silent.Load() {
		return
	}
	s.t.Helper()
	s.t.Errorf(format, args...)
}

// FailNow ends the script's goroutine. The test's own FailNow must not be called
// there.
func (s *play) FailNow() {
	s.failed.Store(true)
	runtime.Goexit()
}

func (s *play) Helper() { s.t.Helper() }
