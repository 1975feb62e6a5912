package rpc_test

// What a message costs.

import (
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// sink takes messages and has none.
type sink struct {
	sent   atomic.Int64
	closed chan struct{}
}

func newSink() *sink { return &sink{closed: make(chan struct{})} }

func (s *sink) Send([]byte) error { s.sent.Add(1); return nil }

func (s *sink) Recv([]byte) ([]byte, error) {
	<-s.closed
	return nil, &rpc.CloseError{Code: rpc.CloseNormal}
}

func (s *sink) Close(rpc.CloseCode, string) error { close(s.closed); return nil }

func TestSendingDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("buffers are not reused reliably under the race detector")
	}
	ch := newSink()
	p, _ := start(t, ch, &handlers{}, nil)
	delta := &wire.BodyDelta{RequestID: "http-1", Seq: 1, Delta: make([]byte, 1000)}
	response := &wire.HTTPResponse{Status: 200, Headers: []wire.Header{{Name: "a", Value: "b"}}}
	ctx := t.Context()
	due := int64(0)
	send := func() {
		_ = p.Reply(wire.NumberID(1), response)
		_ = p.Notify(ctx, wire.MethodBodyDelta, delta)
		// Buffers come back when they are sent; senders that run ahead need more.
		for due += 2; ch.sent.Load() < due; {
			runtime.Gosched()
		}
	}
	for range 100 {
		send()
	}
	require.Zero(t, testing.AllocsPerRun(1000, send))
}

func BenchmarkNotify(b *testing.B) {
	p := rpc.NewPeer(newSink(), &handlers{}, noPings)
	done := make(chan struct{})
	go func() { defer close(done); _ = p.Run() }()
	defer func() { p.Close(rpc.CloseNormal, ""); <-done }()
	delta := &wire.BodyDelta{RequestID: "http-1", Seq: 1, Delta: make([]byte, 64<<10)}
	b.SetBytes(64 << 10)
	b.ReportAllocs()
	for b.Loop() {
		_ = p.Notify(b.Context(), wire.MethodBodyDelta, delta)
	}
}

func BenchmarkCallOverPipe(b *testing.B) {
	left, right := rpc.Pipe()
	h := &handlers{request: func(p *rpc.Peer, m *wire.Message) { _ = p.Reply(m.ID, nil) }}
	server := rpc.NewPeer(right, h, noPings)
	h.peer = server
	client := rpc.NewPeer(left, &handlers{}, noPings)
	go func() { _ = server.Run() }()
	done := make(chan struct{})
	go func() { defer close(done); _ = client.Run() }()
	defer func() { client.Close(rpc.CloseNormal, ""); <-done; <-server.Done() }()
	b.ReportAllocs()
	for b.Loop() {
		if err := client.Call(b.Context(), "m", nil, func([]byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
