package abi

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// message is what the three messages have in common.
type message interface {
	Append([]byte) []byte
	Decode(string) error
}

func fullRequest() *Request {
	return &Request{
		Method: "POST", URL: "https://api.example.com/v1?q=1", Scheme: "https",
		Host: "api.example.com", Port: 443, Path: "/v1", Query: "q=1",
		Hop: 2, From: "https://example.com", Caller: "agent-7",
		Headers: []Header{{"Accept", "*/*"}, {"X-A", ""}, {"X-A", "\xff\x00"}},
		Body:    BodyBytes, BodyLength: 1<<40 + 3, Stream: true,
	}
}

func fullResponse() *Response {
	return &Response{
		Status: 200, Headers: []Header{{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=\xe9"}},
		Body: BodyStream, BodyLength: 0, Stream: true,
		Method: "GET", URL: "http://[::1]:8080/a", Scheme: "http", Host: "[::1]", Port: 8080,
		Path: "/a", Query: "", Hop: 1, Caller: "agent-7",
	}
}

func fullDecision() *Decision {
	return &Decision{
		Verdict: Deny, Reason: "host_not_allowed", Message: "no, naïve host",
		Edits: EditMethod | EditURL | EditHeaders | EditBody, Method: "GET", URL: "https://b/",
		Headers: []Header{{"x", "y"}}, Body: BodyBytes, BodyBytes: "\xff\x00",
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ in, out message }{
		"full request":       {fullRequest(), &Request{}},
		"empty request":      {&Request{Headers: []Header{}}, &Request{Headers: []Header{}}},
		"full response":      {fullResponse(), &Response{}},
		"empty response":     {&Response{Headers: []Header{}}, &Response{Headers: []Header{}}},
		"full decision":      {fullDecision(), &Decision{}},
		"empty decision":     {&Decision{Headers: []Header{}}, &Decision{Headers: []Header{}}},
		"invalid":            {&Decision{Verdict: Invalid, Reason: "x", Headers: []Header{}}, &Decision{Headers: []Header{}}},
		"over what was left": {&Request{Headers: []Header{}}, fullRequest()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, tt.out.Decode(string(tt.in.Append(nil))))
			require.Equal(t, tt.in, tt.out)
		})
	}
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, m := range []message{fullRequest(), fullResponse(), fullDecision()} {
		alone := m.Append(nil)
		behind := m.Append([]byte("abc"))
		require.Equal(t, "abc", string(behind[:3]))
		require.Equal(t, alone, behind[3:], "offsets count from the start of the message")
	}
}

// The words that Append writes must fill the fixed part exactly: the last field
// stands in its last word, and an empty message is nothing but the fixed part.
func TestFixedSizes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		empty, last message
		fixed       int
		word        uint32
	}{
		{&Request{}, &Request{BodyLength: 7 << 32}, requestFixed, 7},
		{&Response{}, &Response{Caller: "caller"}, responseFixed, 6},
		{&Decision{}, &Decision{BodyBytes: "body"}, decisionFixed, 4},
	} {
		empty := tt.empty.Append(nil)
		require.Len(t, empty, tt.fixed, "%T", tt.empty)
		require.EqualValues(t, tt.fixed, binary.LittleEndian.Uint32(empty), "%T", tt.empty)
		last := tt.last.Append(nil)
		require.Equal(t, tt.word, binary.LittleEndian.Uint32(last[tt.fixed-4:]), "%T", tt.last)
	}
}

func TestHeaderEntriesAreAligned(t *testing.T) {
	t.Parallel()
	for n := range 8 {
		q := Request{Method: strings.Repeat("A", n), Headers: []Header{{"a", "b"}}}
		off := binary.LittleEndian.Uint32(q.Append([]byte("x"))[1+19*4:])
		require.Zero(t, off%4, "method of %d bytes", n)
	}
}

func TestLaterVersionsMayAppendWords(t *testing.T) {
	t.Parallel()
	// A later writer: one more word in the fixed part, texts behind it.
	msg := (&Decision{Verdict: Deny, Reason: "late"}).Append(nil)
	later := append([]byte{}, msg[:decisionFixed]...)
	later = append(later, 0xaa, 0xaa, 0xaa, 0xaa)
	later = append(later, msg[decisionFixed:]...)
	binary.LittleEndian.PutUint32(later[0:], decisionFixed+4)
	binary.LittleEndian.PutUint32(later[2*4:], decisionFixed+4)
	var d Decision
	require.NoError(t, d.Decode(string(later)))
	require.Equal(t, "late", d.Reason)
}

