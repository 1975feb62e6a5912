package main

// Serving one caller over standard input and output.

import (
	"context"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

func (s *serveCmd) serveStdio(ctx context.Context, exec *executor.Executor, log *slog.Logger) error {
	ch := newHalfOpen(rpc.Lines(unblocked(os.Stdin), os.Stdout, wire.MaxMessage))
	gone := make(chan error, 1)
	go func() { gone <- exec.ServeChannel(ch, "stdio") }()
	select {
	case <-ch.ended:
		log.Info("the input has ended")
	case <-ctx.Done():
	case reason := <-gone:
		log.Info("the conversation has ended", "reason", reason.Error())
		return nil
	}
	return s.drain(exec, log)
}

// halfOpen is a channel that stays open for answers when its input has ended:
// whoever pipes requests in wants all of the answers.
type halfOpen struct {
	rpc.Channel
	ended  chan struct{} // there is no more input
	closed chan struct{}
	once   sync.Once
}

func newHalfOpen(ch rpc.Channel) *halfOpen {
	return &halfOpen{Channel: ch, ended: make(chan struct{}), closed: make(chan struct{})}
}

// Recv returns its error once the channel is closed.
func (h *halfOpen) Recv(buf []byte) ([]byte, error) {
	msg, err := h.Channel.Recv(buf)
	if err == nil {
		return msg, nil
	}
	close(h.ended) // once: nobody receives after an error
	<-h.closed
	return nil, err
}

func (h *halfOpen) Close(code rpc.CloseCode, reason string) error {
	h.once.Do(func() { close(h.closed) })
	return h.Channel.Close(code, reason)
}

// unblocked gives a reader whose Close makes Read return, which closing
// standard input itself does not do while a read waits for a terminal or pipe.
func unblocked(r io.Reader) io.ReadCloser {
	out, in := io.Pipe()
	go func() {
		_, err := io.Copy(in, r)
		in.CloseWithError(err) // nil is the end of the input
	}()
	return out
}
