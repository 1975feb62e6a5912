package delta_test

// The executor's end: what leaves, when, and what waits.

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/delta"
	"github.com/sluice-run/sluice/host/wire"
)

// line is the connection's writer: it notes when the sender lines up.
type line struct {
	sender   *delta.Sender
	waiting  atomic.Int32 // how often the sender lined up and was not yet asked
	released int
}

func newLine() *line {
	l := &line{}
	l.sender = delta.NewSender(delta.SenderOptions{
		RequestID: "s",
		Ready:     func() { l.waiting.Add(1) },
		Release:   func() { l.released++ },
		ErrorText: func(err error) string { return "broke off: " + err.Error() },
	})
	return l
}

// take asks the sender once.
func (l *line) take(t *testing.T) (d wire.BodyDelta, more bool) {
	t.Helper()
	require.EqualValues(t, 1, l.waiting.Load(), "in line exactly once")
	frame, more := l.sender.Next([]byte("kept:"))
	if !more {
		l.waiting.Add(-1)
	}
	text, found := bytes.CutPrefix(frame, []byte("kept:"))
	require.True(t, found, "Next appends")
	msg, err := wire.Decode(text)
	require.NoError(t, err)
	require.Equal(t, wire.MethodBodyDelta, msg.Method)
	d, err = wire.DecodeBodyDelta(msg.Params)
	require.NoError(t, err)
	require.Equal(t, "s", d.RequestID)
	return d, more
}

// takeAll asks until the last delta, with pump and writer in turns.
func (l *line) takeAll(t *testing.T) (body []byte, sizes []int, problem string) {
	t.Helper()
	for seq := uint64(1); ; seq++ {
		synctest.Wait()
		d, more := l.take(t)
		require.Equal(t, seq, d.Seq)
		if !d.Done {
			require.NotEmpty(t, d.Delta)
			require.Empty(t, d.Error)
			body, sizes = append(body, d.Delta...), append(sizes, len(d.Delta))
			continue
		}
		require.False(t, more)
		require.Empty(t, d.Delta)
		return body, sizes, d.Error
	}
}

func requireDone(t *testing.T, s *delta.Sender, want bool) {
	t.Helper()
	select {
	case <-s.Done():
		require.True(t, want, "the stream is over")
	default:
		require.False(t, want, "the stream is not over")
	}
}

// pattern is n bytes that do not repeat.
func pattern(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}

func TestSenderSendsABody(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 100, 16 << 10, 16<<10 + 1, delta.SenderRing - 1, delta.SenderRing, delta.SenderRing + 1} {
		synctest.Test(t, func(t *testing.T) {
			l := newLine()
			body := pattern(size)
			go l.sender.Pump(t.Context(), bytes.NewReader(body))
			got, _, problem := l.takeAll(t)
			require.True(t, bytes.Equal(body, got), "%d bytes in, %d out", size, len(got))
			require.Empty(t, problem)
			require.Equal(t, 1, l.released)
			requireDone(t, l.sender, true)
		})
	}
}

// A reader of random pieces, which makes the ring wrap in odd places.
type pieces struct {
	rest []byte
	rng  *rand.Rand
	most int
}

func (p *pieces) Read(dst []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(dst[:min(len(dst), 1+p.rng.IntN(p.most))], p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func TestSenderRingWrapsAndGrows(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 2))
			most := 1 << (8 + rng.IntN(11)) // up to 256 KiB at once
			body := pattern(delta.SenderRing + rng.IntN(delta.SenderRing))
			l := newLine()
			go l.sender.Pump(t.Context(), &pieces{rest: body, rng: rng, most: most})
			got, sizes, problem := l.takeAll(t)
			require.True(t, bytes.Equal(body, got), "seed %d", seed)
			require.Empty(t, problem)
			for _, n := range sizes {
				require.LessOrEqual(t, n, delta.SenderRing)
			}
		})
	}
}

// Deltas that leave while the pump waits for its origin make the ring begin
// anywhere.
func TestSenderRingBeginsAnywhere(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 4))
			body := pattern(2 * delta.SenderRing)
			origin, w := io.Pipe()
			go func() {
				defer w.Close()
				for rest := body; len(rest) > 0; {
					n := min(len(rest), 1+rng.IntN(40_000))
					time.Sleep(time.Second)
					_, _ = w.Write(rest[:n])
					rest = rest[n:]
				}
			}()
			l := newLine()
			go l.sender.Pump(t.Context(), origin)

			var got []byte
			pause := rand.New(rand.NewPCG(seed, 5))
			for seq := uint64(1); ; seq++ {
				time.Sleep(time.Duration(1+pause.IntN(10)) * time.Second)
				for synctest.Wait(); l.waiting.Load() == 0; synctest.Wait() {
					time.Sleep(time.Second)
				}
				d, _ := l.take(t)
				require.Equal(t, seq, d.Seq)
				got = append(got, d.Delta...)
				if d.Done {
					break
				}
				require.NotEmpty(t, d.Delta)
			}
			require.True(t, bytes.Equal(body, got), "seed %d", seed)
		})
	}
}

func TestSenderBytesThatComeAloneLeaveAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		origin, w := io.Pipe()
		go l.sender.Pump(t.Context(), origin)
		for _, event := range []string{"a", "b", "data: c\n\n"} {
			synctest.Wait()
			require.Zero(t, l.waiting.Load(), "nothing to send")
			_, err := w.Write([]byte(event))
			require.NoError(t, err)
			synctest.Wait()
			d, more := l.take(t)
			require.Equal(t, event, string(d.Delta))
			require.False(t, more)
		}
		require.NoError(t, w.Close())
		synctest.Wait()
		require.Zero(t, l.released)
		d, _ := l.take(t)
		require.Equal(t, wire.BodyDelta{RequestID: "s", Seq: 4, Delta: []byte{}, Done: true}, d)
	})
}

func TestSenderGathersWhatTheWriterIsTooSlowFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		body := pattern(10_000)
		go l.sender.Pump(t.Context(), iotest.OneByteReader(bytes.NewReader(body)))
		synctest.Wait()
		d, more := l.take(t)
		require.True(t, bytes.Equal(body, d.Delta), "all in one delta")
		require.True(t, more, "the end is ready, too")
		d, more = l.take(t)
		require.True(t, d.Done)
		require.False(t, more)
	})
}

// counted counts what was read of an endless body.
type counted struct{ n int }

func (c *counted) Read(p []byte) (int, error) {
	clear(p)
	c.n += len(p)
	return len(p), nil
}

func TestSenderReadsNoFurtherThanItsRing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := newLine()
		var body counted
		go l.sender.Pump(ctx, &body)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, delta.SenderRing, body.n, "the ring is full and nobody takes")

		d, more := l.take(t)
		require.True(t, more || len(d.Delta) == delta.SenderRing)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, delta.SenderRing+len(d.Delta), body.n, "as much again as was taken")

		cancel()
		synctest.Wait()
		_, _, problem := l.takeRest(t)
		require.Equal(t, "broke off: context canceled", problem)
	})
}

// takeRest is takeAll without a check of where the numbers begin.
func (l *line) takeRest(t *testing.T) (body []byte, deltas int, problem string) {
	t.Helper()
	for {
		d, _ := l.take(t)
		deltas++
		body = append(body, d.Delta...)
		if d.Done {
			return body, deltas, d.Error
		}
		synctest.Wait()
	}
}

func TestSenderWithABodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body    io.Reader
		want    string
		problem string
	}{
		"at once":        {iotest.ErrReader(errors.New("reset")), "", "broke off: reset"},
		"later":          {io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(errors.New("reset"))), "abc", "broke off: reset"},
		"with bytes":     {iotest.DataErrReader(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(errors.New("reset")))), "abc", "broke off: reset"},
		"EOF with bytes": {iotest.DataErrReader(strings.NewReader("abc")), "abc", ""},
		"cut short":      {io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF)), "abc", "broke off: unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLine()
				go l.sender.Pump(t.Context(), tc.body)
				got, _, problem := l.takeAll(t)
				require.Equal(t, tc.want, string(got))
				require.Equal(t, tc.problem, problem)
			})
		})
	}
}

func TestSenderReleasesRightBeforeTheLastDelta(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		go l.sender.Pump(t.Context(), strings.NewReader("abc"))
		synctest.Wait()
		_, more := l.take(t)
		require.True(t, more)
		require.Zero(t, l.released, "the last delta is not out")
		requireDone(t, l.sender, false)
		_, _ = l.take(t)
		require.Equal(t, 1, l.released)
		requireDone(t, l.sender, true)
	})
}

func TestSenderReleasesBeforeItEncodesTheLastDelta(t *testing.T) {
	t.Parallel()
	var order []string
	s := delta.NewSender(delta.SenderOptions{
		Ready:     func() { order = append(order, "ready") },
		Release:   func() { order = append(order, "release") },
		ErrorText: func(error) string { order = append(order, "text"); return "" },
	})
	s.Pump(t.Context(), iotest.ErrReader(errors.New("x")))
	s.Next(nil)
	require.Equal(t, []string{"ready", "release", "text"}, order)
}

func TestSenderEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := newLine()
	// The body itself decides whether it heeds the context; here it does not.
	l.sender.Pump(ctx, strings.NewReader("abc"))
	d, more := l.take(t)
	require.Equal(t, "abc", string(d.Delta))
	require.True(t, more)
	d, _ = l.take(t)
	require.Empty(t, d.Error)
}
