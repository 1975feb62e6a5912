package wire

// Encoding: golden messages, strings, round trips, allocations.

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAppendMessages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		got  []byte
		want string
	}{
		{AppendRequest(nil, NumberID(1), "m", nil, Trace{}), `{"id":1,"method":"m"}`},
		{AppendRequest(nil, TextID(`a"`), "m", Raw(`[1]`), Trace{}), `{"id":"a\"","method":"m","params":[1]}`},
		{AppendRequest(nil, TextID(""), "m", Raw(nil), Trace{}), `{"id":"","method":"m","params":null}`},
		{
			AppendRequest(nil, NumberID(math.MinInt64), "m", nil, Trace{Parent: "p", State: "s"}),
			`{"id":-9223372036854775808,"method":"m","trace":{"traceparent":"p","tracestate":"s"}}`,
		},
		{
			AppendRequest(nil, NumberID(1), "m", nil, Trace{Parent: "p"}),
			`{"id":1,"method":"m","trace":{"traceparent":"p","tracestate":null}}`,
		},
		{AppendNotification(nil, "initialized", nil), `{"method":"initialized"}`},
		{AppendNotification(nil, "m", Raw("{}")), `{"method":"m","params":{}}`},
		{AppendResult(nil, NumberID(1), nil), `{"id":1,"result":null}`},
		{AppendResult(nil, TextID("x"), Raw(`{"a":1}`)), `{"id":"x","result":{"a":1}}`},
		{AppendError(nil, UnparsedID, Errorf(CodeInvalidRequest, "no")), `{"error":{"code":-32600,"message":"no"},"id":-1}`},
		{
			AppendError(nil, NumberID(1), &Error{Code: CodeDenied, Message: "no", Reason: "r", Policy: "p"}),
			`{"error":{"code":-32020,"message":"no","data":{"reason":"r","policy":"p"}},"id":1}`,
		},
		{
			AppendError(nil, NumberID(1), &Error{Code: CodeOverloaded, Message: "no", Reason: "r"}),
			`{"error":{"code":-32021,"message":"no","data":{"reason":"r"}},"id":1}`,
		},
		{
			AppendError(nil, NumberID(1), &Error{Code: CodeDenied, Message: "no", Policy: "p"}),
			`{"error":{"code":-32020,"message":"no","data":{"policy":"p"}},"id":1}`,
		},
		{
			AppendError(nil, NumberID(1), &Error{Code: CodeOverloaded, Message: "no", RetryAfterMs: 5}),
			`{"error":{"code":-32021,"message":"no","data":{"retryAfterMs":5}},"id":1}`,
		},
	} {
		require.Equal(t, c.want, string(c.got))
	}
}

func TestAppendValues(t *testing.T) {
	t.Parallel()
	ms := uint64(math.MaxUint64)
	for _, c := range []struct {
		value Appender
		want  string
	}{
		{
			&HTTPRequest{Method: "GET", URL: "http://x/?a=1&b=<2>", RequestID: "r"},
			`{"method":"GET","url":"http://x/?a=1&b=<2>","headers":[],"bodyBase64":null,"timeoutMs":null,"requestId":"r","streamResponse":false}`,
		},
		{
			&HTTPRequest{
				Method: "POST", URL: "http://x", Headers: []Header{{Name: "a", Value: "1"}, {Name: "A", Value: "Bearer ", ValueEnvVar: "T"}},
				Body: []byte{}, TimeoutMs: &ms, Redirect: RedirectStop, RequestID: "http-1", Stream: true,
			},
			`{"method":"POST","url":"http://x","headers":[{"name":"a","value":"1"},{"name":"A","value":"Bearer ","valueEnvVar":"T"}],` +
				`"bodyBase64":"","timeoutMs":18446744073709551615,"redirectPolicy":"stop","requestId":"http-1","streamResponse":true}`,
		},
		{&HTTPResponse{Status: 204}, `{"status":204,"headers":[],"bodyBase64":""}`},
		{
			&HTTPResponse{Status: 200, Headers: []Header{{Name: "a", Value: "é"}}, Body: []byte{0, 1, 255}},
			`{"status":200,"headers":[{"name":"a","value":"é"}],"bodyBase64":"AAH/"}`,
		},
		{
			&BodyDelta{RequestID: "r", Seq: 1, Delta: []byte("hello\n")},
			`{"requestId":"r","seq":1,"deltaBase64":"aGVsbG8K","done":false,"error":null}`,
		},
		{
			&BodyDelta{RequestID: "r", Seq: 2, Done: true, Error: "reset"},
			`{"requestId":"r","seq":2,"deltaBase64":"","done":true,"error":"reset"}`,
		},
		{&InitializeParams{ClientName: "x"}, `{"clientName":"x","resumeSessionId":null}`},
		{&InitializeParams{ClientName: "x", ResumeSessionID: "s"}, `{"clientName":"x","resumeSessionId":"s"}`},
		{
			&InitializeResult{SessionID: "s", Environment: EnvironmentInfo{ShellName: "sh", ShellPath: "/bin/sh"}},
			`{"sessionId":"s","environmentInfo":{"shell":{"name":"sh","path":"/bin/sh"}}}`,
		},
		{
			&EnvironmentInfo{ShellName: "sh", ShellPath: "/bin/sh", HTTPHeaderEnvVars: true},
			`{"shell":{"name":"sh","path":"/bin/sh"},"capabilities":{"httpHeaderEnvVars":true}}`,
		},
	} {
		require.Equal(t, c.want, string(c.value.Append(nil)))
		require.Equal(t, "x"+c.want, string(c.value.Append([]byte("x"))), "what is there stays")
	}
}

