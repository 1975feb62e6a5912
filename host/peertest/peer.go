package peertest

// What both scripted sides share: messages in and out, each within a deadline.

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// reporter is where a scripted side fails; testing.TB is one.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

var _ reporter = testing.TB(nil)

type peer struct {
	report  reporter
	ch      rpc.Channel
	timeout time.Duration
	// sendBinary sends a binary frame; nil where the transport knows no kinds.
	sendBinary func([]byte) error
}

// overWebSocket is the channel of conn and the way to its binary frames.
func overWebSocket(conn *websocket.Conn, maxMessage int) (rpc.Channel, func([]byte) error) {
	return rpc.WebSocket(conn, maxMessage), func(frame []byte) error {
		return conn.Write(context.Background(), websocket.MessageBinary, frame)
	}
}

func (p *peer) fatalf(format string, args ...any) {
	p.report.Helper()
	p.report.Errorf(format, args...)
	p.report.FailNow()
}

// within runs a blocking call of the channel and closes the channel if it takes
// too long; late says whether that happened.
func (p *peer) within(call func() error) (late bool, err error) {
	var fired atomic.Bool
	timer := time.AfterFunc(p.timeout, func() {
		fired.Store(true)
		_ = p.ch.Close(rpc.CloseAbnormal, "a step took too long")
	})
	defer timer.Stop()
	err = call()
	return fired.Load(), err
}

// recv reads the next frame; expected completes the failure's sentence.
func (p *peer) recv(expected string) []byte {
	p.report.Helper()
	var frame []byte
	late, err := p.within(func() error {
		var err error
		frame, err = p.ch.Recv(nil)
		return err
	})
	switch {
	case err != nil && late:
		p.fatalf("expected %s, got nothing within %s", expected, p.timeout)
	case err != nil:
		p.fatalf("expected %s, got the end of the connection: %v", expected, err)
	}
	return frame
}

func (p *peer) recvMessage(expected string) wire.Message {
	p.report.Helper()
	frame := p.recv(expected)
	msg, err := wire.Decode(frame)
	if err != nil {
		p.fatalf("expected %s, got what is not JSON-RPC (%v): %s", expected, err, shown(frame))
	}
	return msg
}

func (p *peer) send(frame []byte) {
	p.report.Helper()
	p.sent(p.within(func() error { return p.ch.Send(frame) }))
}

func (p *peer) sent(late bool, err error) {
	p.report.Helper()
	switch {
	case err != nil && late:
		p.fatalf("the other side did not take a message within %s", p.timeout)
	case err != nil:
		p.fatalf("send a message: %v", err)
	}
}

// Send sends text as one message, whatever it holds.
func (p *peer) Send(text string) {
	p.report.Helper()
	p.send([]byte(text))
}

// SendBinary sends one binary frame; over transports that do not tell frames
// apart it is Send.
func (p *peer) SendBinary(frame []byte) {
	p.report.Helper()
	if p.sendBinary == nil {
		p.send(frame)
		return
	}
	p.sent(p.within(func() error { return p.sendBinary(frame) }))
}

// Notify sends a notification; params may be nil.
func (p *peer) Notify(method string, params wire.Appender) {
	p.report.Helper()
	p.send(wire.AppendNotification(nil, method, params))
}

// Close closes the connection with a code and a reason.
func (p *peer) Close(code rpc.CloseCode, reason string) { _ = p.ch.Close(code, reason) }

// Disconnect drops the connection without a close frame.
func (p *peer) Disconnect() { _ = p.ch.Close(rpc.CloseAbnormal, "") }

// ExpectClosed waits until the other side closes the connection, checks the code
// and returns the reason. A message that arrives instead is a failure.
func (p *peer) ExpectClosed(code rpc.CloseCode) (reason string) {
	p.report.Helper()
	var frame []byte
	late, err := p.within(func() error {
		var err error
		frame, err = p.ch.Recv(nil)
		return err
	})
	var closed *rpc.CloseError
	switch {
	case err == nil:
		p.fatalf("expected the connection to close with %d, got %s", code, shown(frame))
	case late:
		p.fatalf("expected the connection to close with %d, got nothing within %s", code, p.timeout)
	case !errors.As(err, &closed) || closed.Code != code:
		p.fatalf("expected the connection to close with %d, got: %v", code, err)
	}
	return closed.Reason
}

// shown cuts a frame so that it can stand in a failure's text.
func shown(frame []byte) string {
	const most = 400
	if len(frame) <= most {
		return string(frame)
	}
	return fmt.Sprintf("%s… (%d bytes)", frame[:most], len(frame))
}

// described says in short what a message is.
func described(m *wire.Message) string {
	switch m.Kind {
	case wire.KindRequest:
		return fmt.Sprintf("request %s `%s` %s", m.ID, m.Method, shown(m.Params))
	case wire.KindNotification:
		return fmt.Sprintf("notification `%s` %s", m.Method, shown(m.Params))
	case wire.KindResult:
		return fmt.Sprintf("result of %s: %s", m.ID, shown(m.Result))
	default:
		return fmt.Sprintf("error of %s: %d %s", m.ID, int(m.Error.Code), m.Error.Message)
	}
}
