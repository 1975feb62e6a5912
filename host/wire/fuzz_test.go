package wire

// Fuzzing against encoding/json, which is laxer: what it takes is first put
// through the checks that it lacks.

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// strict says whether encoding/json and the checks that it lacks accept text.
func strict(text []byte) bool {
	return json.Valid(text) && utf8.Valid(text) && !loneSurrogate(text) && soundNesting(text)
}

// soundNesting checks depth, member counts and duplicate keys.
func soundNesting(text []byte) bool {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	type level struct {
		keys  map[string]bool // nil for an array
		value bool            // a key was read, its value comes next
	}
	var levels []level
	for {
		token, err := d.Token()
		if err == io.EOF {
			return true
		}
		if err != nil {
			return false
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			levels = levels[:len(levels)-1]
			continue
		}
		if n := len(levels); n > 0 && levels[n-1].keys != nil {
			top := &levels[n-1]
			if !top.value {
				key := token.(string)
				if top.keys[key] || len(top.keys) == MaxMembers {
					return false
				}
				top.keys[key], top.value = true, true
				continue
			}
			top.value = false
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, level{keys: map[string]bool{}})
		case json.Delim('['):
			levels = append(levels, level{})
		}
		if len(levels) > MaxDepth {
			return false
		}
	}
}

// loneSurrogate finds half a surrogate pair among the escapes of valid JSON.
func loneSurrogate(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++
		unit := escapedUnit(text[i-1:])
		switch {
		case unit >= 0xDC00 && unit < 0xE000:
			return true
		case unit >= 0xD800 && unit < 0xDC00:
			low := escapedUnit(text[min(i+5, len(text)):])
			if low < 0xDC00 || low >= 0xE000 {
				return true
			}
			i += 6
		}
	}
	return false
}

// escapedUnit is the value of the \u escape that text begins with; 0 if it
// begins with none.
func escapedUnit(text []byte) uint64 {
	if len(text) < 6 || string(text[:2]) != `\u` {
		return 0
	}
	unit, _ := strconv.ParseUint(string(text[2:6]), 16, 16)
	return unit
}

// A loose is an object as encoding/json reads it.
type loose map[string]json.RawMessage

// text reads a string; ok is false if there is something else.
func (l loose) text(name string) (s string, ok bool) {
	ok = bytes.HasPrefix(l[name], []byte(`"`)) && json.Unmarshal(l[name], &s) == nil
	return s, ok
}

func (l loose) null(name string) bool { return l[name] == nil || string(l[name]) == "null" }

