package wire

// Decoding http/request, its result and its body deltas.

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDecodeHTTPRequest(t *testing.T) {
	t.Parallel()
	ms := func(n uint64) *uint64 { return &n }
	least := HTTPRequest{Method: "GET", URL: "http://x", RequestID: "r"}
	for _, c := range []struct {
		more string // members beside method, url and requestId
		want func(*HTTPRequest)
	}{
		{``, func(*HTTPRequest) {}},
		{`,"x":1,"":{"x":[{}]}`, func(*HTTPRequest) {}},
		{`,"bodyBase64":null,"timeoutMs":null`, func(*HTTPRequest) {}},
		{`,"headers":[]`, func(r *HTTPRequest) { r.Headers = []Header{} }},
		{`,"bodyBase64":""`, func(r *HTTPRequest) { r.Body = []byte{} }},
		{`,"bodyBase64":"AAEC/w=="`, func(r *HTTPRequest) { r.Body = []byte{0, 1, 2, 255} }},
		{`,"bodyBase64":"AAEC\/w=\u003d"`, func(r *HTTPRequest) { r.Body = []byte{0, 1, 2, 255} }},
		{`,"timeoutMs":0`, func(r *HTTPRequest) { r.TimeoutMs = ms(0) }},
		{`,"timeoutMs":-0`, func(r *HTTPRequest) { r.TimeoutMs = ms(0) }},
		{`,"timeoutMs":18446744073709551615`, func(r *HTTPRequest) { r.TimeoutMs = ms(1<<64 - 1) }},
		{`,"redirectPolicy":"follow"`, func(*HTTPRequest) {}},
		{`,"redirectPolicy":"st\u006fp"`, func(r *HTTPRequest) { r.Redirect = RedirectStop }},
		{`,"streamResponse":true`, func(r *HTTPRequest) { r.Stream = true }},
		{`,"streamResponse":false`, func(*HTTPRequest) {}},
		{
			`,"headers":[{"name":"A","value":"1"},{"value":"2","name":"a","x":0},{"name":"A","value":"1","valueEnvVar":null}]`,
			func(r *HTTPRequest) {
				r.Headers = []Header{{Name: "A", Value: "1"}, {Name: "a", Value: "2"}, {Name: "A", Value: "1"}}
			},
		},
		{
			`,"headers":[{"name":"authorization","value":"Bearer ","valueEnvVar":"TOKEN"}]`,
			func(r *HTTPRequest) {
				r.Headers = []Header{{Name: "authorization", Value: "Bearer ", ValueEnvVar: "TOKEN"}}
			},
		},
	} {
		want := least
		c.want(&want)
		params := []byte(`{"method":"GET","url":"http:\/\/x","requestId":"r"` + c.more + `}`)
		r, err := DecodeHTTPRequest(params)
		if assert.NoError(t, err, c.more) {
			clear(params) // what was decoded is a copy
			assert.Equal(t, want, r, c.more)
		}
	}
}

func TestDecodeHTTPRequestRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ params, want string }{
		{``, "invalid type: null, expected struct HttpRequestParams"},
		{`null`, "invalid type: null, expected struct HttpRequestParams"},
		{`5`, "invalid type: number, expected struct HttpRequestParams"},
		{`"secret"`, "invalid type: string, expected struct HttpRequestParams"},
		{`["GET","http://x",[],null,null,"follow","r",false]`, "invalid type: sequence, expected struct HttpRequestParams"},
		{`{}`, "missing field `method`"},
		{`{"method":"GET","requestId":"r"}`, "missing field `url`"},
		{`{"method":"GET","url":"http://x"}`, "missing field `requestId`"},
		{`{"url":"http://x","requestId":"r"}`, "missing field `method`"},
		{`{"Method":"GET","url":"http://x","requestId":"r"}`, "missing field `method`"},
		{`{"method":null,"url":"http://x","requestId":"r"}`, "invalid type: null, expected a string"},
		{`{"method":5}`, "invalid type: number, expected a string"},
		{`{"url":true}`, "invalid type: boolean `true`, expected a string"},
		{`{"url":[]}`, "invalid type: sequence, expected a string"},
		{`{"requestId":{}}`, "invalid type: map, expected a string"},
		{`{"requestId":null}`, "invalid type: null, expected a string"},

		{`{"headers":null}`, "invalid type: null, expected a sequence"},
		{`{"headers":{}}`, "invalid type: map, expected a sequence"},
		{`{"headers":"secret"}`, "invalid type: string, expected a sequence"},
		{`{"headers":[null]}`, "invalid type: null, expected struct HttpHeader"},
		{`{"headers":["secret"]}`, "invalid type: string, expected struct HttpHeader"},
		{`{"headers":[["a","b"]]}`, "invalid type: sequence, expected struct HttpHeader"},
		{`{"headers":[{}]}`, "missing field `name`"},
		{`{"headers":[{"value":"v"}]}`, "missing field `name`"},
		{`{"headers":[{"name":"a","value":"v"},{"name":"a"}]}`, "missing field `value`"},
		{`{"headers":[{"name":"a","valueEnvVar":"V"}]}`, "missing field `value`"},
		{`{"headers":[{"name":null}]}`, "invalid type: null, expected a string"},
		{`{"headers":[{"name":"a","value":5}]}`, "invalid type: number, expected a string"},
		{`{"headers":[{"name":"a","value":"v","valueEnvVar":5}]}`, "invalid type: number, expected a string"},
		{`{"headers":[{"name":"a","value":"v","valueEnvVar":""}]}`, "invalid value: empty string, expected the name of an environment variable"},
		{`{"headers":[` + strings.Repeat(`{"name":"a","value":""},`, MaxHeaders) + `{}]}`, "too many headers: 1024 are allowed"},

		{`{"bodyBase64":5}`, "invalid type: number, expected a string"},
		{`{"bodyBase64":[1]}`, "invalid type: sequence, expected a string"},
		{`{"timeoutMs":-1}`, "invalid number"},
		{`{"timeoutMs":1.5}`, "invalid number"},
		{`{"timeoutMs":1.0}`, "invalid number"},
		{`{"timeoutMs":1e3}`, "invalid number"},
		{`{"timeoutMs":18446744073709551616}`, "invalid number"},
		{`{"timeoutMs":99999999999999999999}`, "invalid number"},
		{`{"timeoutMs":"5"}`, "invalid type: string, expected u64"},
		{`{"timeoutMs":true}`, "invalid type: boolean `true`, expected u64"},
		{`{"redirectPolicy":null}`, "invalid type: null, expected string or map"},
		{`{"redirectPolicy":5}`, "invalid type: number, expected string or map"},
		{`{"redirectPolicy":{"follow":null}}`, "invalid type: map, expected string or map"},
		{`{"redirectPolicy":"Follow"}`, "unknown variant `Follow`, expected `follow` or `stop`"},
		{`{"redirectPolicy":""}`, "unknown variant ``, expected `follow` or `stop`"},
		{`{"streamResponse":null}`, "invalid type: null, expected a boolean"},
		{`{"streamResponse":0}`, "invalid type: number, expected a boolean"},
		{`{"streamResponse":"true"}`, "invalid type: string, expected a boolean"},

		// Decode has seen to these before; others need not have called it.
		{`{"method":"GET","method":"PUT"}`, "duplicate JSON object key `method` at line 1 column 24"},
		{`{"headers":[{"name":"a","name":"b"}]}`, "duplicate JSON object key `name` at line 1 column 30"},
		{`{"streamResponse":truth}`, "expected ident at line 1 column 22"},
		{`{"timeoutMs":00}`, "invalid number at line 1 column 15"},
		{`{"bodyBase64":"AA`, "EOF while parsing a string at line 1 column 17"},
		{`{"method":"GET","url":"http://x","requestId":"r"}{}`, "trailing characters at line 1 column 50"},
	} {
		r, err := DecodeHTTPRequest([]byte(c.params))
		assert.EqualError(t, err, c.want, c.params)
		assert.ErrorIs(t, err, CodeInvalidParams, c.params)
		assert.Zero(t, r, c.params)
	}
}

func TestBase64Faults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{`A`, "Invalid input length: 1"},
		{`AAAAA`, "Invalid input length: 5"},
		{`AA`, "Invalid padding"},
		{`AA=`, "Invalid padding"},
		{`AAA`, "Invalid padding"},
		{`AAAAAB`, "Invalid padding"},
		{`AB==`, "Invalid last symbol 66, offset 1."},
		{`AAB=`, "Invalid last symbol 66, offset 2."},
		{`AAAAAAB=`, "Invalid last symbol 66, offset 6."},
		{`=`, "Invalid symbol 61, offset 0."},
		{`A===`, "Invalid symbol 61, offset 1."},
		{`====`, "Invalid symbol 61, offset 0."},
		{`AAAA=`, "Invalid symbol 61, offset 4."},
		{`AAAA==`, "Invalid symbol 61, offset 4."},
		{`AA==AAAA`, "Invalid symbol 61, offset 2."},
		{`AA===`, "Invalid symbol 61, offset 2."},
		{`A=AA`, "Invalid symbol 61, offset 1."},
		{`AA A`, "Invalid symbol 32, offset 2."},
		{`AA\n==`, "Invalid symbol 10, offset 2."},
		{`AAAA\n`, "Invalid symbol 10, offset 4."},
		{`AAAA\r\n`, "Invalid symbol 13, offset 4."},
		{`AA\r\n\r\nAA`, "Invalid symbol 13, offset 2."},
		{`AA-_`, "Invalid symbol 45, offset 2."},
		{`!!!!`, "Invalid symbol 33, offset 0."},
		{`\"\"\"\"`, "Invalid symbol 34, offset 0."},
		{`é`, "Invalid symbol 195, offset 0."},
		{`AAAA\u0000AAA`, "Invalid symbol 0, offset 4."},
	} {
		_, err := DecodeHTTPRequest([]byte(`{"bodyBase64":"` + c.text + `"}`))
		assert.EqualError(t, err, c.want, c.text)
	}
}

