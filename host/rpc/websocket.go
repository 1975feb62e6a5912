package rpc

import (
	"context"
	"errors"
	"io"
	"net"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// WebSocket makes a Channel of a websocket connection: one JSON-RPC message per
// text frame; binary frames with JSON text are taken too. Messages are limited
// to maxMessage bytes (close code 1009), text must be UTF-8 (1007).
func WebSocket(conn *websocket.Conn, maxMessage int) Channel {
	conn.SetReadLimit(int64(maxMessage))
	return &webSocket{conn: conn}
}

type webSocket struct{ conn *websocket.Conn }

// The calls below carry no deadline of their own: Close makes them return, and
// a context that can be cancelled would cost an allocation for every frame.

func (w *webSocket) Send(msg []byte) error {
	if err := w.conn.Write(context.Background(), websocket.MessageText, msg); err != nil {
		return webSocketError(err)
	}
	return nil
}

func (w *webSocket) Recv(buf []byte) ([]byte, error) {
	kind, r, err := w.conn.Reader(context.Background())
	if err != nil {
		return nil, webSocketError(err)
	}
	buf, err = readAll(r, buf[:0])
	if err != nil {
		return nil, webSocketError(err)
	}
	if kind == websocket.MessageText && !utf8.Valid(buf) {
		// The library leaves this check (RFC 6455, section 8.1) to us.
		_ = w.Close(CloseInvalidText, "text frame is not UTF-8")
		return nil, &CloseError{Code: CloseInvalidText, Reason: "text frame is not UTF-8"}
	}
	return buf, nil
}

func (w *webSocket) Close(code CloseCode, reason string) error {
	if code == CloseAbnormal {
		return w.conn.CloseNow()
	}
	return w.conn.Close(websocket.StatusCode(code), reason)
}

// Ping asks the other side for a sign of life and waits for it.
func (w *webSocket) Ping(ctx context.Context) error { return w.conn.Ping(ctx) }

// readAll reads to the end of r into buf, growing it as needed.
func readAll(r io.Reader, buf []byte) ([]byte, error) {
	for {
		if len(buf) == cap(buf) {
			buf = enlarge(buf)
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func webSocketError(err error) *CloseError {
	var closed websocket.CloseError
	switch {
	case errors.As(err, &closed):
		return &CloseError{Code: CloseCode(closed.Code), Reason: closed.Reason, Remote: true, Err: err}
	case errors.Is(err, websocket.ErrMessageTooBig):
		return &CloseError{Code: CloseTooBig, Reason: "message over the limit", Err: err}
	case errors.Is(err, io.EOF):
		// Whoever asks for io.EOF must not take a lost connection for an end.
		return &CloseError{Code: CloseAbnormal, Reason: "no close frame", Err: io.ErrUnexpectedEOF}
	case errors.Is(err, net.ErrClosed):
		return &CloseError{Code: CloseAbnormal, Reason: "no close frame", Err: err}
	default:
		return &CloseError{Code: CloseAbnormal, Reason: "transport failed", Err: err}
	}
}
