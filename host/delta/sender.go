package delta

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/sluice-run/sluice/host/wire"
)

// Sizes of a Sender, in bytes.
const (
	// SenderRing is how much of a body waits at the executor at most.
	SenderRing = 512 << 10
	// senderStart is the ring's first size: streams of small events, of which
	// there may be many, stay small.
	senderStart = 16 << 10
)

// The ring is a bound on a delta, too.
const _ = uint(wire.MaxDelta - SenderRing)

// SenderOptions tell a Sender about its surroundings.
type SenderOptions struct {
	// RequestID names the stream on the wire.
	RequestID string
	// Ready is called when the sender has something to send and is not in line
	// with the connection's writer, which then calls Next.
	Ready func()
	// Release is called once, right before the last delta is written: from then
	// on the request id may be used again.
	Release func()
	// ErrorText makes the sentence that the last delta carries when the origin's
	// body breaks off.
	ErrorText func(error) string
}

// A Sender turns an origin's body into deltas. One goroutine pumps, the
// connection's writer takes: what has gathered in between leaves as one delta,
// so that deltas grow under load, while a byte that comes alone leaves alone.
type Sender struct {
	opts SenderOptions

	mu     sync.Mutex
	ring   []byte
	head   int // first used byte
	size   int // used bytes
	inLine bool
	ended  bool  // the pump has ended
	err    error // why, if not at the body's end
	delta  wire.BodyDelta

	room chan struct{} // one token: the ring has become shorter
	done chan struct{} // closed when the last delta has been written
}

// NewSender makes a sender; its stream begins with Pump.
func NewSender(o SenderOptions) *Sender {
	return &Sender{
		opts:  o,
		delta: wire.BodyDelta{RequestID: o.RequestID},
		room:  make(chan struct{}, 1),
		done:  make(chan struct{}),
	}
}

// Pump reads body to its end, as fast as the deltas are taken, and returns when
// the last byte is in the ring, the body broke off or ctx is done.
func (s *Sender) Pump(ctx context.Context, body io.Reader) {
	for {
		free, err := s.reserve(ctx)
		if err != nil {
			s.finish(err)
			return
		}
		n, err := body.Read(free)
		s.commit(n)
		if err != nil {
			s.finish(err)
			return
		}
	}
}

// Done is closed when the last delta has been handed to the writer.
func (s *Sender) Done() <-chan struct{} { return s.done }

// reserve waits for room and gives a free stretch of the ring. Only the pump
// writes there, and only the pump moves the ring, hence it needs no lock for
// filling the stretch.
func (s *Sender) reserve(ctx context.Context) ([]byte, error) {
	for {
		s.mu.Lock()
		if s.size == 0 {
			s.head = 0
		}
		if s.size == len(s.ring) && s.size < SenderRing {
			s.grow()
		}
		if s.size < len(s.ring) {
			defer s.mu.Unlock()
			return s.free(), nil
		}
		s.mu.Unlock()
		select {
		case <-s.room:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *Sender) grow() {
	ring := make([]byte, min(SenderRing, max(senderStart, 2*len(s.ring))))
	n := copy(ring, s.ring[s.head:])
	copy(ring[n:], s.ring[:s.head])
	s.ring, s.head = ring, 0
}

func (s *Sender) free() []byte {
	tail := s.head + s.size
	if tail < len(s.ring) {
		return s.ring[tail:]
	}
	return s.ring[tail-len(s.ring) : s.head]
}

func (s *Sender) commit(n int) {
	if n == 0 {
		return
	}
	s.mu.Lock()
	s.size += n
	ready := !s.inLine
	s.inLine = true
	s.mu.Unlock()
	if ready {
		s.opts.Ready()
	}
}

func (s *Sender) finish(err error) {
	if errors.Is(err, io.EOF) {
		err = nil
	}
	s.mu.Lock()
	s.ended, s.err = true, err
	ready := !s.inLine
	s.inLine = true
	s.mu.Unlock()
	if ready {
		s.opts.Ready()
	}
}

// Next appends the next delta, as a notification, to dst; more says whether
// another one is ready. The connection's writer calls it, one call at a time.
func (s *Sender) Next(dst []byte) (msg []byte, more bool) {
	s.mu.Lock()
	if s.size > 0 {
		defer s.mu.Unlock()
		return s.nextBytes(dst)
	}
	if !s.ended {
		defer s.mu.Unlock()
		s.inLine = false
		return dst, false
	}
	s.mu.Unlock()
	return s.last(dst), false
}

func (s *Sender) nextBytes(dst []byte) ([]byte, bool) {
	end := min(s.head+s.size, len(s.ring))
	s.delta.Seq++
	s.delta.Delta = s.ring[s.head:end]
	dst = wire.AppendNotification(dst, wire.MethodBodyDelta, &s.delta)

	s.size -= end - s.head
	s.head = end % len(s.ring)
	select {
	case s.room <- struct{}{}:
	default:
	}
	s.inLine = s.size > 0 || s.ended
	return dst, s.inLine
}

func (s *Sender) last(dst []byte) []byte {
	s.opts.Release()
	s.delta.Seq++
	s.delta.Delta, s.delta.Done = nil, true
	if s.err != nil {
		s.delta.Error = s.opts.ErrorText(s.err)
	}
	dst = wire.AppendNotification(dst, wire.MethodBodyDelta, &s.delta)
	close(s.done)
	return dst
}
