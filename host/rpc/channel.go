package rpc

import (
	"errors"
	"fmt"
)

// A Channel carries whole messages between two peers.
//
// One goroutine may call Send while another one calls Recv; Close may be called
// at any time from anywhere, any number of times, and makes both return.
type Channel interface {
	// Send writes one message. It does not keep msg.
	Send(msg []byte) error
	// Recv reads the next message into buf's room, growing it if needed, and
	// returns it. The error of a closed channel is a *CloseError.
	Recv(buf []byte) ([]byte, error)
	// Close ends the channel and tells the other side why, where the transport
	// can: reason is a short constant text (websocket: 123 bytes at most).
	// CloseAbnormal drops the connection without a word.
	Close(code CloseCode, reason string) error
}

// CloseCode is why a channel was closed (RFC 6455, section 7.4.1). Channels
// that are not websockets use the same codes.
type CloseCode int

// The codes that Sluice sends.
const (
	CloseNormal          CloseCode = 1000
	CloseGoingAway       CloseCode = 1001
	CloseProtocolError   CloseCode = 1002
	CloseAbnormal        CloseCode = 1006 // never sent: no close frame was seen
	CloseInvalidText     CloseCode = 1007
	ClosePolicyViolation CloseCode = 1008
	CloseTooBig          CloseCode = 1009
	CloseInternal        CloseCode = 1011
	CloseTryAgainLater   CloseCode = 1013
)

// CloseError says how a channel came to its end.
type CloseError struct {
	Code   CloseCode
	Reason string
	// Remote is true if the other side closed.
	Remote bool
	// Err is the transport's own error, if there is one.
	Err error
}

func (e *CloseError) Error() string {
	by := "closed"
	if e.Remote {
		by = "closed by the other side"
	}
	text := fmt.Sprintf("connection %s (%d)", by, int(e.Code))
	if e.Code == CloseAbnormal {
		text = "connection lost"
	}
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

func (e *CloseError) Unwrap() error { return e.Err }

// closeError makes sure that err is a *CloseError.
func closeError(err error) *CloseError {
	var closed *CloseError
	if errors.As(err, &closed) {
		return closed
	}
	return &CloseError{Code: CloseAbnormal, Reason: "transport failed", Err: err}
}
