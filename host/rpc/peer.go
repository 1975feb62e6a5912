package rpc

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sluice-run/sluice/host/wire"
)

// A Handler is told what arrives. Its methods are called one after the other on
// the goroutine that reads: they must not wait for anything that only a later
// message can bring, and whatever aliases the message (params, results) is
// valid only until they return.
type Handler interface {
	// Request is a JSON-RPC request; it is answered with Reply or ReplyError,
	// now or later.
	Request(msg *wire.Message)
	// Notification is a JSON-RPC notification.
	Notification(msg *wire.Message)
	// Stray is a result or an error whose id no call is waiting for.
	Stray(msg *wire.Message)
	// Malformed is a message that is not JSON-RPC.
	Malformed(err error)
}

// Options are the settings of a Peer; nil or zero fields mean the defaults.
type Options struct {
	// MaxQueued bounds the bytes of messages waiting to be sent, streams not
	// counted: Send waits for room. A single larger message passes when nothing
	// else waits. Default 8 MiB.
	MaxQueued int
	// PingInterval is how often the other side is asked for a sign of life, if
	// the channel can; a side that does not answer within PingTimeout is taken
	// for dead. Zero means 30 s and 20 s; negative turns it off.
	PingInterval time.Duration
	PingTimeout  time.Duration
}

const (
	defaultMaxQueued    = 8 << 20
	defaultPingInterval = 30 * time.Second
	defaultPingTimeout  = 20 * time.Second
	// keptBuffer is the largest buffer that goes back to a pool.
	keptBuffer = 4 << 20
)

// Peer is one end of a JSON-RPC conversation.
type Peer struct {
	ch      Channel
	handler Handler
	opts    Options
	out     outbox

	nextID atomic.Int64
	mu     sync.Mutex
	calls  map[wire.ID]func(*wire.Message, error)
	ended  *CloseError // set once, under mu
	done   chan struct{}
}

// NewPeer makes a peer that talks over ch. Nothing moves until Run.
func NewPeer(ch Channel, h Handler, o *Options) *Peer {
	p := &Peer{
		ch:      ch,
		handler: h,
		calls:   make(map[wire.ID]func(*wire.Message, error)),
		done:    make(chan struct{}),
	}
	if o != nil {
		p.opts = *o
	}
	p.opts.MaxQueued = orDefault(p.opts.MaxQueued, defaultMaxQueued)
	p.opts.PingInterval = orDefault(p.opts.PingInterval, defaultPingInterval)
	p.opts.PingTimeout = orDefault(p.opts.PingTimeout, defaultPingTimeout)
	p.out.init(p.opts.MaxQueued)
	return p
}

func orDefault[T int | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// Run reads and writes until the channel ends and returns the reason, a
// *CloseError. When it returns, no goroutine of the peer is left and every call
// has been answered.
func (p *Peer) Run() error {
	var wg sync.WaitGroup
	wg.Go(p.write)
	if pinger, ok := p.ch.(interface{ Ping(context.Context) error }); ok && p.opts.PingInterval > 0 {
		wg.Go(func() { p.ping(pinger.Ping) })
	}
	p.end(p.read())
	wg.Wait()
	return p.Err()
}

// Close ends the conversation, telling the other side why. Messages that still
// wait to be sent are dropped; see Flush.
func (p *Peer) Close(code CloseCode, reason string) {
	p.end(&CloseError{Code: code, Reason: reason})
}

// Done is closed when the conversation has ended; Err then says why.
func (p *Peer) Done() <-chan struct{} { return p.done }

// Err is the *CloseError of an ended conversation, nil before.
func (p *Peer) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended == nil {
		return nil
	}
	return p.ended
}

// end records the first reason, wakes everyone and closes the channel.
func (p *Peer) end(reason *CloseError) {
	p.mu.Lock()
	if p.ended != nil {
		p.mu.Unlock()
		return
	}
	p.ended = reason
	calls := p.calls
	p.calls = nil
	p.mu.Unlock()

	close(p.done)
	p.out.close(reason)
	for _, answer := range calls {
		answer(nil, reason)
	}
	code := reason.Code
	if reason.Remote {
		code = CloseNormal // the other side began; there is nobody to tell
	}
	_ = p.ch.Close(code, reason.Reason)
}

func (p *Peer) read() *CloseError {
	var buf []byte
	for {
		var err error
		if buf, err = p.ch.Recv(buf); err != nil {
			return closeError(err)
		}
		p.dispatch(buf)
		if cap(buf) > smallBuffer {
			giveLarge(buf) // a connection that waits holds little
			buf = nil
		}
	}
}

