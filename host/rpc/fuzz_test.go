package rpc_test

// Frames of any content.

import (
	"strings"
	"testing"

	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// FuzzPeer gives a peer with calls in flight one frame after the other. None may
// make it panic, answer a call twice or go unnoticed.
func FuzzPeer(f *testing.F) {
	for _, frames := range []string{
		`{"id":1,"result":{}}`,
		"{\"id\":1,\"result\":1}\n{\"id\":1,\"result\":2}",
		`{"error":{"code":-32600,"message":"no"},"id":2}`,
		`{"id":"1","result":null}`,
		`{"id":9223372036854775807,"method":"initialize","params":null}`,
		`{"method":"http/request/bodyDelta","params":{"requestId":"a","seq":1,"deltaBase64":""}}`,
		"nonsense\n{}\n[]\nnull",
		`{"id":1,"method":"m","trace":{"traceparent":"00-1-2-03"}}`,
	} {
		f.Add(frames)
	}
	f.Fuzz(func(t *testing.T, text string) {
		frames := strings.Split(text, "\n")
		seen := 0
		note := func(*wire.Message) { seen++ }
		a, b := rpc.Pipe()
		p := rpc.NewPeer(a, &handlers{
			request:      func(_ *rpc.Peer, m *wire.Message) { note(m) },
			notification: note, stray: note,
			malformed: func(error) { seen++ },
		}, noPings)
		done := make(chan struct{})
		go func() { defer close(done); _ = p.Run() }()

		go new(recvAll).run(b, nil)
		answered := [4]int{}
		for i := 1; i < len(answered); i++ {
			_, _ = p.Start(t.Context(), "m", nil, func(_ *wire.Message, err error) {
				answered[i]++
				if err == nil {
					seen++
				}
			})
		}
		for _, frame := range frames {
			if err := b.Send([]byte(frame)); err != nil {
				t.Fatal(err)
			}
		}
		_ = b.Close(rpc.CloseNormal, "")
		<-done
		if seen != len(frames) {
			t.Fatalf("%d of %d frames were noticed", seen, len(frames))
		}
		for i := 1; i < len(answered); i++ {
			if answered[i] != 1 {
				t.Fatalf("call %d was answered %d times", i, answered[i])
			}
		}
	})
}
