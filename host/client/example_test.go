package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// say answers with frames what a client sends, one for one; an empty frame is no
// answer. It stands in for an executor.
func say(ch rpc.Channel, frames ...string) {
	for _, frame := range frames {
		if _, err := ch.Recv(nil); err != nil {
			return
		}
		if frame != "" {
			_ = ch.Send([]byte(frame))
		}
	}
}

func Example() {
	ctx := context.Background()
	// Over a websocket: c, err := client.Dial(ctx, "ws://127.0.0.1:4000", nil)
	ch, executor := rpc.Pipe()
	go say(executor,
		`{"id":1,"result":{"sessionId":"s-1"}}`, "",
		`{"error":{"code":-32020,"message":"denied by policy"},"id":2}`,
		`{"id":3,"result":{"status":200,"headers":[],"bodyBase64":"aGVsbG8="}}`)
	c, err := client.New(ctx, ch, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	_, err = c.Do(ctx, &client.Request{Method: "GET", URL: "https://forbidden.example/"})
	fmt.Println(errors.Is(err, wire.CodeDenied), err)

	res, err := c.Do(ctx, &client.Request{Method: "GET", URL: "https://example.com/"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Status, string(res.Body))
	// Output:
	// true denied by policy
	// 200 hello
}

func ExampleClient_Stream() {
	ctx := context.Background()
	ch, executor := rpc.Pipe()
	go func() {
		say(executor, `{"id":1,"result":{"sessionId":"s-1"}}`, "", `{"id":2,"result":{"status":200,"headers":[],"bodyBase64":""}}`)
		_ = executor.Send([]byte(`{"method":"http/request/bodyDelta","params":{"requestId":"http-1","seq":1,"deltaBase64":"aGVsbG8K"}}`))
		_ = executor.Send([]byte(`{"method":"http/request/bodyDelta","params":{"requestId":"http-1","seq":2,"deltaBase64":"","done":true}}`))
	}()
	c, err := client.New(ctx, ch, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	res, err := c.Stream(ctx, &client.Request{Method: "GET", URL: "https://example.com/events"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	if _, err := io.Copy(os.Stdout, res.Body); err != nil {
		fmt.Println(err)
	}
	// Output:
	// hello
}
