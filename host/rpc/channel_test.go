package rpc_test

// What every channel must do, run over each kind of channel.

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/rpc"
)

// limit is the largest message that the channels under test take.
const limit = 256 << 10

type kind struct {
	name string
	open func(t *testing.T) (rpc.Channel, rpc.Channel)
	// tellsCodes: the other side learns code and reason of a Close.
	tellsCodes bool
	// bounded: messages over the limit close the channel.
	bounded bool
}

var kinds = []kind{
	{"websocket", openWebSocket, true, true},
	{"lines", openLines, false, true},
	{"pipe", openPipe, true, false},
}

func openWebSocket(t *testing.T) (rpc.Channel, rpc.Channel) {
	a, b := openConns(t)
	return rpc.WebSocket(a, limit), rpc.WebSocket(b, limit)
}

// openConns makes both ends of one websocket connection.
func openConns(t *testing.T) (dialled, accepted *websocket.Conn) {
	t.Helper()
	conns := make(chan *websocket.Conn, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
		}
		conns <- conn
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	dialled, _, err := websocket.Dial(ctx, server.URL, nil)
	require.NoError(t, err)
	accepted = <-conns
	t.Cleanup(func() { _ = dialled.CloseNow() })
	t.Cleanup(func() { _ = accepted.CloseNow() })
	return dialled, accepted
}

func openLines(t *testing.T) (rpc.Channel, rpc.Channel) {
	ar, bw := io.Pipe()
	br, aw := io.Pipe()
	a, b := rpc.Lines(ar, aw, limit), rpc.Lines(br, bw, limit)
	t.Cleanup(func() { _ = a.Close(rpc.CloseNormal, ""); _ = b.Close(rpc.CloseNormal, "") })
	return a, b
}

func openPipe(t *testing.T) (rpc.Channel, rpc.Channel) {
	a, b := rpc.Pipe()
	t.Cleanup(func() { _ = a.Close(rpc.CloseNormal, "") })
	return a, b
}

// overKinds runs test over each kind of channel, in both directions.
func overKinds(t *testing.T, test func(t *testing.T, k kind, a, b rpc.Channel)) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			a, b := k.open(t)
			test(t, k, a, b)
		})
		t.Run(k.name+" back", func(t *testing.T) {
			t.Parallel()
			a, b := k.open(t)
			test(t, k, b, a)
		})
	}
}

func requireClosed(t *testing.T, err error) *rpc.CloseError {
	t.Helper()
	var closed *rpc.CloseError
	require.ErrorAs(t, err, &closed)
	return closed
}

func TestChannelKeepsOrder(t *testing.T) {
	t.Parallel()
	overKinds(t, func(t *testing.T, _ kind, a, b rpc.Channel) {
		const count = 500
		sent := make(chan error, 1)
		go func() {
			msg := make([]byte, 0, 64)
			for i := range count {
				// The same room again: Send must not keep it.
				msg = fmt.Appendf(msg[:0], `{"n":%d}`, i)
				if err := a.Send(msg); err != nil {
					sent <- err
					return
				}
			}
			sent <- nil
		}()
		var buf []byte
		for i := range count {
			var err error
			buf, err = b.Recv(buf)
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf(`{"n":%d}`, i), string(buf))
		}
		require.NoError(t, <-sent)
	})
}

func TestChannelCarriesLargeMessages(t *testing.T) {
	t.Parallel()
	overKinds(t, func(t *testing.T, _ kind, a, b rpc.Channel) {
		large := bytes.Repeat([]byte("0123456789abcdef"), limit/16)
		sent := make(chan error, 1)
		go func() { sent <- a.Send(large) }()
		got, err := b.Recv(make([]byte, 3))
		require.NoError(t, err)
		require.True(t, bytes.Equal(large, got), "got %d bytes", len(got))
		require.NoError(t, <-sent)
	})
}