func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.5e+3,"\ud83d\ude00\\\"",{"b":null,"c":true}],"d":false}`,
		`{"a":1,"\u0061":2}`, `"\ud800"`, `"\udc00\ud800"`, `[[[[]]]]`, "\"\xff\"", `[1,]`, `{"a":1,}`, `01`, ` `,
		members(20, 3), members(20, -1),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		err := scanAll(string(text))
		require.Equal(t, strict(text), err == nil, "%q: %v", text, err)
		if err == nil && bytes.TrimSpace(text)[0] == '"' {
			var want string
			require.NoError(t, json.Unmarshal(text, &want))
			s := scanner{buf: text}
			require.Equal(t, want, s.text())
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"id":1,"method":"http/request","params":{"a":[{}]},"trace":{"traceparent":"p","tracestate":null}}`,
		`{"method":"http/request/bodyDelta","params":{"requestId":"r"}}`,
		`{"id":"x","result":{}}`, `{"id":-1,"error":{"code":-32600,"message":"m","data":{"reason":"r"}}}`,
		`{"id":null,"method":"m"}`, `{"id":9223372036854775808,"method":"m"}`, `[]`, `{"id":1,"id":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		m, err := Decode(frame)
		var l loose
		wellFormed := strict(frame) && json.Unmarshal(frame, &l) == nil && l != nil
		if !wellFormed {
			require.Error(t, err, "%q", frame)
			return
		}
		if err != nil {
			require.False(t, acceptable(l), "%q: %v", frame, err)
			return
		}
		require.True(t, acceptable(l), "%q", frame)
		method, isCall := l.text("method")
		require.Equal(t, method, m.Method)
		switch m.Kind {
		case KindRequest:
			require.True(t, isCall && l["id"] != nil)
			require.Equal(t, []byte(l["params"]), m.Params)
		case KindNotification:
			require.True(t, isCall && l["id"] == nil)
			require.Equal(t, []byte(l["params"]), m.Params)
		case KindResult:
			require.Nil(t, l["method"])
			require.Equal(t, []byte(l["result"]), m.Result)
		case KindError:
			require.True(t, l["method"] == nil && l["result"] == nil)
			require.NotNil(t, m.Error)
		}
		if l["id"] != nil && m.Kind != KindNotification {
			again, err := Decode(AppendResult(nil, m.ID, nil))
			require.NoError(t, err)
			require.Equal(t, m.ID, again.ID)
		}
	})
}

// acceptable says whether the members of an envelope fit together.
func acceptable(l loose) bool {
	_, isText := l.text("id")
	_, err := strconv.ParseInt(string(l["id"]), 10, 64)
	goodID := isText || err == nil
	switch {
	case l["method"] != nil:
		_, isText := l.text("method")
		return isText && (l["id"] == nil || goodID && acceptableTrace(l))
	case l["result"] != nil:
		return goodID
	}
	var e loose
	if !goodID || l["error"] == nil || json.Unmarshal(l["error"], &e) != nil {
		return false
	}
	_, isText = e.text("message")
	_, err = strconv.ParseInt(string(e["code"]), 10, 64)
	return isText && err == nil
}

func acceptableTrace(l loose) bool {
	if l.null("trace") {
		return true
	}
	var trace loose
	if json.Unmarshal(l["trace"], &trace) != nil {
		return false
	}
	for _, name := range []string{"traceparent", "tracestate"} {
		if _, isText := trace.text(name); !isText && !trace.null(name) {
			return false
		}
	}
	return true
}

func FuzzDecodeHTTPRequest(f *testing.F) {
	f.Add(hotRequest().Append(nil))
	for _, seed := range []string{
		`{"method":"GET","url":"http:\/\/x","requestId":"r","headers":[{"name":"a","value":"b","valueEnvVar":"C"}],"redirectPolicy":"stop"}`,
		`{"method":"GET","url":"u","requestId":"r","bodyBase64":"AB==","timeoutMs":1e3,"streamResponse":null}`,
		`{"method":"GET","url":"u","requestId":"r","bodyBase64":"AA\n==","timeoutMs":-0}`,
		`["GET","u"]`, `null`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, params []byte) {
		r, err := DecodeHTTPRequest(params)
		want, ok := looseHTTPRequest(params)
		require.Equal(t, ok, err == nil, "%q: %v", params, err)
		if err != nil {
			require.ErrorIs(t, err, CodeInvalidParams)
			return
		}
		require.Equal(t, want, r)
		again, err := DecodeHTTPRequest(r.Append(nil))
		require.NoError(t, err)
		if r.Headers == nil {
			r.Headers = []Header{} // what an empty list stands for is written out
		}
		require.Equal(t, r, again)
	})
}

// looseHTTPRequest decodes with encoding/json.
func looseHTTPRequest(params []byte) (r HTTPRequest, ok bool) {
	var l loose
	if !strict(params) || json.Unmarshal(params, &l) != nil {
		return r, false
	}
	var good [4]bool
	r.Method, good[0] = l.text("method")
	r.URL, good[1] = l.text("url")
	r.RequestID, good[2] = l.text("requestId")
	if r.Headers, good[3] = looseHeaders(l["headers"]); good != [4]bool{true, true, true, true} {
		return r, false
	}
	if !l.null("bodyBase64") {
		if r.Body, ok = l.base64("bodyBase64"); !ok {
			return r, false
		}
	}
	if !l.null("timeoutMs") {
		ms, err := strconv.ParseUint(strings.TrimPrefix(string(l["timeoutMs"]), "-"), 10, 64)
		if err != nil || ms > 0 && l["timeoutMs"][0] == '-' {
			return r, false
		}
		r.TimeoutMs = &ms
	}
	switch policy, _ := l.text("redirectPolicy"); {
	case l["redirectPolicy"] == nil, policy == "follow":
	case policy == "stop":
		r.Redirect = RedirectStop
	default:
		return r, false
	}
	switch string(l["streamResponse"]) {
	case "", "false":
	case "true":
		r.Stream = true
	default:
		return r, false
	}
	return r, true
}

func looseHeaders(raw []byte) ([]Header, bool) {
	if raw == nil {
		return nil, true
	}
	list := []json.RawMessage{}
	if raw[0] != '[' || json.Unmarshal(raw, &list) != nil || len(list) > MaxHeaders {
		return nil, false
	}
	headers := []Header{}
	for _, item := range list {
		var l loose
		if item[0] != '{' || json.Unmarshal(item, &l) != nil {
			return nil, false
		}
		name, hasName := l.text("name")
		value, hasValue := l.text("value")
		envVar, hasEnvVar := l.text("valueEnvVar")
		if !hasName || !hasValue || hasEnvVar && envVar == "" || !hasEnvVar && !l.null("valueEnvVar") {
			return nil, false
		}
		headers = append(headers, Header{Name: name, Value: value, ValueEnvVar: envVar})
	}
	return headers, true
}

// base64 reads strict base64: it must be what its bytes encode to.
func (l loose) base64(name string) ([]byte, bool) {
	s, ok := l.text(name)
	data, err := base64.StdEncoding.DecodeString(s)
	return data, ok && err == nil && base64.StdEncoding.EncodeToString(data) == s
}

func FuzzDecodeBodyDelta(f *testing.F) {
	f.Add((&BodyDelta{RequestID: "r", Seq: 1, Delta: []byte("hello")}).Append(nil))
	f.Add([]byte(`{"requestId":"r","seq":1,"deltaBase64":"\u0041A=\u003d","done":true,"error":""}`))
	f.Add([]byte(`{"requestId":"r","seq":1.0,"deltaBase64":"AA"}`))
	f.Fuzz(func(t *testing.T, params []byte) {
		d, err := DecodeBodyDelta(params)
		want, ok := looseBodyDelta(params)
		require.Equal(t, ok, err == nil, "%q: %v", params, err)
		if err != nil {
			return
		}
		require.Equal(t, want, d)
		again, err := DecodeBodyDelta(d.Append(nil))
		require.NoError(t, err)
		require.Equal(t, d, again)
	})
}

// looseBodyDelta decodes with encoding/json.
func looseBodyDelta(params []byte) (d BodyDelta, ok bool) {
	var l loose
	if !strict(params) || json.Unmarshal(params, &l) != nil {
		return d, false
	}
	var hasID, hasDelta, hasError bool
	d.RequestID, hasID = l.text("requestId")
	d.Delta, hasDelta = l.base64("deltaBase64")
	seq := string(l["seq"])
	if seq == "-0" {
		seq = "0"
	}
	var err error
	d.Seq, err = strconv.ParseUint(seq, 10, 64)
	if !hasID || !hasDelta || err != nil {
		return d, false
	}
	switch string(l["done"]) {
	case "", "false":
	case "true":
		d.Done = true
	default:
		return d, false
	}
	if d.Error, hasError = l.text("error"); hasError && d.Error == "" {
		d.Error = "unnamed error"
	}
	return d, hasError || l.null("error")
}

func FuzzAppendText(f *testing.F) {
	for _, seed := range []string{"", "plain", "\"\\\x00\n", "é😀", "a\xff\xedb\xa0\x80"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := appendText(nil, s)
		require.True(t, strict(text), "%q", text)
		var got string
		require.NoError(t, json.Unmarshal(text, &got))
		require.Equal(t, string([]rune(s)), got)
		read := scanner{buf: text}
		require.Equal(t, got, read.text())
		require.Nil(t, read.err)
	})
}
