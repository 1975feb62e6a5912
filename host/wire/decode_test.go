package wire

// Decoding envelopes: what is taken for which kind, and what is refused.

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		frame string
		want  Message
	}{
		{`{"id":1,"method":"m"}`, Message{Kind: KindRequest, ID: NumberID(1), Method: "m"}},
		{`{"method":"m","id":"a\n"}`, Message{Kind: KindRequest, ID: TextID("a\n"), Method: "m"}},
		{` {"i\u0064":-0,"method":"\u006d"} `, Message{Kind: KindRequest, Method: "m"}},
		{`{"id":9223372036854775807,"method":""}`, Message{Kind: KindRequest, ID: NumberID(1<<63 - 1)}},
		{`{"id":-9223372036854775808,"method":"m"}`, Message{Kind: KindRequest, ID: NumberID(-1 << 63), Method: "m"}},
		{`{"id":1,"method":"m","params":null}`, Message{Kind: KindRequest, ID: NumberID(1), Method: "m", Params: []byte("null")}},
		{`{"params": [1, 2] ,"id":1,"method":"m"}`, Message{Kind: KindRequest, ID: NumberID(1), Method: "m", Params: []byte("[1, 2]")}},
		{`{"id":1,"method":"http/request","params":{}}`, Message{Kind: KindRequest, ID: NumberID(1), Method: MethodHTTPRequest, Params: []byte("{}")}},

		// The version member is not looked at, nor is one that nobody knows.
		{`{"jsonrpc":"2.0","id":1,"method":"m"}`, Message{Kind: KindRequest, ID: NumberID(1), Method: "m"}},
		{`{"jsonrpc":{"a":[]},"id":1,"method":"m","x":1e999}`, Message{Kind: KindRequest, ID: NumberID(1), Method: "m"}},

		{`{"id":1,"method":"m","trace":null}`, Message{Kind: KindRequest, ID: NumberID(1), Method: "m"}},
		{`{"id":1,"method":"m","trace":{"traceparent":null}}`, Message{Kind: KindRequest, ID: NumberID(1), Method: "m"}},
		{
			`{"id":1,"method":"m","trace":{"traceparent":"p","tracestate":"s","x":1}}`,
			Message{Kind: KindRequest, ID: NumberID(1), Method: "m", Trace: Trace{Parent: "p", State: "s"}},
		},

		// A method makes a request or a notification of it, whatever else it has.
		{`{"id":1,"method":"m","result":1,"error":5}`, Message{Kind: KindRequest, ID: NumberID(1), Method: "m"}},
		{`{"method":"m"}`, Message{Kind: KindNotification, Method: "m"}},
		{`{"method":"m","params":{"a":1},"trace":5,"result":0}`, Message{Kind: KindNotification, Method: "m", Params: []byte(`{"a":1}`)}},

		{`{"id":1,"result":null}`, Message{Kind: KindResult, ID: NumberID(1), Result: []byte("null")}},
		{`{"id":"x","result":{"a":[]},"error":5}`, Message{Kind: KindResult, ID: TextID("x"), Result: []byte(`{"a":[]}`)}},

		{
			`{"error":{"code":-32601,"message":"no"},"id":-1}`,
			Message{Kind: KindError, ID: UnparsedID, Error: &Error{Code: CodeMethodNotFound, Message: "no"}},
		},
		{
			`{"id":1,"error":{"code":-32020,"message":"no","data":{"reason":"r","policy":"p","x":{}}}}`,
			Message{Kind: KindError, ID: NumberID(1), Error: &Error{Code: CodeDenied, Message: "no", Reason: "r", Policy: "p"}},
		},
		{
			`{"id":1,"error":{"code":-32021,"message":"no","data":{"retryAfterMs":1500,"reason":"r"}}}`,
			Message{Kind: KindError, ID: NumberID(1), Error: &Error{Code: CodeOverloaded, Message: "no", Reason: "r", RetryAfterMs: 1500}},
		},
		{
			`{"id":1,"error":{"code":1,"message":"","data":{"retryAfterMs":1.5}}}`,
			Message{Kind: KindError, ID: NumberID(1), Error: &Error{Code: 1}},
		},
		{
			`{"id":1,"error":{"code":1,"message":"","data":{"reason":5,"policy":null,"retryAfterMs":-1}}}`,
			Message{Kind: KindError, ID: NumberID(1), Error: &Error{Code: 1}},
		},
		{
			`{"id":1,"error":{"code":1,"message":"","data":["reason"],"x":1}}`,
			Message{Kind: KindError, ID: NumberID(1), Error: &Error{Code: 1}},
		},
	} {
		m, err := Decode([]byte(c.frame))
		if assert.NoError(t, err, c.frame) {
			assert.Equal(t, c.want, m, c.frame)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	const badID = "invalid id, expected a string or a 64-bit integer"
	for _, c := range []struct{ frame, want string }{
		{``, "EOF while parsing a value at line 1 column 0"},
		{`null`, "expected a JSON-RPC object"},
		{`5`, "expected a JSON-RPC object"},
		{`"{}"`, "expected a JSON-RPC object"},
		{`[]`, "expected a JSON-RPC object"},
		{`[{"id":1,"method":"m"}]`, "expected a JSON-RPC object"},
		{`[] x`, "trailing characters at line 1 column 4"},
		{`{"id":1,"method":"m"} x`, "trailing characters at line 1 column 23"},
		{"\ufeff" + `{"id":1,"method":"m"}`, "expected value at line 1 column 1"},
		{`{}`, "missing field `method`, `result` or `error`"},
		{`{"id":1,"params":{}}`, "missing field `method`, `result` or `error`"},
		{`{"ID":1,"Method":"m"}`, "missing field `method`, `result` or `error`"},

		{`{"id":null,"method":"m"}`, badID},
		{`{"id":1.0,"method":"m"}`, badID},
		{`{"id":1e2,"method":"m"}`, badID},
		{`{"id":true,"method":"m"}`, badID},
		{`{"id":{},"method":"m"}`, badID},
		{`{"id":[],"method":"m"}`, badID},
		{`{"id":9223372036854775808,"method":"m"}`, badID},
		{`{"id":-9223372036854775809,"method":"m"}`, badID},
		{`{"id":99999999999999999999999999,"method":"m"}`, badID},
		{`{"id":null,"error":{"code":1,"message":""}}`, badID},
		{`{"result":1}`, "missing field `id`"},
		{`{"error":{"code":1,"message":""}}`, "missing field `id`"},

		{`{"id":1,"method":null}`, "invalid type: null, expected a string"},
		{`{"method":5}`, "invalid type: number, expected a string"},
		{`{"id":1,"method":["m"]}`, "invalid type: sequence, expected a string"},
		{`{"id":1,"method":"m","trace":5}`, "invalid type: number, expected struct W3cTraceContext"},
		{`{"id":1,"method":"m","trace":{"traceparent":5}}`, "invalid type: number, expected a string"},

		{`{"id":1,"error":null}`, "invalid type: null, expected struct JSONRPCErrorError"},
		{`{"id":1,"error":{}}`, "missing field `code`"},
		{`{"id":1,"error":{"code":1}}`, "missing field `message`"},
		{`{"id":1,"error":{"code":1.5,"message":""}}`, "invalid number"},
		{`{"id":1,"error":{"code":9223372036854775808,"message":""}}`, "invalid number"},
		{`{"id":1,"error":{"code":"secret","message":""}}`, "invalid type: string, expected i64"},
		{`{"id":1,"error":{"code":1,"message":false}}`, "invalid type: boolean `false`, expected a string"},

		{`{"id":1,"id":2,"method":"m"}`, "duplicate JSON object key `id` at line 1 column 12"},
		{`{"id":1,"method":"m","i\u0064":2}`, "duplicate JSON object key `id` at line 1 column 30"},
		{`{"id":1,"method":"m","params":{"a":1,"a":2}}`, "duplicate JSON object key `a` at line 1 column 40"},
		{`{"id":1,"method":"m","x":1,"x":2}`, "duplicate JSON object key `x` at line 1 column 30"},
		{`{"jsonrpc":1,"jsonrpc":1,"id":1,"method":"m"}`, "duplicate JSON object key `jsonrpc` at line 1 column 22"},
		{
			`{"id":1,"method":"m","params":` + strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth) + `}`,
			"recursion limit exceeded at line 1 column 157",
		},
	} {
		m, err := Decode([]byte(c.frame))
		assert.EqualError(t, err, c.want, c.frame)
		assert.Zero(t, m, c.frame)
		var parse *ParseError
		assert.ErrorAs(t, err, &parse)
	}
}

