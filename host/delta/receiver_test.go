package delta_test

// The client's end: order, bounds and ends.

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/delta"
	"github.com/sluice-run/sluice/host/wire"
)

// chunk is the delta of some text that is not the last.
func chunk(seq uint64, text string) *wire.BodyDelta {
	return &wire.BodyDelta{RequestID: "http-1", Seq: seq, Delta: []byte(text)}
}

// drain reads chunks until the stream's end.
func drain(t *testing.T, r *delta.Receiver) (chunks []string, end error) {
	t.Helper()
	for {
		c, err := r.Recv(t.Context())
		if err != nil {
			_, again := r.Recv(t.Context())
			require.Equal(t, err, again, "the end stays the end")
			return chunks, err
		}
		require.NotEmpty(t, c)
		chunks = append(chunks, string(c))
	}
}

func TestReceiver(t *testing.T) {
	t.Parallel()
	const failed = "exec-server protocol error: http response stream `http-1` failed: "
	for _, tc := range []struct {
		name   string
		deltas []*wire.BodyDelta
		// over is which of the deltas ends the stream, counted from 1.
		over int
		want []string
		// problem is the text of the error; empty is io.EOF.
		problem string
	}{
		{
			name:   "in order",
			deltas: []*wire.BodyDelta{chunk(1, "a"), chunk(2, "b"), {Seq: 3, Done: true}},
			over:   3, want: []string{"a", "b"},
		},
		{
			name:   "last delta with data",
			deltas: []*wire.BodyDelta{chunk(1, "a"), {Seq: 2, Delta: []byte("b"), Done: true}},
			over:   2, want: []string{"a", "b"},
		},
		{name: "nothing", deltas: []*wire.BodyDelta{{Seq: 1, Done: true}}, over: 1},
		{
			name:   "empty deltas do not show",
			deltas: []*wire.BodyDelta{chunk(1, ""), chunk(2, "a"), chunk(3, ""), {Seq: 4, Done: true}},
			over:   4, want: []string{"a"},
		},
		{
			name:   "error",
			deltas: []*wire.BodyDelta{chunk(1, "a"), {Seq: 2, Done: true, Error: "origin reset"}},
			over:   2, want: []string{"a"}, problem: "origin reset",
		},
		{
			name:   "error without done",
			deltas: []*wire.BodyDelta{{Seq: 1, Error: "origin reset"}, chunk(2, "a")},
			over:   1, problem: "origin reset",
		},
		{
			name:   "error with data",
			deltas: []*wire.BodyDelta{{Seq: 1, Delta: []byte("a"), Done: true, Error: "origin reset"}},
			over:   1, want: []string{"a"}, problem: "origin reset",
		},
		{
			name:   "gap",
			deltas: []*wire.BodyDelta{chunk(1, "a"), chunk(3, "c"), chunk(2, "b")},
			over:   2, want: []string{"a"}, problem: "body delta 3 arrived where 2 was due",
		},
		{
			name:   "repeat",
			deltas: []*wire.BodyDelta{chunk(1, "a"), chunk(1, "a")},
			over:   2, want: []string{"a"}, problem: "body delta 1 arrived where 2 was due",
		},
		{name: "begins with 0", deltas: []*wire.BodyDelta{chunk(0, "a")}, over: 1, problem: "body delta 0 arrived where 1 was due"},
		{
			name:   "after the end",
			deltas: []*wire.BodyDelta{{Seq: 1, Done: true}, chunk(2, "late")},
			over:   1,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := delta.NewReceiver("http-1")
			for i, d := range tc.deltas {
				require.Equal(t, i+1 < tc.over, r.Push(d), "delta %d", i+1)
			}
			chunks, err := drain(t, r)
			require.Equal(t, tc.want, chunks)
			if tc.problem == "" {
				require.Equal(t, io.EOF, err)
				return
			}
			require.EqualError(t, err, failed+tc.problem)
			var failure *delta.StreamError
			require.ErrorAs(t, err, &failure)
			require.Equal(t, "http-1", failure.RequestID)
		})
	}
}

const overflow = "exec-server protocol error: http response stream `http-1` failed: body delta channel filled before delivery"

func TestReceiverOverflowsInFrames(t *testing.T) {
	t.Parallel()
	r := delta.NewReceiver("http-1")
	for seq := uint64(1); seq <= delta.ReceiverFrames; seq++ {
		require.True(t, r.Push(chunk(seq, "x")))
	}
	require.False(t, r.Push(chunk(delta.ReceiverFrames+1, "x")))
	require.False(t, r.Push(chunk(delta.ReceiverFrames+2, "x")), "over is over")
	chunks, err := drain(t, r)
	require.Len(t, chunks, delta.ReceiverFrames)
	require.EqualError(t, err, overflow)
}

func TestReceiverOverflowsInBytes(t *testing.T) {
	t.Parallel()
	r := delta.NewReceiver("http-1")
	const count = delta.ReceiverBytes / wire.MaxDelta
	full := strings.Repeat("x", wire.MaxDelta)
	for seq := uint64(1); seq <= count; seq++ {
		require.True(t, r.Push(chunk(seq, full)))
	}
	require.False(t, r.Push(chunk(count+1, "x")))
	chunks, err := drain(t, r)
	require.Len(t, chunks, count)
	require.EqualError(t, err, overflow)
}

