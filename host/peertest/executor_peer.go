package peertest

// The steps of an executor's script.

import (
	"net/http"

	"github.com/sluice-run/sluice/host/wire"
)

// ExecutorPeer is the executor's end of the conversation, in the hands of a
// script. It is a require.TestingT. A step that fails ends the script; the steps
// belong to the script's goroutine, but for Close and Disconnect.
type ExecutorPeer struct {
	peer
	settings *settings
	upgrade  http.Header
	client   wire.InitializeParams
}

// Errorf notes a failure of the test.
func (p *ExecutorPeer) Errorf(format string, args ...any) {
	p.report.Helper()
	p.report.Errorf(format, args...)
}

// FailNow ends the script, whose test must have been failed by Errorf.
func (p *ExecutorPeer) FailNow() { p.report.FailNow() }

// Client is how the client has introduced itself.
func (p *ExecutorPeer) Client() wire.InitializeParams { return p.client }

// Upgrade is the header of the client's upgrade request; nil over a pipe.
func (p *ExecutorPeer) Upgrade() http.Header { return p.upgrade }

func (p *ExecutorPeer) handshake() {
	msg := p.readMethod(wire.KindRequest, wire.MethodInitialize)
	params, err := wire.DecodeInitializeParams(msg.Params)
	if err != nil {
		p.fatalf("the params of `%s` are malformed: %v", wire.MethodInitialize, err)
	}
	p.client = params
	p.Result(msg.ID, &wire.InitializeResult{SessionID: p.settings.sessionID, Environment: p.settings.environment})
	p.readMethod(wire.KindNotification, wire.MethodInitialized)
}

// ReadMessage reads the next message, whatever it is.
func (p *ExecutorPeer) ReadMessage() wire.Message {
	p.report.Helper()
	return p.recvMessage("a message")
}

// ReadRequest reads the next message, which must be an http/request.
func (p *ExecutorPeer) ReadRequest() (wire.ID, wire.HTTPRequest) {
	p.report.Helper()
	msg := p.readMethod(wire.KindRequest, wire.MethodHTTPRequest)
	req, err := wire.DecodeHTTPRequest(msg.Params)
	if err != nil {
		p.fatalf("the params of `%s` are malformed: %v: %s", wire.MethodHTTPRequest, err, shown(msg.Params))
	}
	return msg.ID, req
}

func (p *ExecutorPeer) readMethod(kind wire.Kind, method string) wire.Message {
	p.report.Helper()
	expected := "request `" + method + "`"
	if kind == wire.KindNotification {
		expected = "notification `" + method + "`"
	}
	msg := p.recvMessage(expected)
	if msg.Kind != kind || msg.Method != method {
		p.fatalf("expected %s, got %s", expected, described(&msg))
	}
	return msg
}

// Respond answers an http/request.
func (p *ExecutorPeer) Respond(id wire.ID, res wire.HTTPResponse) {
	p.report.Helper()
	p.Result(id, &res)
}

// Result answers any request.
func (p *ExecutorPeer) Result(id wire.ID, result wire.Appender) {
	p.report.Helper()
	p.send(wire.AppendResult(nil, id, result))
}

// RespondError answers a request with an error.
func (p *ExecutorPeer) RespondError(id wire.ID, e *wire.Error) {
	p.report.Helper()
	p.send(wire.AppendError(nil, id, e))
}

// Delta sends a body delta as it is given: the script sets its sequence number.
func (p *ExecutorPeer) Delta(d wire.BodyDelta) {
	p.report.Helper()
	p.Notify(wire.MethodBodyDelta, &d)
}
