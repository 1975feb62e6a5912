package peertest

// What the scripted caller reads, and what it checks of every message.

import (
	"fmt"

	"github.com/sluice-run/sluice/host/wire"
)

// maxAside is how many messages may wait for the step that reads them.
const maxAside = 4096

// inbox knows what has arrived.
type inbox struct {
	aside   []wire.Message
	pending map[wire.ID]string // streams whose response has not come, by call
	streams map[string]*stream // by request id
}

// stream is what is known of a request id.
type stream struct {
	asked bool   // by Call; of others it is not known when they are answered
	open  bool   // a result has come
	seq   uint64 // of the last delta
}

func (b *inbox) init() {
	b.pending = make(map[wire.ID]string)
	b.streams = make(map[string]*stream)
}

func (b *inbox) stream(requestID string) *stream {
	s := b.streams[requestID]
	if s == nil {
		s = new(stream)
		b.streams[requestID] = s
	}
	return s
}

// asked notes that a stream was asked for.
func (b *inbox) asked(id wire.ID, requestID string) {
	b.pending[id] = requestID
	b.stream(requestID).asked = true
}

// check takes note of a message and says what the protocol forbids about it.
func (b *inbox) check(msg *wire.Message) error {
	if msg.Kind == wire.KindResult || msg.Kind == wire.KindError {
		b.answered(msg)
		return nil
	}
	if msg.Method != wire.MethodBodyDelta {
		return nil
	}
	d, err := wire.DecodeBodyDelta(msg.Params)
	if err != nil {
		return fmt.Errorf("a body delta is malformed: %w: %s", err, shown(msg.Params))
	}
	return b.stream(d.RequestID).check(&d)
}

func (b *inbox) answered(msg *wire.Message) {
	requestID, ok := b.pending[msg.ID]
	if !ok {
		return
	}
	delete(b.pending, msg.ID)
	if msg.Kind == wire.KindResult {
		b.stream(requestID).open = true
	}
}

func (s *stream) check(d *wire.BodyDelta) error {
	switch {
	case s.asked && !s.open:
		return fmt.Errorf("expected the response of stream `%s` before its first delta", d.RequestID)
	case d.Seq != s.seq+1:
		return fmt.Errorf("expected delta %d of stream `%s`, got delta %d", s.seq+1, d.RequestID, d.Seq)
	case d.Done && len(d.Delta) > 0:
		return fmt.Errorf("expected the last delta of stream `%s` to be empty, got %d bytes", d.RequestID, len(d.Delta))
	case d.Error != "" && !d.Done:
		return fmt.Errorf("expected the delta of stream `%s` that carries an error to be the last", d.RequestID)
	}
	s.seq = d.Seq
	if d.Done {
		s.open, s.seq = false, 0 // the id may be used again
	}
	return nil
}

// ReadMessage returns the oldest message that no step has read, whatever it is.
func (c *Caller) ReadMessage() wire.Message {
	c.report.Helper()
	return c.find("a message", func(*wire.Message) bool { return true })
}

// ReadResult reads the response of the http/request with this id.
func (c *Caller) ReadResult(id wire.ID) wire.HTTPResponse {
	c.report.Helper()
	msg := c.readAnswer(id, wire.KindResult, fmt.Sprintf("the result of %s", id))
	res, err := wire.DecodeHTTPResponse(msg.Result)
	if err != nil {
		c.fatalf("the result of %s is malformed: %v: %s", id, err, shown(msg.Result))
	}
	return res
}

// ReadError reads the error that answers the request with this id.
func (c *Caller) ReadError(id wire.ID) *wire.Error {
	c.report.Helper()
	msg := c.readAnswer(id, wire.KindError, fmt.Sprintf("an error that answers %s", id))
	return msg.Error
}

func (c *Caller) readAnswer(id wire.ID, kind wire.Kind, expected string) wire.Message {
	c.report.Helper()
	msg := c.find(expected, func(m *wire.Message) bool {
		return m.ID == id && (m.Kind == wire.KindResult || m.Kind == wire.KindError)
	})
	if msg.Kind != kind {
		c.fatalf("expected %s, got %s", expected, described(&msg))
	}
	return msg
}

// ReadDelta reads the next body delta, of whichever stream.
func (c *Caller) ReadDelta() wire.BodyDelta {
	c.report.Helper()
	return c.readDelta("a body delta", func(wire.BodyDelta) bool { return true })
}

// ReadStream reads the rest of a stream. It returns the bytes and, if the stream
// broke off, the problem that the last delta told; problem is empty at the
// body's proper end.
func (c *Caller) ReadStream(requestID string) (body []byte, problem string) {
	c.report.Helper()
	expected := "a delta of stream `" + requestID + "`"
	for {
		d := c.readDelta(expected, func(d wire.BodyDelta) bool { return d.RequestID == requestID })
		body = append(body, d.Delta...)
		if d.Done {
			return body, d.Error
		}
	}
}

func (c *Caller) readDelta(expected string, wanted func(wire.BodyDelta) bool) wire.BodyDelta {
	c.report.Helper()
	var found wire.BodyDelta
	c.find(expected, func(m *wire.Message) bool {
		if m.Kind != wire.KindNotification || m.Method != wire.MethodBodyDelta {
			return false
		}
		// Its form was checked when it arrived.
		found, _ = wire.DecodeBodyDelta(m.Params)
		return wanted(found)
	})
	return found
}

// find takes the oldest message that is wanted and sets others aside.
func (c *Caller) find(expected string, wanted func(*wire.Message) bool) wire.Message {
	c.report.Helper()
	for i := range c.inbox.aside {
		msg := c.inbox.aside[i]
		if wanted(&msg) {
			c.inbox.aside = append(c.inbox.aside[:i], c.inbox.aside[i+1:]...)
			return msg
		}
	}
	for {
		msg := c.recvMessage(expected)
		if err := c.inbox.check(&msg); err != nil {
			c.fatalf("%v", err)
		}
		if wanted(&msg) {
			return msg
		}
		if len(c.inbox.aside) == maxAside {
			c.fatalf("expected %s, got %d other messages", expected, maxAside)
		}
		c.inbox.aside = append(c.inbox.aside, msg)
	}
}
