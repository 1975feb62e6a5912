package wire

// Benchmarks of the two hot messages: a request of a few headers, a full delta.

import (
	"bytes"
	"testing"
)

func hotRequest() *HTTPRequest {
	timeout := uint64(30_000)
	return &HTTPRequest{
		Method: "POST",
		URL:    "https://api.example.com/v1/things?limit=100&cursor=abcdef0123456789",
		Headers: []Header{
			{Name: "accept", Value: "application/json, text/event-stream"},
			{Name: "authorization", Value: "Bearer 0123456789abcdef0123456789abcdef"},
			{Name: "content-type", Value: "application/json"},
			{Name: "mcp-protocol-version", Value: "2025-06-18"},
		},
		Body:      bytes.Repeat([]byte("0123456789abcdef"), 16),
		TimeoutMs: &timeout,
		RequestID: "http-17",
		Stream:    true,
	}
}

func hotDelta() *BodyDelta {
	return &BodyDelta{RequestID: "http-17", Seq: 42, Delta: bytes.Repeat([]byte("0123456789abcdef"), 4096)}
}

func BenchmarkAppendHTTPRequest(b *testing.B) {
	r := hotRequest()
	buf := AppendRequest(nil, NumberID(7), MethodHTTPRequest, r, Trace{})
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendRequest(buf[:0], NumberID(7), MethodHTTPRequest, r, Trace{})
	}
}

func BenchmarkDecodeHTTPRequest(b *testing.B) {
	frame := AppendRequest(nil, NumberID(7), MethodHTTPRequest, hotRequest(), Trace{})
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := Decode(frame)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := DecodeHTTPRequest(m.Params); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendBodyDelta(b *testing.B) {
	d := hotDelta()
	buf := AppendNotification(nil, MethodBodyDelta, d)
	b.SetBytes(int64(len(d.Delta)))
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendNotification(buf[:0], MethodBodyDelta, d)
	}
}

func BenchmarkDecodeBodyDelta(b *testing.B) {
	d := hotDelta()
	frame := AppendNotification(nil, MethodBodyDelta, d)
	b.SetBytes(int64(len(d.Delta)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := Decode(frame)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := DecodeBodyDelta(m.Params); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeEnvelope is the share of Decode in the above.
func BenchmarkDecodeEnvelope(b *testing.B) {
	frame := AppendNotification(nil, MethodBodyDelta, hotDelta())
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(frame); err != nil {
			b.Fatal(err)
		}
	}
}