func (p *Peer) dispatch(frame []byte) {
	msg, err := wire.Decode(frame)
	if err != nil {
		p.handler.Malformed(err)
		return
	}
	switch msg.Kind {
	case wire.KindRequest:
		p.handler.Request(&msg)
	case wire.KindNotification:
		p.handler.Notification(&msg)
	default:
		if answer := p.take(msg.ID); answer != nil {
			answer(&msg, nil)
			return
		}
		p.handler.Stray(&msg)
	}
}

func (p *Peer) write() {
	scratch := newBuffer()
	defer func() { scratch.release() }()
	for {
		msg := p.out.next(scratch)
		if msg == nil {
			return
		}
		if err := p.ch.Send(msg.bytes); err != nil {
			p.sendFailed(err)
			return
		}
		if msg != scratch {
			msg.release()
		}
	}
}

// sendFailed ends the conversation, unless the channel was closed under the
// writer: then the reader knows why, and the first reason counts.
func (p *Peer) sendFailed(err error) {
	if errors.Is(err, net.ErrClosed) {
		_ = p.ch.Close(CloseAbnormal, "")
		return
	}
	p.end(closeError(err))
}

func (p *Peer) ping(ping func(context.Context) error) {
	tick := time.NewTicker(p.opts.PingInterval)
	defer tick.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), p.opts.PingTimeout)
		err := ping(ctx)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			p.end(&CloseError{Code: CloseAbnormal, Reason: "the other side does not answer pings", Err: err})
			return
		}
	}
}

// Start sends a request and returns its id. answer is called exactly once, with
// the result or error message (on the reading goroutine; the message is valid
// only until answer returns) or with the reason why there will be none. If
// Start fails, answer is not called.
func (p *Peer) Start(ctx context.Context, method string, params wire.Appender, answer func(*wire.Message, error)) (wire.ID, error) {
	id := wire.NumberID(p.nextID.Add(1))
	p.mu.Lock()
	if p.ended != nil {
		p.mu.Unlock()
		return id, p.ended
	}
	p.calls[id] = answer
	p.mu.Unlock()

	msg := newBuffer()
	msg.bytes = wire.AppendRequest(msg.bytes, id, method, params, wire.Trace{})
	err := p.out.send(ctx, msg)
	if err != nil && p.take(id) != nil {
		return id, err
	}
	return id, nil // sent, or answer was told that the peer has ended
}

// Forget drops the call: its answer function will not be called any more, if it
// was not called yet. A late answer goes to the handler as Stray.
func (p *Peer) Forget(id wire.ID) { p.take(id) }

func (p *Peer) take(id wire.ID) func(*wire.Message, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	answer := p.calls[id]
	delete(p.calls, id)
	return answer
}

// Call sends a request and waits for its result, which decode reads. An error
// that the other side answered is a *wire.Error.
func (p *Peer) Call(ctx context.Context, method string, params wire.Appender, decode func(result []byte) error) error {
	answered := make(chan error, 1)
	id, err := p.Start(ctx, method, params, func(msg *wire.Message, err error) {
		answered <- answerError(msg, err, decode)
	})
	if err != nil {
		return err
	}
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		p.Forget(id)
		return ctx.Err()
	}
}

func answerError(msg *wire.Message, err error, decode func([]byte) error) error {
	switch {
	case err != nil:
		return err
	case msg.Kind == wire.KindError:
		return msg.Error
	default:
		return decode(msg.Result)
	}
}

// Notify sends a notification; params may be nil.
func (p *Peer) Notify(ctx context.Context, method string, params wire.Appender) error {
	msg := newBuffer()
	msg.bytes = wire.AppendNotification(msg.bytes, method, params)
	return p.out.send(ctx, msg)
}

// Reply answers a request with a result. It waits for room in the queue and
// fails only if the conversation has ended.
func (p *Peer) Reply(id wire.ID, result wire.Appender) error {
	msg := newBuffer()
	msg.bytes = wire.AppendResult(msg.bytes, id, result)
	return p.out.send(context.Background(), msg)
}

// ReplyError answers a request with an error, as Reply does.
func (p *Peer) ReplyError(id wire.ID, e *wire.Error) error {
	msg := newBuffer()
	msg.bytes = wire.AppendError(msg.bytes, id, e)
	return p.out.send(context.Background(), msg)
}

// Ready puts a stream in line: the writer will ask it for its next message when
// its turn comes. A stream stands in line at most once.
func (p *Peer) Ready(s Source) { p.out.ready(s) }

// Flush waits until everything queued so far has been handed to the channel,
// streams included, or the conversation has ended.
func (p *Peer) Flush(ctx context.Context) error { return p.out.flush(ctx) }
