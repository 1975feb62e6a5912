package delta_test

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/sluice-run/sluice/host/delta"
	"github.com/sluice-run/sluice/host/wire"
)

// An executor's body, and the notifications that it becomes.
func ExampleSender() {
	s := delta.NewSender(delta.SenderOptions{
		RequestID: "http-1",
		Ready:     func() {}, // rpc.Peer.Ready in real life
		Release:   func() {},
		ErrorText: error.Error,
	})
	s.Pump(context.Background(), strings.NewReader("hello"))
	for more := true; more; {
		var frame []byte
		frame, more = s.Next(nil)
		fmt.Println(string(frame))
	}
	// Output:
	// {"method":"http/request/bodyDelta","params":{"requestId":"http-1","seq":1,"deltaBase64":"aGVsbG8=","done":false,"error":null}}
	// {"method":"http/request/bodyDelta","params":{"requestId":"http-1","seq":2,"deltaBase64":"","done":true,"error":null}}
}

// A client's body, which breaks off after its first bytes.
func ExampleReceiver() {
	r := delta.NewReceiver("http-1")
	r.Push(&wire.BodyDelta{Seq: 1, Delta: []byte("hello")})
	r.Push(&wire.BodyDelta{Seq: 2, Done: true, Error: "origin reset"})
	for {
		chunk, err := r.Recv(context.Background())
		if err == io.EOF {
			return
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(string(chunk))
	}
	// Output:
	// hello
	// exec-server protocol error: http response stream `http-1` failed: origin reset
}