func TestChannelRefusesTooLargeMessages(t *testing.T) {
	t.Parallel()
	overKinds(t, func(t *testing.T, k kind, a, b rpc.Channel) {
		if !k.bounded {
			t.Skip("a pipe has no limit: both sides are of one program")
		}
		go func() { _ = a.Send(bytes.Repeat([]byte("x"), limit+3)) }()
		answer := make(chan error, 1)
		go func() {
			_, err := a.Recv(nil)
			answer <- err
		}()
		_, err := b.Recv(nil)
		closed := requireClosed(t, err)
		require.Equal(t, rpc.CloseTooBig, closed.Code)
		require.False(t, closed.Remote)
		told := requireClosed(t, <-answer)
		require.True(t, told.Remote, "%v", told)
		if k.tellsCodes {
			require.Equal(t, rpc.CloseTooBig, told.Code)
		}
	})
}

func TestChannelTellsWhyItWasClosed(t *testing.T) {
	t.Parallel()
	overKinds(t, func(t *testing.T, k kind, a, b rpc.Channel) {
		answer := make(chan error, 1)
		go func() {
			_, err := b.Recv(nil)
			answer <- err
		}()
		require.NoError(t, a.Close(rpc.CloseGoingAway, "see you"))
		told := requireClosed(t, <-answer)
		require.True(t, told.Remote)
		require.NotErrorIs(t, told, io.EOF)
		if !k.tellsCodes {
			require.Equal(t, rpc.CloseNormal, told.Code)
			require.Equal(t, "connection closed by the other side (1000): end of input", told.Error())
			return
		}
		require.Equal(t, rpc.CloseGoingAway, told.Code)
		require.Equal(t, "see you", told.Reason)
		require.Equal(t, "connection closed by the other side (1001): see you", told.Error())
	})
}

func TestChannelThatIsDropped(t *testing.T) {
	t.Parallel()
	overKinds(t, func(t *testing.T, k kind, a, b rpc.Channel) {
		if !k.tellsCodes {
			t.Skip("the end of a byte stream is always the same")
		}
		require.NoError(t, a.Close(rpc.CloseAbnormal, ""))
		_, err := b.Recv(nil)
		closed := requireClosed(t, err)
		require.Equal(t, rpc.CloseAbnormal, closed.Code)
		require.NotErrorIs(t, err, io.EOF, "a lost connection is no clean end")
		require.True(t, strings.HasPrefix(closed.Error(), "connection lost"), closed.Error())
	})
}

func TestChannelCloseWakesRecv(t *testing.T) {
	t.Parallel()
	overKinds(t, func(t *testing.T, _ kind, a, _ rpc.Channel) {
		answer := make(chan error, 1)
		go func() {
			_, err := a.Recv(nil)
			answer <- err
		}()
		_ = a.Close(rpc.CloseAbnormal, "enough")
		require.Equal(t, rpc.CloseAbnormal, requireClosed(t, <-answer).Code)
	})
}

func TestChannelCloseWakesSend(t *testing.T) {
	t.Parallel()
	overKinds(t, func(t *testing.T, _ kind, a, _ rpc.Channel) {
		// Nobody reads on the other side: whatever room there is fills up.
		msg := bytes.Repeat([]byte("x"), limit)
		started := make(chan struct{}, 1)
		answer := make(chan error, 1)
		go func() {
			for {
				select {
				case started <- struct{}{}:
				default:
				}
				if err := a.Send(msg); err != nil {
					answer <- err
					return
				}
			}
		}()
		<-started
		_ = a.Close(rpc.CloseAbnormal, "enough")
		requireClosed(t, <-answer)
	})
}

func TestChannelAfterClose(t *testing.T) {
	t.Parallel()
	overKinds(t, func(t *testing.T, _ kind, a, _ rpc.Channel) {
		_ = a.Close(rpc.CloseAbnormal, "enough")
		_ = a.Close(rpc.CloseNormal, "again")
		requireClosed(t, a.Send([]byte("{}")))
		_, err := a.Recv(nil)
		require.Equal(t, rpc.CloseAbnormal, requireClosed(t, err).Code)
	})
}
