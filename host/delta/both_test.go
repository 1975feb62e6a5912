package delta_test

// Both ends joined: sender, wire, receiver.

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/delta"
	"github.com/sluice-run/sluice/host/wire"
)

// carry takes deltas from a sender to a receiver until the last, as fast as the
// receiver's bounds allow.
func carry(t testing.TB, s *delta.Sender, ready <-chan struct{}, r *delta.Receiver, taken <-chan struct{}) {
	var frame []byte
	more := false
	queued := 0
	for {
		if !more {
			<-ready
		}
		if frame, more = s.Next(frame[:0]); len(frame) == 0 {
			continue
		}
		if queued++; queued >= 16 { // of up to half a MiB each
			<-taken
			queued--
		}
		msg, err := wire.Decode(frame)
		if err != nil {
			t.Error(err)
		}
		d, err := wire.DecodeBodyDelta(msg.Params)
		if err != nil {
			t.Error(err)
		}
		if !r.Push(&d) {
			return
		}
	}
}

// join sends body through a sender and a receiver and returns what came out.
func join(t testing.TB, body io.Reader) ([]byte, error) {
	ready := make(chan struct{}, 1)
	released := 0
	s := delta.NewSender(delta.SenderOptions{
		RequestID: "s",
		Ready:     func() { ready <- struct{}{} },
		Release:   func() { released++ },
		ErrorText: error.Error,
	})
	r := delta.NewReceiver("s")
	taken := make(chan struct{}, 1<<16)
	go s.Pump(t.Context(), body)
	go carry(t, s, ready, r, taken)
	var got []byte
	for {
		c, err := r.Recv(t.Context())
		if err != nil {
			<-s.Done()
			require.Equal(t, 1, released)
			return got, err
		}
		got = append(got, c...)
		taken <- struct{}{}
	}
}

// FuzzBothEnds sends any body in pieces of any size and expects the same body,
// and the same end, on the other side.
func FuzzBothEnds(f *testing.F) {
	f.Add([]byte("hello world"), uint16(1), uint64(1), false)
	f.Add([]byte{}, uint16(0), uint64(2), true)
	f.Add(bytes.Repeat([]byte("0123456789"), 10), uint16(7), uint64(3), true)
	f.Add(pattern(5000), uint16(900), uint64(4), false)
	f.Fuzz(func(t *testing.T, seed []byte, repeat uint16, rngSeed uint64, breaks bool) {
		body := bytes.Repeat(seed, int(repeat))
		if len(body) > 4<<20 {
			body = body[:4<<20]
		}
		rng := rand.New(rand.NewPCG(rngSeed, 3))
		var origin io.Reader = &pieces{rest: body, rng: rng, most: 1 + rng.IntN(100_000)}
		if breaks {
			origin = io.MultiReader(origin, iotest.ErrReader(errors.New("origin reset")))
		}
		got, err := join(t, origin)
		if !bytes.Equal(body, got) {
			t.Fatalf("%d bytes in, %d others out", len(body), len(got))
		}
		if !breaks {
			require.Equal(t, io.EOF, err)
			return
		}
		require.EqualError(t, err, "exec-server protocol error: http response stream `s` failed: origin reset")
	})
}

// endless is a body of n bytes that costs nothing.
type endless struct{ n int }

func (e *endless) Read(p []byte) (int, error) {
	if e.n == 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.n)
	e.n -= n
	return n, nil
}

func BenchmarkSender(b *testing.B) {
	ready := make(chan struct{}, 1)
	s := delta.NewSender(delta.SenderOptions{
		RequestID: "s",
		Ready:     func() { ready <- struct{}{} },
		Release:   func() {},
		ErrorText: error.Error,
	})
	b.ReportAllocs()
	b.SetBytes(1 << 20)
	go s.Pump(b.Context(), &endless{b.N << 20})
	var frame []byte
	more := false
	for {
		select {
		case <-s.Done():
			return
		default:
		}
		if !more {
			<-ready
		}
		frame, more = s.Next(frame[:0])
	}
}

func BenchmarkReceiver(b *testing.B) {
	r := delta.NewReceiver("s")
	d := wire.BodyDelta{Delta: make([]byte, 64<<10)}
	b.ReportAllocs()
	b.SetBytes(int64(len(d.Delta)))
	for b.Loop() {
		d.Seq++
		r.Push(&d)
		if _, err := r.Recv(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
