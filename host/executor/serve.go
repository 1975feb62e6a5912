package executor

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// maxUpgradeHeader bounds the head of an upgrade request, in bytes.
const maxUpgradeHeader = 16 << 10

// Serve takes websocket connections from l until ctx is done; then it closes l
// and returns nil, leaving open connections to Drain or Close. The address of l
// is the executor's own: no request may reach it unless the operator names it.
func (e *Executor) Serve(ctx context.Context, l net.Listener) error {
	e.addListener(l.Addr())
	waiting := &lobby{max: maxLobby}
	server := &http.Server{
		Handler:           e,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    maxUpgradeHeader,
		ConnState:         waiting.watch,
		ErrorLog:          slog.NewLogLogger(e.log.Handler(), slog.LevelDebug),
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	err := server.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// ServeHTTP answers GET /readyz and upgrades / to a websocket. What a web page
// may have caused is refused: a request with an Origin header, or one over
// loopback whose Host is not of this machine.
func (e *Executor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Values("Origin") != nil {
		refuse(w, http.StatusForbidden, "requests from web pages are refused")
		return
	}
	if !e.knowsHost(r) {
		refuse(w, http.StatusForbidden, unknownHost)
		return
	}
	switch r.URL.Path {
	case "/readyz":
		e.readyz(w)
	case "/":
		e.upgrade(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (e *Executor) upgrade(w http.ResponseWriter, r *http.Request) {
	name, err := e.authenticate(r)
	if err != nil {
		e.refusals.Do(func() { e.log.Warn("caller refused", "peer", r.RemoteAddr, "reason", err.Error()) })
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(w, http.StatusUnauthorized, err.Error())
		return
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept has answered
	}
	_ = e.ServeCaller(rpc.WebSocket(ws, wire.MaxMessage), Caller{Name: name, Addr: r.RemoteAddr})
}

func (e *Executor) readyz(w http.ResponseWriter) {
	if e.draining.Load() {
		refuse(w, http.StatusServiceUnavailable, "shutting down")
		return
	}
	w.WriteHeader(http.StatusOK)
}

// refuse answers with a sentence and nothing else, as callers know it.
func refuse(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
