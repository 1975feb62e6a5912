package rpc

import (
	"context"
	"sync"
)

// A Source is a stream of messages that takes turns with the other streams of
// its connection.
type Source interface {
	// Next appends the next message to dst and says whether another one is
	// ready, in which case the stream keeps its place in line. It is called by
	// the writer only, must not block, and may append nothing.
	Next(dst []byte) (msg []byte, more bool)
}

// outbox is what waits to be sent on one connection: results, errors, requests
// and notifications first, in order; then the streams in turn, one message
// each, so that a fat stream never delays a small answer. Messages are bounded
// in bytes; streams are pulled and hence hold nothing here.
type outbox struct {
	max int

	mu      sync.Mutex
	queue   fifo[*buffer]
	queued  int // bytes in queue
	sources fifo[Source]
	busy    bool          // the writer holds a message
	wake    chan struct{} // one token: there is something to do for the writer
	room    signal        // queue has become shorter
	idle    signal        // nothing is left to send
	closed  error
}

func (o *outbox) init(max int) {
	o.max = max
	o.wake = make(chan struct{}, 1)
}

// buffer is room for one message.
type buffer struct{ bytes []byte }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

func newBuffer() *buffer { return buffers.Get().(*buffer) }

// release gives the room back, unless it has become too large to keep.
func (b *buffer) release() {
	if cap(b.bytes) > keptBuffer {
		return
	}
	b.bytes = b.bytes[:0]
	buffers.Put(b)
}

// signal wakes all who wait for a change of the state that a mutex guards. Its
// methods are called with that mutex held.
type signal struct{ ch chan struct{} }

func (s *signal) wait() <-chan struct{} {
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	return s.ch
}

func (s *signal) wakeAll() {
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
	}
}

// send queues msg, which is the outbox's from then on, waiting for room.
func (o *outbox) send(ctx context.Context, msg *buffer) error {
	size := len(msg.bytes)
	for {
		o.mu.Lock()
		switch {
		case o.closed != nil:
			defer o.mu.Unlock()
			return o.closed
		case o.queue.len() == 0 || o.queued+size <= o.max:
			o.queue.push(msg)
			o.queued += size
			o.mu.Unlock()
			o.wakeWriter()
			return nil
		}
		room := o.room.wait()
		o.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (o *outbox) wakeWriter() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// ready puts a stream at the end of the line.
func (o *outbox) ready(s Source) {
	o.mu.Lock()
	if o.closed == nil {
		o.sources.push(s)
	}
	o.mu.Unlock()
	o.wakeWriter()
}

// next waits for the next message. A queued message comes in its own buffer, a
// stream's is written into scratch. It returns nil when the outbox is closed.
func (o *outbox) next(scratch *buffer) *buffer {
	for {
		o.mu.Lock()
		o.busy = false
		switch {
		case o.closed != nil:
			o.mu.Unlock()
			return nil
		case o.queue.len() > 0:
			msg := o.queue.pop()
			o.queued -= len(msg.bytes)
			o.busy = true
			o.room.wakeAll()
			o.mu.Unlock()
			return msg
		case o.sources.len() > 0:
			s := o.sources.pop()
			o.busy = true
			o.mu.Unlock()
			if o.turn(s, scratch) {
				return scratch
			}
		default:
			o.idle.wakeAll()
			o.mu.Unlock()
			<-o.wake
		}
	}
}

func (o *outbox) turn(s Source, scratch *buffer) bool {
	var more bool
	scratch.bytes, more = s.Next(scratch.bytes[:0])
	if more {
		o.ready(s)
	}
	return len(scratch.bytes) > 0
}

// flush waits until nothing is queued, in line or in the writer's hands.
func (o *outbox) flush(ctx context.Context) error {
	for {
		o.mu.Lock()
		if o.closed != nil || !o.busy && o.queue.len() == 0 && o.sources.len() == 0 {
			defer o.mu.Unlock()
			return o.closed
		}
		idle := o.idle.wait()
		o.mu.Unlock()
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (o *outbox) close(err error) {
	o.mu.Lock()
	o.closed = err
	o.queue, o.sources, o.queued = fifo[*buffer]{}, fifo[Source]{}, 0
	o.room.wakeAll()
	o.idle.wakeAll()
	o.mu.Unlock()
	o.wakeWriter()
}