func TestReceiverHasRoomAgainAfterReading(t *testing.T) {
	t.Parallel()
	r := delta.NewReceiver("http-1")
	seq := uint64(0)
	push := func() bool { seq++; return r.Push(chunk(seq, "x")) }
	for range delta.ReceiverFrames {
		require.True(t, push())
	}
	for range 3 * delta.ReceiverFrames {
		_, err := r.Recv(t.Context())
		require.NoError(t, err)
		require.True(t, push())
	}
	require.False(t, push())
}

func TestReceiverHasRoomForBytesAgainAfterReading(t *testing.T) {
	t.Parallel()
	r := delta.NewReceiver("http-1")
	full := strings.Repeat("x", wire.MaxDelta)
	require.True(t, r.Push(chunk(1, full)), "there is always one in the queue")
	for seq := uint64(2); seq <= 2*delta.ReceiverBytes/wire.MaxDelta; seq++ {
		require.True(t, r.Push(chunk(seq, full)), "delta %d", seq)
		_, err := r.Recv(t.Context())
		require.NoError(t, err)
	}
}

func TestReceiverTakesTheEndWhenFull(t *testing.T) {
	t.Parallel()
	r := delta.NewReceiver("http-1")
	for seq := uint64(1); seq <= delta.ReceiverFrames; seq++ {
		require.True(t, r.Push(chunk(seq, "x")))
	}
	require.False(t, r.Push(&wire.BodyDelta{Seq: delta.ReceiverFrames + 1, Done: true}))
	chunks, err := drain(t, r)
	require.Len(t, chunks, delta.ReceiverFrames)
	require.Equal(t, io.EOF, err)
}

func TestReceiverFail(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	r := delta.NewReceiver("http-1")
	for seq := uint64(1); seq <= delta.ReceiverFrames; seq++ {
		require.True(t, r.Push(chunk(seq, "x")))
	}
	r.Fail("exec-server transport disconnected", cause)
	r.Fail("the first one counts", nil)
	require.False(t, r.Push(chunk(delta.ReceiverFrames+1, "x")))
	chunks, err := drain(t, r)
	require.Len(t, chunks, delta.ReceiverFrames, "what was queued is delivered")
	require.EqualError(t, err, "exec-server protocol error: http response stream `http-1` failed: exec-server transport disconnected")
	require.ErrorIs(t, err, cause)
}

func TestReceiverFailAfterTheEndIsNoFailure(t *testing.T) {
	t.Parallel()
	r := delta.NewReceiver("http-1")
	require.False(t, r.Push(&wire.BodyDelta{Seq: 1, Done: true}))
	r.Fail("disconnected", nil)
	_, err := drain(t, r)
	require.Equal(t, io.EOF, err)
}

func TestReceiverClose(t *testing.T) {
	t.Parallel()
	r := delta.NewReceiver("http-1")
	require.True(t, r.Push(chunk(1, "abc")))
	require.True(t, r.Push(chunk(2, "def")))
	n, err := r.Read(t.Context(), make([]byte, 1))
	require.Equal(t, 1, n)
	require.NoError(t, err)
	r.Close()
	r.Close()
	require.False(t, r.Push(chunk(3, "late")))
	_, err = r.Read(t.Context(), make([]byte, 1))
	require.Equal(t, io.ErrClosedPipe, err, "the rest of abc is dropped, too")
	_, err = r.Recv(t.Context())
	require.Equal(t, io.ErrClosedPipe, err)
}

func TestReceiverWakesItsReader(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		wake func(*delta.Receiver)
		want string // the chunk or the error's text
	}{
		"delta": {func(r *delta.Receiver) { r.Push(chunk(1, "a")) }, "a"},
		"end":   {func(r *delta.Receiver) { r.Push(&wire.BodyDelta{Seq: 1, Done: true}) }, "EOF"},
		"fail":  {func(r *delta.Receiver) { r.Fail("lost", nil) }, "exec-server protocol error: http response stream `http-1` failed: lost"},
		"close": {(*delta.Receiver).Close, io.ErrClosedPipe.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := delta.NewReceiver("http-1")
				got := ""
				go func() {
					c, err := r.Recv(t.Context())
					if got = string(c); err != nil {
						got = err.Error()
					}
				}()
				synctest.Wait()
				require.Empty(t, got)
				tc.wake(r)
				synctest.Wait()
				require.Equal(t, tc.want, got)
			})
		})
	}
}

func TestReceiverEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := delta.NewReceiver("http-1")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := r.Recv(ctx)
		require.Equal(t, context.DeadlineExceeded, err)
		require.True(t, r.Push(chunk(1, "a")), "the stream itself goes on")
		c, err := r.Recv(t.Context())
		require.NoError(t, err)
		require.Equal(t, "a", string(c))
	})
}

// reading makes an io.Reader of a receiver.
type reading struct {
	r   *delta.Receiver
	ctx context.Context
}

func (r reading) Read(p []byte) (int, error) { return r.r.Read(r.ctx, p) }

func TestReceiverIsAReader(t *testing.T) {
	t.Parallel()
	r := delta.NewReceiver("http-1")
	var want bytes.Buffer
	for seq := uint64(1); seq < 100; seq++ {
		text := strings.Repeat("ab", int(seq))
		want.WriteString(text)
		require.True(t, r.Push(chunk(seq, text)))
	}
	require.False(t, r.Push(&wire.BodyDelta{Seq: 100, Done: true}))
	require.NoError(t, iotest.TestReader(reading{r, t.Context()}, want.Bytes()))
}
