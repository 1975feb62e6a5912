package egress

// The response's body: errors in words, and the deadline's timer set free.

import (
	"context"
	"io"
	"strconv"
)

// body reads from the origin only as fast as it is read.
type body struct {
	ctx    context.Context
	cancel context.CancelFunc // nil if there is no timer
	from   io.ReadCloser
	host   string
	err    error // what ended the body
}

func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.from.Read(p)
	if err != nil {
		b.err = b.end(err)
	}
	return n, b.err
}

// end puts an error into words and stops the timer, since nothing will be read
// any more.
func (b *body) end(err error) error {
	if err != io.EOF {
		d := diagnose(b.ctx, b.host, err)
		err = &Error{Kind: Failed, Reason: d.reason, Message: bodyPrefix + d.what, Err: err}
	}
	b.release()
	return err
}

func (b *body) release() {
	if b.cancel != nil {
		b.cancel()
	}
}

// Close may be called at any time, also while another goroutine reads. Before
// the body's end it closes the connection to the origin.
func (b *body) Close() error {
	err := b.from.Close()
	b.release()
	return err
}

// ReadAll reads the whole body and closes it. A body of more than limit bytes
// is an error, and is not read to its end.
func (r *Response) ReadAll(limit int64) ([]byte, error) {
	defer r.Body.Close()
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	buf := make([]byte, 0, startSize(r.ContentLength))
	for {
		n, err := r.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case err == io.EOF && int64(len(buf)) <= limit:
			return buf, nil
		case int64(len(buf)) > limit:
			return nil, tooLarge(limit)
		case err != nil:
			return nil, err
		}
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
	}
}

// Sizes of ReadAll's first buffer. An announced length is believed only so far.
const (
	unknownStart  = 4 << 10
	maxKnownStart = 1 << 20
)

// startSize leaves one byte of room, so that the end shows without growing.
func startSize(contentLength int64) int64 {
	if contentLength < 0 {
		return unknownStart
	}
	return min(contentLength, maxKnownStart) + 1
}

func tooLarge(limit int64) *Error {
	return &Error{
		Kind:    Failed,
		Reason:  ReasonBodyTooLarge,
		Message: bodyPrefix + "the body is larger than " + strconv.FormatInt(limit, 10) + " bytes; ask for it streamed",
	}
}