func TestAppendText(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                         `""`,
		"plain":                    `"plain"`,
		"\"\\/":                    `"\"\\/"`,
		"\b\f\n\r\t":               `"\b\f\n\r\t"`,
		"\x00\x1f\x7f":             "\"\\u0000\\u001f\x7f\"",
		"é€😀\u2028<>&":             "\"é€😀\u2028<>&\"",
		"\ufffd":                   "\"\ufffd\"",
		"a\xffb":                   "\"a\ufffdb\"",
		"\xed\xa0\x80":             "\"\ufffd\ufffd\ufffd\"",
		"\xe2\x82":                 "\"\ufffd\ufffd\"",
		"\xc3\n\xc3\xa9\xc3":       "\"\ufffd\\né\ufffd\"",
		"\xf0\x9f\x98\x80\xf0\x9f": "\"😀\ufffd\ufffd\"",
	} {
		require.Equal(t, want, string(appendText(nil, s)), "%q", s)
	}
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for n := range 50 {
		body := bytes.Repeat([]byte{0xfb, 0, byte(n)}, n)[:n]

		r := hotRequest()
		r.Body, r.Stream, r.Redirect = body, n%2 == 0, Redirect(n%2)
		gotRequest, err := DecodeHTTPRequest(r.Append(nil))
		require.NoError(t, err)
		require.Equal(t, *r, gotRequest)

		p := HTTPResponse{Status: 100 + n, Headers: r.Headers[:n%4], Body: body}
		gotResponse, err := DecodeHTTPResponse(p.Append(nil))
		require.NoError(t, err)
		require.Equal(t, p, gotResponse)

		d := BodyDelta{RequestID: "r\n", Seq: uint64(n), Delta: body, Done: n%2 == 0}
		gotDelta, err := DecodeBodyDelta(d.Append(nil))
		require.NoError(t, err)
		require.Equal(t, d, gotDelta)
	}

	e := &Error{Code: CodeDenied, Message: "m\"", Reason: "r", Policy: "p", RetryAfterMs: math.MaxUint64}
	m, err := Decode(AppendError(nil, TextID("x"), e))
	require.NoError(t, err)
	require.Equal(t, Message{Kind: KindError, ID: TextID("x"), Error: e}, m)

	trace := Trace{Parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", State: "a=b"}
	m, err = Decode(AppendRequest(nil, NumberID(5), "m", Raw("1"), trace))
	require.NoError(t, err)
	require.Equal(t, Message{Kind: KindRequest, ID: NumberID(5), Method: "m", Params: []byte("1"), Trace: trace}, m)
}

func TestAppendDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 1<<20)
	response := &HTTPResponse{Status: 200, Headers: hotRequest().Headers, Body: make([]byte, 1000)}
	request, delta := hotRequest(), hotDelta()
	denied := &Error{Code: CodeDenied, Message: "no", Reason: "r", Policy: "p"}
	for name, send := range map[string]func(){
		"request":  func() { AppendRequest(buf, NumberID(1), MethodHTTPRequest, request, Trace{Parent: "p"}) },
		"result":   func() { AppendResult(buf, TextID("x"), response) },
		"delta":    func() { AppendNotification(buf, MethodBodyDelta, delta) },
		"no value": func() { AppendResult(buf, NumberID(1), nil) },
		"error":    func() { AppendError(buf, NumberID(1), denied) },
	} {
		require.Zero(t, testing.AllocsPerRun(10, send), name)
	}
}

// A buffer without room grows once, for the base64 and what stands around it.
func TestAppendGrowsOnce(t *testing.T) {
	delta, room := hotDelta(), make([]byte, 0, 128)
	var buf []byte
	once := testing.AllocsPerRun(10, func() { buf = slices.Grow(room, len(delta.Delta)) })
	require.LessOrEqual(t, testing.AllocsPerRun(10, func() {
		buf = AppendNotification(room, MethodBodyDelta, delta)
	}), once)
	require.NotEmpty(t, buf)
}

func TestEncodingIsJSON(t *testing.T) {
	t.Parallel()
	for _, frame := range [][]byte{
		AppendRequest(nil, TextID("\xff\x00"), "\n", hotRequest(), Trace{State: "\""}),
		AppendResult(nil, NumberID(1), &InitializeResult{SessionID: "\t"}),
		AppendError(nil, NumberID(1), &Error{Message: "\\", Reason: "\x01", Policy: "\u2028"}),
	} {
		require.True(t, json.Valid(frame), "%s", frame)
	}
}
