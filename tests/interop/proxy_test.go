//go:build interop

package interop

// A recording websocket proxy: it stands between the reference's client and an
// exec-server and keeps every frame.

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// frame is one message that passed the proxy.
type frame struct {
	fromClient bool
	text       string
}

// proxy forwards websocket connections to one exec-server.
type proxy struct {
	upstream string
	server   *httptest.Server
	// serving counts the handlers: the test server does not wait for
	// connections that were taken over.
	serving sync.WaitGroup
	ctx     context.Context

	mu     sync.Mutex
	frames []frame
}

// startProxy starts a proxy to the exec-server at the given URL.
func startProxy(t *testing.T, upstream string) *proxy {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &proxy{upstream: upstream, ctx: ctx}
	p.server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(func() {
		cancel()
		p.server.Close()
		p.serving.Wait()
	})
	return p
}

func (p *proxy) url() string { return "ws" + strings.TrimPrefix(p.server.URL, "http") }

func (p *proxy) serve(w http.ResponseWriter, r *http.Request) {
	p.serving.Add(1)
	defer p.serving.Done()
	upstream, _, err := websocket.Dial(p.ctx, p.upstream, nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer upstream.CloseNow()
	client, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer client.CloseNow()
	upstream.SetReadLimit(-1)
	client.SetReadLimit(-1)

	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	var pumps sync.WaitGroup
	pumps.Go(func() { p.pump(ctx, cancel, upstream, client, true) })
	pumps.Go(func() { p.pump(ctx, cancel, client, upstream, false) })
	pumps.Wait()
}

// pump copies frames one way until either side ends.
func (p *proxy) pump(ctx context.Context, stop func(), to, from *websocket.Conn, fromClient bool) {
	defer stop()
	for {
		kind, data, err := from.Read(ctx)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.frames = append(p.frames, frame{fromClient, string(data)})
		p.mu.Unlock()
		if to.Write(ctx, kind, data) != nil {
			return
		}
	}
}

// calls gives the params of the client's calls of a method.
func (p *proxy) calls(method string) []json.RawMessage {
	p.mu.Lock()
	defer p.mu.Unlock()
	var params []json.RawMessage
	for _, f := range p.frames {
		var m envelope
		if f.fromClient && json.Unmarshal([]byte(f.text), &m) == nil && m.Method == method {
			params = append(params, m.Params)
		}
	}
	return params
}
