package abi

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// fuzzMessage checks that decoding never panics, and that what was decoded
// comes through another turn unharmed and without growing.
func fuzzMessage[M any, P interface {
	*M
	message
}](f *testing.F, seeds ...P) {
	for _, seed := range seeds {
		f.Add(seed.Append(nil))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		first, second := P(new(M)), P(new(M))
		if first.Decode(string(msg)) != nil {
			return
		}
		again := first.Append(nil)
		require.LessOrEqual(t, len(again), len(msg)+3, "only alignment may be added")
		require.NoError(t, second.Decode(string(again)))
		require.Equal(t, first, second)
	})
}

func FuzzDecodeRequest(f *testing.F)  { fuzzMessage(f, fullRequest(), &Request{}) }
func FuzzDecodeResponse(f *testing.F) { fuzzMessage(f, fullResponse(), &Response{}) }
func FuzzDecodeDecision(f *testing.F) { fuzzMessage(f, fullDecision(), &Decision{}) }

func FuzzEncodeRequest(f *testing.F) {
	f.Add("GET", "http://a/", "a", "/", "q", "from", "caller", "x-a", "1", uint16(80), uint32(1), uint64(9), true)
	f.Fuzz(func(t *testing.T, method, url, host, path, query, from, caller, name, value string, port uint16, hop uint32, length uint64, stream bool) {
		in := &Request{
			Method: method, URL: url, Scheme: "http", Host: host, Port: port, Path: path, Query: query,
			Hop: hop, From: from, Caller: caller, Headers: []Header{{name, value}, {value, name}},
			Body: BodyForm(hop % 3), BodyLength: length, Stream: stream,
		}
		out := &Request{}
		require.NoError(t, out.Decode(string(in.Append(nil))))
		require.Equal(t, in, out)
	})
}

func FuzzEncodeResponse(f *testing.F) {
	f.Add("GET", "http://a/", "a", "/", "q", "caller", "x-a", "1", uint16(80), uint32(200), uint64(9), true)
	f.Fuzz(func(t *testing.T, method, url, host, path, query, caller, name, value string, port uint16, status uint32, length uint64, stream bool) {
		in := &Response{
			Status: status, Headers: []Header{{name, value}, {value, name}}, Body: BodyForm(status % 3),
			BodyLength: length, Stream: stream, Method: method, URL: url, Scheme: "https", Host: host,
			Port: port, Path: path, Query: query, Hop: status, Caller: caller,
		}
		out := &Response{}
		require.NoError(t, out.Decode(string(in.Append(nil))))
		require.Equal(t, in, out)
	})
}

func FuzzEncodeDecision(f *testing.F) {
	f.Add(uint32(1), "reason", "message", uint32(15), "GET", "http://a/", "x-a", "1", "body")
	f.Fuzz(func(t *testing.T, verdict uint32, reason, message string, edits uint32, method, url, name, value, body string) {
		in := &Decision{
			Verdict: Verdict(verdict), Reason: reason, Message: message, Edits: Edits(edits), Method: method,
			URL: url, Headers: []Header{{name, value}}, Body: BodyBytes, BodyBytes: body,
		}
		out := &Decision{}
		if out.Decode(string(in.Append(nil))) != nil {
			return // not a decision that a host believes
		}
		require.Equal(t, in, out)
	})
}
