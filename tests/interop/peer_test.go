//go:build interop

package interop

// One connection of a wire case: what it sends, waits for and writes down.

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// event is a frame or the end of a connection.
type event struct {
	kind websocket.MessageType
	data []byte
	err  error
}

// peer is one connection of a case.
type peer struct {
	name    string
	player  *player
	ws      *websocket.Conn
	events  chan event
	session string
	closed  bool
	// leaving is set once the case has said bye: whether the server's close
	// frame or the end comes first is a race then.
	leaving bool
	// answered and ended count what the case has not waited for yet.
	answered map[string]int
	ended    map[string]int
	streams  map[string]*stream
	// asked maps the request ids of streams to the ids of their calls, until
	// those are answered; open holds those that were answered and go on.
	asked map[string]string
	open  map[string]bool
}

func (c *peer) read() {
	defer close(c.events)
	for {
		kind, data, err := c.ws.Read(context.Background())
		c.events <- event{kind, data, err}
		if err != nil {
			return
		}
	}
}

// hello shakes hands. It leaves no trace in the transcript.
func (c *peer) hello() error {
	if err := c.write(websocket.MessageText, `{"id":"hello","method":"initialize","params":{"clientName":"interop"}}`); err != nil {
		return err
	}
	before := len(c.player.tr.lines)
	c.waitFor("answer to hello", c.answered, `"hello"`)
	if c.session != "" {
		c.player.tr.lines = c.player.tr.lines[:before]
	}
	return c.write(websocket.MessageText, `{"method":"initialized"}`)
}

func (c *peer) send(s step) error {
	text, err := expand(s.arg, c.player.value)
	if err != nil {
		return err
	}
	kind := websocket.MessageText
	if strings.HasPrefix(s.verb, ">b") {
		kind = websocket.MessageBinary
	}
	if strings.HasSuffix(s.verb, "x") {
		raw, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		if err != nil {
			return err
		}
		text = string(raw)
	}
	c.note(text)
	return c.write(kind, text)
}

// note remembers which call asked for which stream.
func (c *peer) note(frame string) {
	var call struct {
		ID     json.RawMessage `json:"id"`
		Params struct {
			RequestID      string `json:"requestId"`
			StreamResponse bool   `json:"streamResponse"`
		} `json:"params"`
	}
	if json.Unmarshal([]byte(frame), &call) == nil && call.Params.StreamResponse && !c.open[call.Params.RequestID] {
		c.asked[call.Params.RequestID] = string(call.ID)
	}
}

// write sends a frame; that the server has hung up shows when reading.
func (c *peer) write(kind websocket.MessageType, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	c.ws.Write(ctx, kind, []byte(text))
	return nil
}

// waitFor waits until one of a kind has been counted, and takes it off.
func (c *peer) waitFor(what string, counts map[string]int, key string) {
	c.wait(what, func() bool { return counts[key] > 0 })
	if counts[key] > 0 {
		counts[key]--
	}
}

// wait takes events until the condition holds, the connection ends or the time
// is up.
func (c *peer) wait(what string, held func() bool) {
	timeout := time.After(stepTimeout)
	for !held() {
		select {
		case e, ok := <-c.events:
			if !ok {
				c.player.tr.add(c.name, "! no %s: the connection is closed", what)
				return
			}
			c.take(e)
		case <-timeout:
			c.player.tr.add(c.name, "! no %s", what)
			return
		}
	}
}

// listen takes what arrives in a span of time.
func (c *peer) listen(pause time.Duration) {
	timeout := time.After(pause)
	events := c.events
	for {
		select {
		case e, ok := <-events:
			if !ok {
				events = nil // closed: nothing more will come
				continue
			}
			c.take(e)
		case <-timeout:
			c.player.tr.add(c.name, "< silence")
			return
		}
	}
}

// take writes an event to the transcript.
func (c *peer) take(e event) {
	tr := &c.player.tr
	if e.err != nil {
		c.closed = true
		if c.leaving {
			tr.add(c.name, "< closed")
			return
		}
		if status := websocket.CloseStatus(e.err); status != -1 {
			var closing websocket.CloseError
			errors.As(e.err, &closing)
			tr.add(c.name, "< close %d %q", status, closing.Reason)
			return
		}
		tr.add(c.name, "< end without a close frame")
		return
	}
	var m envelope
	if err := json.Unmarshal(e.data, &m); err != nil {
		tr.add(c.name, "< not JSON: %q", e.data)
		return
	}
	kind := ""
	if e.kind == websocket.MessageBinary {
		kind = "binary "
	}
	id := string(m.ID)
	switch {
	case m.Method == "http/request/bodyDelta":
		c.takeDelta(m.Params)
	case m.Method != "":
		tr.add(c.name, "< %s%s %s %s", kind, m.Method, id, m.Params)
	case m.Error != nil:
		data := ""
		if len(m.Error.Data) > 0 {
			data = " data " + describeResult(m.Error.Data)
		}
		tr.add(c.name, "< %s%s error %d %s%s", kind, id, m.Error.Code, m.Error.Message, data)
		c.answer(id)
	default:
		var handshake struct{ SessionID string }
		if json.Unmarshal(m.Result, &handshake) == nil && handshake.SessionID != "" {
			c.session = handshake.SessionID
		}
		tr.add(c.name, "< %s%s result %s", kind, id, describeResult(m.Result))
		c.answer(id)
	}
}

// answer counts an answer and forgets which stream it was for.
func (c *peer) answer(id string) {
	c.answered[id]++
	for requestID, call := range c.asked {
		if call == id {
			delete(c.asked, requestID)
			c.open[requestID] = true
		}
	}
}

func (c *peer) takeDelta(params json.RawMessage) {
	tr := &c.player.tr
	var d bodyDelta
	if err := json.Unmarshal(params, &d); err != nil {
		tr.add(c.name, "< bad delta %s", params)
		return
	}
	s, ok := c.streams[d.RequestID]
	if !ok {
		s = &stream{}
		c.streams[d.RequestID] = s
		if _, early := c.asked[d.RequestID]; early {
			s.odd = append(s.odd, "delta before the answer")
		}
	}
	s.take(d)
	if d.Done {
		delete(c.streams, d.RequestID)
		delete(c.open, d.RequestID)
		c.ended[d.RequestID]++
		tr.add(c.name, "< stream %s: %s", d.RequestID, s.describe(d))
	}
}
