package rpc_test

// What is sent when: bounds, turns and flushing.

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/rpc"
)

// counter is a stream of numbered messages.
type counter struct {
	name string
	sent int
	left int
	// pauses makes every message but the last say that no other is ready.
	pauses bool
}

func (c *counter) Next(dst []byte) ([]byte, bool) {
	if c.left == 0 {
		return dst, false
	}
	c.left--
	c.sent++
	return fmt.Appendf(dst, "%s%d", c.name, c.sent), c.left > 0 && !c.pauses
}

// slow is a peer whose other side takes one message for each token.
func slow(t *testing.T, o *rpc.Options) (p *rpc.Peer, seen *recvAll, take chan struct{}) {
	t.Helper()
	a, b := rpc.Pipe()
	p, _ = start(t, a, &handlers{}, o)
	seen, take = new(recvAll), make(chan struct{})
	go seen.run(b, take)
	t.Cleanup(func() { close(take) })
	return p, seen, take
}

func TestSendWaitsForRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, seen, take := slow(t, &rpc.Options{MaxQueued: 100, PingInterval: -1})
		params := raw(`"` + strings.Repeat("x", 20) + `"`) // 46 bytes with the envelope
		notify := func(method string) { require.NoError(t, p.Notify(t.Context(), method, params)) }
		notify("a")
		synctest.Wait() // a is in the writer's hands
		notify("b")
		notify("c") // 92 bytes wait

		waited := false
		go func() {
			notify("d")
			waited = true
		}()
		time.Sleep(time.Hour)
		require.False(t, waited, "the queue is full")

		take <- struct{}{}
		synctest.Wait()
		require.True(t, waited, "a is gone, b is in the writer's hands: there is room")
		for range 3 {
			take <- struct{}{}
		}
		synctest.Wait()
		require.Len(t, seen.got(), 4)
		require.Contains(t, seen.got()[3], `"d"`)
	})
}

func TestSendLetsOneLargeMessagePass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, seen, take := slow(t, &rpc.Options{MaxQueued: 10, PingInterval: -1})
		require.NoError(t, p.Notify(t.Context(), "large", raw(strings.Repeat("1", 5000))))
		take <- struct{}{}
		synctest.Wait()
		require.Len(t, seen.got(), 1)
	})
}

func TestSendersThatWaitLearnOfTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _, _ := slow(t, &rpc.Options{MaxQueued: 1, PingInterval: -1})
		const senders = 5
		answers := make(chan error, senders+2)
		for range senders + 2 { // the writer has one, the queue another
			go func() { answers <- p.Notify(t.Context(), "n", nil) }()
		}
		synctest.Wait()
		go func() { answers <- p.Flush(t.Context()) }()
		synctest.Wait()
		require.Len(t, answers, 2)
		<-answers
		<-answers
		p.Close(rpc.CloseNormal, "enough")
		for range senders + 1 {
			require.EqualError(t, <-answers, "connection closed (1000): enough")
		}
	})
}

func TestStreamsTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, seen, take := slow(t, nil)
		require.NoError(t, p.Notify(t.Context(), "hold", nil))
		synctest.Wait() // the writer is busy while the streams line up
		p.Ready(&counter{name: "a", left: 4})
		p.Ready(&counter{name: "b", left: 2})
		p.Ready(&counter{name: "c", left: 3})
		for range 10 {
			take <- struct{}{}
		}
		synctest.Wait()
		require.Equal(t, []string{
			`{"method":"hold"}`, "a1", "b1", "c1", "a2", "b2", "c2", "a3", "c3", "a4",
		}, seen.got())
	})
}

func TestMessagesGoBeforeStreams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, seen, take := slow(t, nil)
		p.Ready(&counter{name: "fat", left: 100})
		synctest.Wait() // fat1 is in the writer's hands
		require.NoError(t, p.Notify(t.Context(), "small", nil))
		require.NoError(t, p.Notify(t.Context(), "small too", nil))
		for range 4 {
			take <- struct{}{}
		}
		synctest.Wait()
		require.Equal(t, []string{"fat1", `{"method":"small"}`, `{"method":"small too"}`, "fat2"}, seen.got())
	})
}

func TestStreamThatPausesComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, seen, take := slow(t, nil)
		go func() {
			for range 3 {
				take <- struct{}{}
			}
		}()
		s := &counter{name: "s", left: 3, pauses: true}
		for range 4 { // once more than it has messages: it then appends nothing
			p.Ready(s)
			synctest.Wait()
		}
		require.NoError(t, p.Notify(t.Context(), "after", nil))
		take <- struct{}{}
		synctest.Wait()
		require.Equal(t, []string{"s1", "s2", "s3", `{"method":"after"}`}, seen.got())
	})
}

func TestFlush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, seen, take := slow(t, nil)
		require.NoError(t, p.Flush(t.Context()), "nothing to wait for")
		require.NoError(t, p.Notify(t.Context(), "n", nil))
		p.Ready(&counter{name: "s", left: 2})

		flushed := false
		go func() {
			require.NoError(t, p.Flush(t.Context()))
			flushed = true
		}()
		for range 3 {
			synctest.Wait()
			require.False(t, flushed, "after %q", seen.got())
			take <- struct{}{}
		}
		synctest.Wait()
		require.True(t, flushed)
		require.Equal(t, []string{`{"method":"n"}`, "s1", "s2"}, seen.got())
	})
}

func TestFlushWaitsForWhatTheWriterHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _, take := slow(t, nil)
		require.NoError(t, p.Notify(t.Context(), "n", nil))
		synctest.Wait() // nothing is queued any more
		flushed := make(chan error, 1)
		go func() { flushed <- p.Flush(t.Context()) }()
		synctest.Wait()
		require.Empty(t, flushed)
		take <- struct{}{}
		require.NoError(t, <-flushed)
	})
}

func TestFlushEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _, _ := slow(t, nil)
		require.NoError(t, p.Notify(t.Context(), "n", nil))
		ctx := soon(t)
		require.ErrorIs(t, p.Flush(ctx), ctx.Err())
		require.Error(t, ctx.Err())
	})
}
