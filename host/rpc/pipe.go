package rpc

import "sync"

// Pipe makes two Channels that are each other's other side, in memory. A Send
// waits until the message is received.
func Pipe() (Channel, Channel) {
	ab, ba := make(chan []byte), make(chan []byte)
	shared := &pipeState{done: make(chan struct{})}
	a := &pipeEnd{send: ab, recv: ba, taken: make(chan struct{}), state: shared}
	b := &pipeEnd{send: ba, recv: ab, taken: make(chan struct{}), state: shared}
	a.other, b.other = b, a
	return a, b
}

type pipeState struct {
	once   sync.Once
	done   chan struct{}
	closer *pipeEnd
	code   CloseCode
	reason string
}

type pipeEnd struct {
	send  chan<- []byte
	recv  <-chan []byte
	taken chan struct{} // our last message was copied
	other *pipeEnd
	state *pipeState
}

func (p *pipeEnd) Send(msg []byte) error {
	select {
	case p.send <- msg:
	case <-p.state.done:
		return p.closed()
	}
	// The receiver copies before it says so, hence msg is ours again.
	<-p.taken
	return nil
}

func (p *pipeEnd) Recv(buf []byte) ([]byte, error) {
	select {
	case msg := <-p.recv:
		buf = append(buf[:0], msg...)
		p.other.taken <- struct{}{}
		return buf, nil
	case <-p.state.done:
		return nil, p.closed()
	}
}

func (p *pipeEnd) Close(code CloseCode, reason string) error {
	p.state.once.Do(func() {
		p.state.closer, p.state.code, p.state.reason = p, code, reason
		close(p.state.done)
	})
	return nil
}

func (p *pipeEnd) closed() error {
	return &CloseError{Code: p.state.code, Reason: p.state.reason, Remote: p.state.closer != p}
}
