package rpc_test

// What only websockets have: kinds of frames and UTF-8.

import (
	"context"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/rpc"
)

func TestWebSocketTakesBinaryFrames(t *testing.T) {
	t.Parallel()
	a, b := openConns(t)
	require.NoError(t, a.Write(t.Context(), websocket.MessageBinary, []byte(`{"id":1}`)))
	got, err := rpc.WebSocket(b, limit).Recv(nil)
	require.NoError(t, err)
	require.Equal(t, `{"id":1}`, string(got))
}

func TestWebSocketSendsTextFrames(t *testing.T) {
	t.Parallel()
	a, b := openConns(t)
	require.NoError(t, rpc.WebSocket(a, limit).Send([]byte(`{}`)))
	kind, got, err := b.Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, websocket.MessageText, kind)
	require.Equal(t, `{}`, string(got))
}

func TestWebSocketRefusesTextThatIsNotUTF8(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"lone byte":      "{\"a\":\"\xff\"}",
		"cut short":      "\xe2\x82",
		"surrogate half": "\xed\xa0\x80",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := openConns(t)
			answer := make(chan error, 1)
			go func() {
				_, _, err := a.Read(t.Context())
				answer <- err
			}()
			require.NoError(t, a.Write(t.Context(), websocket.MessageText, []byte(text)))
			_, err := rpc.WebSocket(b, limit).Recv(nil)
			closed := requireClosed(t, err)
			require.Equal(t, rpc.CloseInvalidText, closed.Code)
			require.False(t, closed.Remote)
			require.Equal(t, websocket.StatusInvalidFramePayloadData, websocket.CloseStatus(<-answer))
		})
	}
}

func TestWebSocketPing(t *testing.T) {
	t.Parallel()
	a, b := openConns(t)
	ch := rpc.WebSocket(a, limit)
	go func() { _, _ = ch.Recv(nil) }()
	go func() { _, _ = rpc.WebSocket(b, limit).Recv(nil) }()
	pinger, ok := ch.(interface {
		Ping(context.Context) error
	})
	require.True(t, ok)
	require.NoError(t, pinger.Ping(t.Context()))
}
