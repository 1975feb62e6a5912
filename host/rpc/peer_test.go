package rpc_test

// Calls, answers and the end of a conversation.

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

func TestPeerCall(t *testing.T) {
	t.Parallel()
	a, b := rpc.Pipe()
	_, _ = start(t, b, &handlers{request: func(server *rpc.Peer, m *wire.Message) {
		switch m.Method {
		case "echo":
			_ = server.Reply(m.ID, wire.Raw(append([]byte(nil), m.Params...)))
		default:
			_ = server.ReplyError(m.ID, wire.Errorf(wire.CodeMethodNotFound, "no %s here", m.Method))
		}
	}}, nil)
	client, _ := start(t, a, &handlers{}, nil)

	var got string
	require.NoError(t, client.Call(t.Context(), "echo", raw(`{"a":[1]}`), into(&got)))
	require.Equal(t, `{"a":[1]}`, got)

	err := client.Call(t.Context(), "nothing", nil, into(&got))
	require.ErrorIs(t, err, wire.CodeMethodNotFound)
	require.EqualError(t, err, "no nothing here")

	wrong := errors.New("not what was expected")
	err = client.Call(t.Context(), "echo", raw(`1`), func([]byte) error { return wrong })
	require.ErrorIs(t, err, wrong)
}

func TestPeerCallsBothWays(t *testing.T) {
	t.Parallel()
	a, b := rpc.Pipe()
	replying := func(result string) *handlers {
		return &handlers{request: func(p *rpc.Peer, m *wire.Message) { _ = p.Reply(m.ID, raw(result)) }}
	}
	left, _ := start(t, a, replying(`"left"`), nil)
	right, _ := start(t, b, replying(`"right"`), nil)
	var got string
	require.NoError(t, left.Call(t.Context(), "who", nil, into(&got)))
	require.Equal(t, `"right"`, got)
	require.NoError(t, right.Call(t.Context(), "who", nil, into(&got)))
	require.Equal(t, `"left"`, got)
}

func TestPeerAnswersMayOvertake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := rpc.Pipe()
		var waiting []wire.ID
		server, _ := start(t, b, &handlers{request: func(_ *rpc.Peer, m *wire.Message) { waiting = append(waiting, m.ID) }}, nil)
		client, _ := start(t, a, &handlers{}, nil)

		const calls = 20
		results := make([]string, calls)
		ids := make(map[wire.ID]int)
		var wg sync.WaitGroup
		for i := range calls {
			wg.Go(func() {
				require.NoError(t, client.Call(t.Context(), "slow", nil, into(&results[i])))
			})
			synctest.Wait()
			ids[waiting[i]] = i
		}
		require.Len(t, ids, calls, "ids are unique")
		for i := calls - 1; i >= 0; i-- {
			require.NoError(t, server.Reply(waiting[i], raw(strconv.Itoa(ids[waiting[i]]))))
		}
		wg.Wait()
		for i, r := range results {
			require.Equal(t, strconv.Itoa(i), r)
		}
	})
}

func TestPeerRequestsAndNotificationsOnTheWire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := rpc.Pipe()
		p, _ := start(t, a, &handlers{}, nil)
		var seen recvAll
		go seen.run(b, nil)
		_, err := p.Start(t.Context(), "m", raw(`{"x":1}`), func(*wire.Message, error) {})
		require.NoError(t, err)
		require.NoError(t, p.Notify(t.Context(), "n", nil))
		require.NoError(t, p.Reply(wire.TextID("q"), raw(`true`)))
		require.NoError(t, p.ReplyError(wire.NumberID(7), wire.Errorf(wire.CodeInvalidParams, "bad")))
		require.NoError(t, p.Flush(t.Context()))
		synctest.Wait()
		require.Equal(t, []string{
			`{"id":1,"method":"m","params":{"x":1}}`,
			`{"method":"n"}`,
			`{"id":"q","result":true}`,
			`{"error":{"code":-32602,"message":"bad"},"id":7}`,
		}, seen.got())
	})
}

func TestPeerGivenUpCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := rpc.Pipe()
		var asked wire.ID
		server, _ := start(t, b, &handlers{request: func(_ *rpc.Peer, m *wire.Message) { asked = m.ID }}, nil)
		var strays []wire.ID
		client, _ := start(t, a, &handlers{stray: func(m *wire.Message) { strays = append(strays, m.ID) }}, nil)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := client.Call(ctx, "slow", nil, func([]byte) error { panic("given up") })
		require.ErrorIs(t, err, context.DeadlineExceeded)

		synctest.Wait()
		require.NoError(t, server.Reply(asked, raw(`1`)))
		require.NoError(t, server.ReplyError(wire.TextID("never asked"), wire.Errorf(wire.CodeInternal, "x")))
		synctest.Wait()
		require.Equal(t, []wire.ID{asked, wire.TextID("never asked")}, strays)
	})
}