func TestAllocations(t *testing.T) {
	q, p, d := fullRequest(), fullResponse(), fullDecision()
	buf := make([]byte, 0, 4096)
	for name, m := range map[string]message{"request": q, "response": p, "decision": d} {
		msg := string(m.Append(nil))
		require.Zero(t, testing.AllocsPerRun(100, func() { buf = m.Append(buf[:0]) }), "%s append", name)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			if err := m.Decode(msg); err != nil {
				panic(err)
			}
		}), "%s decode", name)
	}
}

// TestGolden fixes the bytes, so that a guest or host in another language has
// something to compare itself with.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		m    message
		want string
	}{
		"request": {
			&Request{
				Method: "GET", URL: "http://a:81/p?q", Scheme: "http", Host: "a", Port: 81,
				Path: "/p", Query: "q", Hop: 1, From: "http://b", Caller: "c",
				Headers: []Header{{"X-A", "1"}}, Body: BodyBytes, BodyLength: 5, Stream: true,
			},
			`64000000 01000000` + // size of the fixed part, stream
				`64000000 03000000` + // method
				`67000000 0f000000` + // url
				`76000000 04000000` + // scheme
				`7a000000 01000000` + // host
				`51000000` + // port
				`7b000000 02000000` + // path
				`7d000000 01000000` + // query
				`01000000` + // hop
				`7e000000 08000000` + // from
				`86000000 01000000` + // caller
				`88000000 01000000` + // headers
				`01000000` + // body form
				`05000000 00000000` + // body length
				hex.EncodeToString([]byte("GEThttp://a:81/p?qhttpa/pqhttp://bc")) + `00` +
				`98000000 03000000 9b000000 01000000` + // header entry
				hex.EncodeToString([]byte("X-A1")),
		},
		"response": {
			&Response{
				Status: 404, Headers: []Header{{"A", "b"}, {"A", ""}}, Body: BodyStream,
				Method: "GET", URL: "http://a/", Scheme: "http", Host: "a", Port: 80, Path: "/",
				Hop: 0, Caller: "c",
			},
			`60000000 00000000` + // size of the fixed part, stream
				`94010000` + // status
				`60000000 02000000` + // headers
				`02000000` + // body form
				`00000000 00000000` + // body length
				`83000000 03000000` + // method
				`86000000 09000000` + // url
				`8f000000 04000000` + // scheme
				`93000000 01000000` + // host
				`50000000` + // port
				`94000000 01000000` + // path
				`95000000 00000000` + // query
				`00000000` + // hop
				`95000000 01000000` + // caller
				`80000000 01000000 81000000 01000000` + // header entry
				`82000000 01000000 83000000 00000000` + // header entry
				hex.EncodeToString([]byte("AbAGEThttp://a/httpa/c")),
		},
		"deny": {
			&Decision{Verdict: Deny, Reason: "no", Message: "never"},
			`40000000 01000000` + // size of the fixed part, verdict
				`40000000 02000000` + // reason
				`42000000 05000000` + // message
				`00000000` + // edits
				`47000000 00000000` + // method
				`47000000 00000000` + // url
				`48000000 00000000` + // headers
				`00000000` + // body form
				`48000000 00000000` + // body
				hex.EncodeToString([]byte("nonever")) + `00`,
		},
		"edit": {
			&Decision{Edits: EditHeaders | EditBody, Headers: []Header{{"a", "b"}}, Body: BodyBytes, BodyBytes: "xyz"},
			`40000000 00000000` + // size of the fixed part, verdict
				`40000000 00000000` + // reason
				`40000000 00000000` + // message
				`0c000000` + // edits
				`40000000 00000000` + // method
				`40000000 00000000` + // url
				`40000000 01000000` + // headers
				`01000000` + // body form
				`52000000 03000000` + // body
				`50000000 01000000 51000000 01000000` + // header entry
				hex.EncodeToString([]byte("abxyz")),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, strings.ReplaceAll(tt.want, " ", ""), hex.EncodeToString(tt.m.Append(nil)))
		})
	}
}
