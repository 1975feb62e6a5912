package peertest_test

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/wire"
)

// inTest runs an example as a test would run, with a stand-in for *testing.T.
func inTest(test func(t testing.TB)) {
	for _, failure := range record(test) {
		fmt.Println("FAIL:", failure)
	}
}

// A client is tested against an executor that breaks a body off.
func ExampleStartExecutor() {
	inTest(func(t testing.TB) {
		executor := peertest.StartExecutor(t, func(p *peertest.ExecutorPeer) {
			id, req := p.ReadRequest()
			p.Respond(id, wire.HTTPResponse{Status: 200})
			p.Delta(wire.BodyDelta{RequestID: req.RequestID, Seq: 1, Delta: []byte("half of")})
			p.Disconnect()
		})

		ctx := context.Background()
		c, err := client.Dial(ctx, executor.URL(), nil)
		if err != nil {
			t.Fatalf("%v", err)
		}
		defer c.Close()
		res, err := c.Stream(ctx, &client.Request{Method: "GET", URL: "https://example.com/"})
		if err != nil {
			t.Fatalf("%v", err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		fmt.Printf("%q\n%v\n", body, err)
	})
	// Output:
	// "half of"
	// exec-server protocol error: http response stream `http-1` failed: exec-server transport disconnected: connection lost: no close frame
}

// The same without a socket: fit for a bubble of testing/synctest.
func ExamplePipeExecutor() {
	inTest(func(t testing.TB) {
		ch := peertest.PipeExecutor(t, func(p *peertest.ExecutorPeer) {
			id, req := p.ReadRequest()
			fmt.Println(req.Method, req.URL)
			p.RespondError(id, wire.Errorf(wire.CodeDenied, "denied by policy"))
		})

		ctx := context.Background()
		c, err := client.New(ctx, ch, nil)
		if err != nil {
			t.Fatalf("%v", err)
		}
		defer c.Close()
		_, err = c.Do(ctx, &client.Request{Method: "GET", URL: "https://example.com/"})
		fmt.Println(err)
	})
	// Output:
	// GET https://example.com/
	// denied by policy
}

// An executor, which here is a scripted one, is tested by a scripted caller.
func ExampleDialCaller() {
	inTest(func(t testing.TB) {
		executor := peertest.StartExecutor(t, func(p *peertest.ExecutorPeer) {
			id, _ := p.ReadRequest()
			p.Respond(id, wire.HTTPResponse{Status: 404, Body: []byte("not here")})
		})

		c := peertest.DialCaller(t, executor.URL())
		id := c.Call(wire.HTTPRequest{Method: "GET", URL: "https://example.com/", RequestID: "r1"})
		res := c.ReadResult(id)
		fmt.Println(res.Status, string(res.Body))
	})
	// Output:
	// 404 not here
}

// Any channel will do.
func ExampleNewCaller() {
	inTest(func(t testing.TB) {
		ch := peertest.PipeExecutor(t, func(p *peertest.ExecutorPeer) {
			id, req := p.ReadRequest()
			p.Respond(id, wire.HTTPResponse{Status: 200})
			p.Delta(wire.BodyDelta{RequestID: req.RequestID, Seq: 1, Delta: []byte("hello")})
			p.Delta(wire.BodyDelta{RequestID: req.RequestID, Seq: 2, Done: true})
		})

		c := peertest.NewCaller(t, ch)
		id := c.Call(wire.HTTPRequest{Method: "GET", URL: "https://example.com/", RequestID: "s1", Stream: true})
		fmt.Println(c.ReadResult(id).Status)
		body, problem := c.ReadStream("s1")
		fmt.Printf("%q %q\n", body, problem)
	})
	// Output:
	// 200
	// "hello" ""
}