func TestPeerForget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := rpc.Pipe()
		go new(recvAll).run(b, nil)
		p, _ := start(t, a, &handlers{}, nil)
		id, err := p.Start(t.Context(), "m", nil, func(*wire.Message, error) { t.Error("forgotten") })
		require.NoError(t, err)
		p.Forget(id)
		p.Forget(id)
		p.Close(rpc.CloseNormal, "")
		synctest.Wait()
	})
}

func TestPeerAnswersEveryCallAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := rpc.Pipe()
		go new(recvAll).run(b, nil)
		p, ended := start(t, a, &handlers{}, nil)
		var reasons []error
		for range 3 {
			_, err := p.Start(t.Context(), "m", nil, func(_ *wire.Message, err error) { reasons = append(reasons, err) })
			require.NoError(t, err)
		}
		called := make(chan error, 1)
		go func() { called <- p.Call(t.Context(), "m", nil, into(new(string))) }()
		synctest.Wait()
		require.NoError(t, p.Err())

		require.NoError(t, b.Close(rpc.CloseTryAgainLater, "too busy"))
		reason := requireClosed(t, <-ended)
		require.Equal(t, rpc.CloseTryAgainLater, reason.Code)
		require.True(t, reason.Remote)
		require.Equal(t, []error{reason, reason, reason}, reasons)
		require.Equal(t, error(reason), <-called)
		require.Equal(t, error(reason), p.Err())
		requireDone(t, p)

		_, err := p.Start(t.Context(), "late", nil, func(*wire.Message, error) { t.Error("not started") })
		require.Equal(t, error(reason), err)
		require.Equal(t, error(reason), p.Notify(t.Context(), "late", nil))
		require.Equal(t, error(reason), p.Reply(wire.NumberID(1), nil))
		require.Equal(t, error(reason), p.Flush(t.Context()))
		p.Ready(&counter{left: 1}) // dropped
	})
}

func TestPeerCloseTellsTheOtherSide(t *testing.T) {
	t.Parallel()
	a, b := rpc.Pipe()
	p, ended := start(t, a, &handlers{}, nil)
	_, other := start(t, b, &handlers{}, nil)
	p.Close(rpc.CloseGoingAway, "shutting down")
	p.Close(rpc.CloseNormal, "the first one counts")
	require.EqualError(t, <-ended, "connection closed (1001): shutting down")
	require.EqualError(t, <-other, "connection closed by the other side (1001): shutting down")
}

func TestPeerCloseFromItsHandler(t *testing.T) {
	t.Parallel()
	a, b := rpc.Pipe()
	_, ended := start(t, a, &handlers{request: func(p *rpc.Peer, _ *wire.Message) {
		p.Close(rpc.ClosePolicyViolation, "out of place")
	}}, nil)
	require.NoError(t, b.Send([]byte(`{"id":1,"method":"m"}`)))
	require.EqualError(t, <-ended, "connection closed (1008): out of place")
}

func TestPeerGoesOnAfterMalformedMessages(t *testing.T) {
	t.Parallel()
	for _, frame := range []string{
		``, `nonsense`, `[]`, `[{"id":1,"method":"m"}]`, `{}`, `{"id":null,"method":"m"}`,
		`{"id":1.5,"method":"m"}`, `{"id":1,"id":2,"method":"m"}`, "\xef\xbb\xbf{}", `{"id":1}`,
	} {
		t.Run(frame, func(t *testing.T) {
			t.Parallel()
			a, b := rpc.Pipe()
			faults := make(chan error, 1)
			noted := make(chan string, 1)
			_, _ = start(t, a, &handlers{
				malformed:    func(err error) { faults <- err },
				notification: func(m *wire.Message) { noted <- m.Method },
			}, nil)
			require.NoError(t, b.Send([]byte(frame)))
			var fault *wire.ParseError
			require.ErrorAs(t, <-faults, &fault)
			require.NoError(t, b.Send([]byte(`{"method":"fine"}`)))
			require.Equal(t, "fine", <-noted)
		})
	}
}

func TestPeerStartFailsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, _ := rpc.Pipe() // nobody reads
		p, _ := start(t, a, &handlers{}, &rpc.Options{MaxQueued: 10, PingInterval: -1})
		for range 2 { // one in the writer's hands, one queued
			require.NoError(t, p.Notify(t.Context(), "full", nil))
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := p.Start(ctx, "m", nil, func(*wire.Message, error) { t.Error("not started") })
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestPeerOverAWebSocket(t *testing.T) {
	t.Parallel()
	a, b := openConns(t)
	_, ended := start(t, rpc.WebSocket(b, limit), &handlers{request: func(server *rpc.Peer, m *wire.Message) {
		_ = server.Reply(m.ID, raw(fmt.Sprintf(`"%s"`, m.Method)))
	}}, &rpc.Options{})
	client, _ := start(t, rpc.WebSocket(a, limit), &handlers{}, &rpc.Options{})
	var got string
	require.NoError(t, client.Call(soon(t), "hello", nil, into(&got)))
	require.Equal(t, `"hello"`, got)
	client.Close(rpc.CloseGoingAway, "done")
	require.EqualError(t, <-ended, "connection closed by the other side (1001): done")
}
