package egress

// What went wrong on the way to the origin, put into words that name the cause
// and nothing that the caller sent.

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// timeoutError is the cause with which a request's own deadline ends it.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string {
	return "timed out after " + e.after.Truncate(time.Millisecond).String()
}

// A diagnosis is a reason and its words.
type diagnosis struct {
	reason string
	what   string
}

// diagnose names the cause of err; host is where the request went.
func diagnose(ctx context.Context, host string, err error) diagnosis {
	if ctx.Err() != nil {
		return diagnoseEnd(ctx)
	}
	if d, ok := diagnoseTLS(host, err); ok {
		return d
	}
	if d, ok := diagnoseConn(host, err); ok {
		return d
	}
	return diagnoseText(host, err)
}

func diagnoseEnd(ctx context.Context) diagnosis {
	cause := context.Cause(ctx)
	if t, ok := errors.AsType[*timeoutError](cause); ok {
		return diagnosis{ReasonTimedOut, t.Error()}
	}
	if errors.Is(cause, context.DeadlineExceeded) {
		return diagnosis{ReasonTimedOut, "timed out"}
	}
	return diagnosis{ReasonCancelled, "cancelled"}
}

func diagnoseTLS(host string, err error) (diagnosis, bool) {
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return diagnosis{ReasonTLSWrongName, "TLS: the certificate is not valid for " + host}, true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return diagnosis{ReasonTLSUntrusted, "TLS: the certificate of " + host + " is not trusted"}, true
	}
	if c, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if c.Reason == x509.Expired {
			return diagnosis{ReasonTLSExpired, "TLS: the certificate of " + host + " has expired or is not yet valid"}, true
		}
		return diagnosis{ReasonTLSUntrusted, "TLS: the certificate of " + host + " is not valid"}, true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return diagnosis{ReasonTLSUntrusted, "TLS: the certificate of " + host + " cannot be verified"}, true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return diagnosis{ReasonTLSFailed, "TLS: " + host + " does not speak TLS on this port"}, true
	}
	// An alert's text is one of crypto/tls's own, whatever the origin sent.
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		return diagnosis{ReasonTLSFailed, "TLS: handshake with " + host + " failed: " + strings.TrimPrefix(op.Err.Error(), "tls: ")}, true
	}
	return diagnosis{}, false
}

func diagnoseConn(host string, err error) (diagnosis, bool) {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return diagnosis{ReasonConnectionRefused, "connection refused by " + host}, true
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return diagnosis{ReasonConnectionReset, "connection reset by " + host}, true
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH),
		errors.Is(err, syscall.EADDRNOTAVAIL):
		return diagnosis{ReasonHostUnreachable, host + " is unreachable"}, true
	case errors.Is(err, http.ErrBodyReadAfterClose):
		return diagnosis{ReasonClosed, "the body was closed"}, true
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return diagnosis{ReasonConnectionClosed, "connection closed by " + host}, true
	}
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		return diagnosis{ReasonTimedOut, host + " timed out"}, true
	}
	return diagnosis{}, false
}

// diagnoseText knows the errors of net/http and its HTTP/2 that have no type.
// A text that changes falls back to a plain sentence.
func diagnoseText(host string, err error) diagnosis {
	text := err.Error()
	has := func(part string) bool { return strings.Contains(text, part) }
	switch {
	case has("response headers exceeded"), has("header list larger than"), has("too many 1xx"):
		return diagnosis{ReasonResponseHeadTooBig, "the response head from " + host + " is too large"}
	case has("malformed"), has("bad Content-Length"), has("connection error: COMPRESSION_ERROR"), has("unsupported transfer encoding"),
		has("too many transfer encodings"), has("chunk"), has("http: message cannot contain multiple"):
		return diagnosis{ReasonMalformedResponse, "malformed response from " + host}
	case errors.Is(err, http.ErrSchemeMismatch), has("tls:"), has("x509:"):
		return diagnosis{ReasonTLSFailed, "TLS: handshake with " + host + " failed"}
	case has("stream error"), has("GOAWAY"), has("connection error"):
		return diagnosis{ReasonConnectionReset, "HTTP/2 stream reset by " + host}
	case has("server closed idle connection"), has("connection lost"), has("transport connection broken"):
		return diagnosis{ReasonConnectionClosed, "connection closed by " + host}
	}
	return diagnosis{ReasonConnectionFailed, "connection to " + host + " failed"}
}

// connectFailure puts a failed connect into words.
func connectFailure(host string, port uint16, err error) *Error {
	place := net.JoinHostPort(host, strconv.Itoa(int(port)))
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		return failed(ReasonTimedOut, "connecting to "+place+" timed out", err)
	}
	d, ok := diagnoseConn(place, err)
	if !ok {
		d = diagnosis{ReasonConnectionFailed, "connection to " + place + " failed"}
	}
	return failed(d.reason, d.what, err)
}

// exchangeFailure puts a failure before the response's head into words. The end
// of the request's own time counts more than what it led to.
func exchangeFailure(ctx context.Context, host string, err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok && ctx.Err() == nil {
		return e
	}
	d := diagnose(ctx, host, err)
	return failed(d.reason, d.what, err)
}
