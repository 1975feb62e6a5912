package rpc

import (
	"bufio"
	"errors"
	"io"
	"sync"
)

// Lines makes a Channel of a pair of byte streams, such as standard input and
// output: one message per line. A line may hold maxMessage bytes; a longer one
// closes the channel. Empty lines are skipped. Close closes both ends.
func Lines(r io.ReadCloser, w io.WriteCloser, maxMessage int) Channel {
	return &lines{in: r, out: w, max: maxMessage, r: bufio.NewReaderSize(r, 64<<10), w: bufio.NewWriterSize(w, 64<<10)}
}

type lines struct {
	in  io.Closer
	out io.Closer
	r   *bufio.Reader
	w   *bufio.Writer
	max int

	mu     sync.Mutex
	closed *CloseError
}

func (l *lines) Send(msg []byte) error {
	// The writer keeps its first error: checking the flush is enough.
	_, _ = l.w.Write(msg)
	_ = l.w.WriteByte('\n')
	if err := l.w.Flush(); err != nil {
		return l.fail(err)
	}
	return nil
}

func (l *lines) Recv(buf []byte) ([]byte, error) {
	buf = buf[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		buf = append(buf, part...)
		switch {
		case len(buf) > l.max+2: // with its line end
			_ = l.Close(CloseTooBig, "message over the limit")
			return nil, l.fail(nil)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(trimLine(buf)) > 0:
			return trimLine(buf), nil // the last line may lack its end
		case errors.Is(err, io.EOF):
			return nil, l.fail(&CloseError{Code: CloseNormal, Reason: "end of input", Remote: true})
		case err != nil:
			return nil, l.fail(err)
		case len(trimLine(buf)) == 0:
			buf = buf[:0]
		default:
			return trimLine(buf), nil
		}
	}
}

func trimLine(line []byte) []byte {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return line
}

func (l *lines) Close(code CloseCode, reason string) error {
	l.mu.Lock()
	first := l.closed == nil
	if first {
		l.closed = &CloseError{Code: code, Reason: reason}
	}
	l.mu.Unlock()
	if !first {
		return nil
	}
	return errors.Join(l.out.Close(), l.in.Close())
}

// fail gives the reason of our own Close if there was one, else err.
func (l *lines) fail(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed != nil {
		return l.closed
	}
	return closeError(err)
}
