package wire_test

import (
	"errors"
	"fmt"

	"github.com/sluice-run/sluice/host/wire"
)

// An executor reads a request and answers it.
func Example() {
	frame := []byte(`{"id":7,"method":"http/request","params":{"method":"GET","url":"https://example.com/","requestId":"r"}}`)

	m, err := wire.Decode(frame)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := wire.DecodeHTTPRequest(m.Params)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Method, r.URL)

	answer := &wire.HTTPResponse{Status: 200, Body: []byte("hello")}
	fmt.Printf("%s\n", wire.AppendResult(nil, m.ID, answer))
	// Output:
	// GET https://example.com/
	// {"id":7,"result":{"status":200,"headers":[],"bodyBase64":"aGVsbG8="}}
}

func ExampleDecode() {
	for _, frame := range []string{
		`{"id":1,"method":"environment/info"}`,
		`{"method":"initialized"}`,
		`{"id":1,"id":2,"method":"environment/info"}`,
	} {
		m, err := wire.Decode([]byte(frame))
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(m.Method, m.Kind == wire.KindRequest)
	}
	// Output:
	// environment/info true
	// initialized false
	// duplicate JSON object key `id` at line 1 column 12
}

// The error of bad params is ready to be sent.
func ExampleDecodeHTTPRequest() {
	_, err := wire.DecodeHTTPRequest([]byte(`{"method":"GET","url":"https://example.com/"}`))

	var e *wire.Error
	if errors.As(err, &e) {
		fmt.Printf("%s\n", wire.AppendError(nil, wire.NumberID(1), e))
	}
	// Output:
	// {"error":{"code":-32602,"message":"missing field `requestId`"},"id":1}
}

// One buffer serves all deltas of a connection.
func ExampleAppendNotification() {
	buf := make([]byte, 0, 64<<10)
	d := &wire.BodyDelta{RequestID: "http-1", Seq: 1, Delta: []byte("hello")}
	buf = wire.AppendNotification(buf[:0], wire.MethodBodyDelta, d)
	fmt.Printf("%s\n", buf)
	d = &wire.BodyDelta{RequestID: "http-1", Seq: 2, Done: true}
	buf = wire.AppendNotification(buf[:0], wire.MethodBodyDelta, d)
	fmt.Printf("%s\n", buf)
	// Output:
	// {"method":"http/request/bodyDelta","params":{"requestId":"http-1","seq":1,"deltaBase64":"aGVsbG8=","done":false,"error":null}}
	// {"method":"http/request/bodyDelta","params":{"requestId":"http-1","seq":2,"deltaBase64":"","done":true,"error":null}}
}

func ExampleError() {
	m, _ := wire.Decode([]byte(`{"error":{"code":-32020,"message":"denied by policy standard: host_not_allowed; retrying will not help",` +
		`"data":{"reason":"host_not_allowed","policy":"standard"}},"id":3}`))
	var err error = m.Error
	fmt.Println(errors.Is(err, wire.CodeDenied), m.Error.Reason)
	// Output: true host_not_allowed
}