func TestDecodeAliasesOnlyParamsAndResult(t *testing.T) {
	t.Parallel()
	frame := []byte(`{"id":"abc","method":"def","params":"ghi","trace":{"traceparent":"jkl","tracestate":"mno"}}`)
	m, err := Decode(frame)
	require.NoError(t, err)
	clear(frame)
	require.Equal(t, Message{
		Kind: KindRequest, ID: TextID("abc"), Method: "def", Params: make([]byte, 5),
		Trace: Trace{Parent: "jkl", State: "mno"},
	}, m)
	require.Equal(t, 5, cap(m.Params), "appending must not reach into the frame")
}

func TestDecodeOfHotMessageDoesNotAllocate(t *testing.T) {
	frame := AppendNotification(nil, MethodBodyDelta, hotDelta())
	require.Zero(t, testing.AllocsPerRun(10, func() {
		if _, err := Decode(frame); err != nil {
			t.Fatal(err)
		}
	}))
}

func TestID(t *testing.T) {
	t.Parallel()
	require.Equal(t, "-1", UnparsedID.String())
	require.Equal(t, `a"b`, TextID(`a"b`).String())
	require.NotEqual(t, TextID("1"), NumberID(1))
	require.Equal(t, map[ID]int{NumberID(0): 1}, map[ID]int{{}: 1})
}

func TestErrorIsItsCode(t *testing.T) {
	t.Parallel()
	err := error(Errorf(CodeDenied, "denied by policy %s", "p"))
	require.EqualError(t, err, "denied by policy p")
	require.ErrorIs(t, err, CodeDenied)
	require.False(t, errors.Is(err, CodeOverloaded))
	require.EqualError(t, CodeDenied, "JSON-RPC error -32020")
}