func TestDecodeHTTPResponse(t *testing.T) {
	t.Parallel()
	result := []byte(`{"status":200,"headers":[{"name":"a","value":"b"}],"bodyBase64":"aGk=","x":null}`)
	r, err := DecodeHTTPResponse(result)
	require.NoError(t, err)
	clear(result)
	require.Equal(t, HTTPResponse{Status: 200, Headers: []Header{{Name: "a", Value: "b"}}, Body: []byte("hi")}, r)

	for _, c := range []struct{ result, want string }{
		{``, "invalid type: null, expected struct HttpRequestResponse"},
		{`{}`, "missing field `status`"},
		{`{"status":200,"bodyBase64":""}`, "missing field `headers`"},
		{`{"status":200,"headers":[]}`, "missing field `bodyBase64`"},
		{`{"status":70000}`, "invalid number"},
		{`{"status":-1}`, "invalid number"},
		{`{"status":"200"}`, "invalid type: string, expected u16"},
		{`{"headers":null}`, "invalid type: null, expected a sequence"},
		{`{"bodyBase64":null}`, "invalid type: null, expected a string"},
		{`{"bodyBase64":"x"}`, "Invalid input length: 1"},
		{`{"status":200,"headers":[],"bodyBase64":""}]`, "trailing characters at line 1 column 44"},
	} {
		r, err := DecodeHTTPResponse([]byte(c.result))
		assert.EqualError(t, err, c.want, c.result)
		assert.Zero(t, r, c.result)
	}
}

func TestDecodeBodyDelta(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		params string
		want   BodyDelta
	}{
		{`{"requestId":"r","seq":1,"deltaBase64":"aGk=","done":false,"error":null}`, BodyDelta{RequestID: "r", Seq: 1, Delta: []byte("hi")}},
		{`{"requestId":"r","seq":2,"deltaBase64":"","done":true,"error":null}`, BodyDelta{RequestID: "r", Seq: 2, Delta: []byte{}, Done: true}},
		{`{"requestId":"","seq":18446744073709551615,"deltaBase64":""}`, BodyDelta{Seq: 1<<64 - 1, Delta: []byte{}}},
		{`{"requestId":"r","seq":3,"deltaBase64":"","done":true,"error":"reset"}`, BodyDelta{RequestID: "r", Seq: 3, Delta: []byte{}, Done: true, Error: "reset"}},
		// An error without a text must not look like a clean end.
		{`{"requestId":"r","seq":3,"deltaBase64":"","done":true,"error":""}`, BodyDelta{RequestID: "r", Seq: 3, Delta: []byte{}, Done: true, Error: "unnamed error"}},
	} {
		params := []byte(c.params)
		d, err := DecodeBodyDelta(params)
		if assert.NoError(t, err, c.params) {
			clear(params)
			assert.Equal(t, c.want, d, c.params)
		}
	}
}

func TestDecodeBodyDeltaRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ params, want string }{
		{``, "invalid type: null, expected struct HttpRequestBodyDeltaNotification"},
		{`{}`, "missing field `requestId`"},
		{`{"requestId":"r","deltaBase64":""}`, "missing field `seq`"},
		{`{"requestId":"r","seq":1}`, "missing field `deltaBase64`"},
		{`{"seq":-1}`, "invalid number"},
		{`{"seq":null}`, "invalid type: null, expected u64"},
		{`{"deltaBase64":null}`, "invalid type: null, expected a string"},
		{`{"deltaBase64":"AA"}`, "Invalid padding"},
		{`{"done":null}`, "invalid type: null, expected a boolean"},
		{`{"error":5}`, "invalid type: number, expected a string"},
		{`{"requestId":"r","seq":1,"deltaBase64":""},`, "trailing characters at line 1 column 43"},
	} {
		d, err := DecodeBodyDelta([]byte(c.params))
		assert.EqualError(t, err, c.want, c.params)
		assert.Zero(t, d, c.params)
	}
}

func TestDeltaLimit(t *testing.T) {
	t.Parallel()
	params := func(n int, format string) []byte {
		text := base64.StdEncoding.EncodeToString(make([]byte, n))
		return []byte(`{"requestId":"r","seq":1,"deltaBase64":"` + strings.Replace(text, "A", format, 1) + `"}`)
	}
	for _, format := range []string{"A", `\u0041`} {
		d, err := DecodeBodyDelta(params(MaxDelta, format))
		require.NoError(t, err)
		require.Len(t, d.Delta, MaxDelta)
		// The first of these has as many symbols as a delta that fits.
		for _, more := range []int{1, 2, 3, 1000} {
			_, err = DecodeBodyDelta(params(MaxDelta+more, format))
			require.EqualError(t, err, "more than 1048576 bytes of base64 data")
		}
	}
}

func TestDecodeBodyDeltaAllocatesOnlyWhatItReturns(t *testing.T) {
	m, err := Decode(AppendNotification(nil, MethodBodyDelta, hotDelta()))
	require.NoError(t, err)
	require.LessOrEqual(t, testing.AllocsPerRun(10, func() {
		if _, err := DecodeBodyDelta(m.Params); err != nil {
			t.Fatal(err)
		}
	}), 2.0, "the request id and the bytes")
}
