package executor

import (
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLobbyIsBounded(t *testing.T) {
	t.Parallel()
	waiting := &lobby{max: 2}
	arrive := func() (server, far net.Conn) {
		server, far = net.Pipe()
		t.Cleanup(func() { _ = server.Close(); _ = far.Close() })
		waiting.watch(server, http.StateNew)
		return server, far
	}
	refused := func(far net.Conn) bool {
		_, err := far.Write([]byte("x"))
		return err == io.ErrClosedPipe
	}
	open := func(server, far net.Conn) {
		t.Helper()
		go func() { _, _ = server.Read(make([]byte, 1)) }()
		require.False(t, refused(far))
	}
	first, farFirst := arrive()
	second, farSecond := arrive()
	open(first, farFirst)
	open(second, farSecond)
	third, farThird := arrive()
	require.True(t, refused(farThird))
	waiting.watch(third, http.StateClosed)

	waiting.watch(first, http.StateHijacked) // a websocket now
	fourth, farFourth := arrive()
	open(fourth, farFourth)
	waiting.watch(second, http.StateActive) // still no websocket
	_, farFifth := arrive()
	require.True(t, refused(farFifth))
}
