package delta

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/sluice-run/sluice/host/wire"
)

// Bounds of a Receiver; they are the reference client's own.
const (
	ReceiverFrames = 256
	ReceiverBytes  = 16 << 20
)

// StreamError is why a body stream ended before its body did.
type StreamError struct {
	// RequestID is the stream's id on the wire.
	RequestID string
	// Problem says what happened.
	Problem string
	// Err is the cause, if there is one: the connection's *rpc.CloseError for
	// instance.
	Err error
}

func (e *StreamError) Error() string {
	return fmt.Sprintf("exec-server protocol error: http response stream `%s` failed: %s", e.RequestID, e.Problem)
}

func (e *StreamError) Unwrap() error { return e.Err }

// A Receiver queues the deltas of one stream until they are read. The
// connection's reader pushes and never waits; one goroutine at a time reads.
type Receiver struct {
	id string

	mu     sync.Mutex
	queue  [][]byte
	head   int
	bytes  int
	seq    uint64
	end    error // io.EOF or why the stream failed, delivered after the queue
	closed bool

	change chan struct{} // one token: there is something to read
	rest   []byte        // what Read has not handed out of the last chunk
}

// NewReceiver makes the receiver of the stream that requestID names.
func NewReceiver(requestID string) *Receiver {
	return &Receiver{id: requestID, change: make(chan struct{}, 1)}
}

// Push takes the next delta, whose bytes are the receiver's from then on. It
// returns false when the stream is over: no further delta counts.
func (r *Receiver) Push(d *wire.BodyDelta) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.end != nil {
		return false
	}
	r.accept(d)
	r.signal()
	return r.end == nil
}

func (r *Receiver) accept(d *wire.BodyDelta) {
	if d.Seq != r.seq+1 {
		r.failLocked(fmt.Sprintf("body delta %d arrived where %d was due", d.Seq, r.seq+1), nil)
		return
	}
	r.seq = d.Seq
	if len(d.Delta) > 0 {
		waiting := len(r.queue) - r.head
		if waiting == ReceiverFrames || waiting > 0 && r.bytes+len(d.Delta) > ReceiverBytes {
			r.failLocked("body delta channel filled before delivery", nil)
			return
		}
		if r.head > 0 && len(r.queue) == cap(r.queue) {
			n := copy(r.queue, r.queue[r.head:])
			clear(r.queue[n:])
			r.queue, r.head = r.queue[:n], 0
		}
		r.queue = append(r.queue, d.Delta)
		r.bytes += len(d.Delta)
	}
	switch {
	case d.Error != "":
		r.failLocked(d.Error, nil)
	case d.Done:
		r.end = io.EOF
	}
}

// Fail ends the stream with a problem; what is queued is still delivered.
func (r *Receiver) Fail(problem string, cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end == nil {
		r.failLocked(problem, cause)
		r.signal()
	}
}

func (r *Receiver) failLocked(problem string, cause error) {
	r.end = &StreamError{RequestID: r.id, Problem: problem, Err: cause}
}

func (r *Receiver) signal() {
	select {
	case r.change <- struct{}{}:
	default:
	}
}

// Recv waits for the next chunk of the body. At the body's end it returns
// io.EOF, after a failure a *StreamError; both again and again.
func (r *Receiver) Recv(ctx context.Context) ([]byte, error) {
	for {
		chunk, err := r.take()
		if chunk != nil || err != nil {
			return chunk, err
		}
		select {
		case <-r.change:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (r *Receiver) take() ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, io.ErrClosedPipe
	case r.head < len(r.queue):
		chunk := r.queue[r.head]
		r.queue[r.head] = nil
		r.head++
		r.bytes -= len(chunk)
		if r.head == len(r.queue) {
			r.queue, r.head = r.queue[:0], 0
		}
		return chunk, nil
	default:
		return nil, r.end
	}
}

// Read reads the body as an io.Reader does.
func (r *Receiver) Read(ctx context.Context, p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(r.rest) == 0 || r.isClosed() {
		chunk, err := r.Recv(ctx)
		if err != nil {
			return 0, err
		}
		r.rest = chunk
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *Receiver) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// Close drops what is queued; Recv and Read then return io.ErrClosedPipe.
func (r *Receiver) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.queue, r.head, r.bytes = nil, 0, 0
	r.signal()
}
