package wire

// Encoding envelopes and strings. Everything appends to a buffer that the
// caller brings, and allocates only if that has no room.

import (
	"strconv"
	"unicode/utf8"
)

// Appender is what can write itself as JSON at the end of a buffer.
type Appender interface {
	Append(dst []byte) []byte
}

// Raw is ready JSON. It is taken as it is; empty is null.
type Raw []byte

// Append appends the JSON.
func (r Raw) Append(dst []byte) []byte {
	if len(r) == 0 {
		return append(dst, "null"...)
	}
	return append(dst, r...)
}

// AppendRequest appends a request. Without params it has no such member;
// neither has it a trace if t is empty.
func AppendRequest(dst []byte, id ID, method string, params Appender, t Trace) []byte {
	dst = append(dst, `{"id":`...)
	dst = appendID(dst, id)
	dst = append(dst, `,"method":`...)
	dst = appendText(dst, method)
	dst = appendParams(dst, params)
	dst = appendTrace(dst, t)
	return append(dst, '}')
}

// AppendNotification appends a notification. Without params it has no such
// member.
func AppendNotification(dst []byte, method string, params Appender) []byte {
	dst = append(dst, `{"method":`...)
	dst = appendText(dst, method)
	dst = appendParams(dst, params)
	return append(dst, '}')
}

// AppendResult appends a result; nil is null.
func AppendResult(dst []byte, id ID, result Appender) []byte {
	if result == nil {
		result = Raw(nil)
	}
	dst = append(dst, `{"id":`...)
	dst = appendID(dst, id)
	dst = append(dst, `,"result":`...)
	dst = result.Append(dst)
	return append(dst, '}')
}

// AppendError appends an error. It has data only if there is something to tell
// beyond the message.
func AppendError(dst []byte, id ID, e *Error) []byte {
	dst = append(dst, `{"error":{"code":`...)
	dst = strconv.AppendInt(dst, int64(e.Code), 10)
	dst = append(dst, `,"message":`...)
	dst = appendText(dst, e.Message)
	dst = appendErrorData(dst, e)
	dst = append(dst, `},"id":`...)
	dst = appendID(dst, id)
	return append(dst, '}')
}

func appendErrorData(dst []byte, e *Error) []byte {
	if e.Reason == "" && e.Policy == "" && e.RetryAfterMs == 0 {
		return dst
	}
	dst = append(dst, `,"data":{`...)
	if e.Reason != "" {
		dst = append(dst, `"reason":`...)
		dst = append(appendText(dst, e.Reason), ',')
	}
	if e.Policy != "" {
		dst = append(dst, `"policy":`...)
		dst = append(appendText(dst, e.Policy), ',')
	}
	if e.RetryAfterMs != 0 {
		dst = append(dst, `"retryAfterMs":`...)
		dst = append(strconv.AppendUint(dst, e.RetryAfterMs, 10), ',')
	}
	dst[len(dst)-1] = '}' // in place of the last comma
	return dst
}

func appendParams(dst []byte, params Appender) []byte {
	if params == nil {
		return dst
	}
	dst = append(dst, `,"params":`...)
	return params.Append(dst)
}

func appendTrace(dst []byte, t Trace) []byte {
	if t == (Trace{}) {
		return dst
	}
	dst = append(dst, `,"trace":{"traceparent":`...)
	dst = appendTextOrNull(dst, t.Parent)
	dst = append(dst, `,"tracestate":`...)
	dst = appendTextOrNull(dst, t.State)
	return append(dst, '}')
}

func appendID(dst []byte, id ID) []byte {
	if id.isText {
		return appendText(dst, id.text)
	}
	return strconv.AppendInt(dst, id.number, 10)
}

// appendTextOrNull appends null for the empty string.
func appendTextOrNull(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, "null"...)
	}
	return appendText(dst, s)
}

// appendText appends a JSON string. What is not UTF-8 becomes U+FFFD, byte by
// byte.
func appendText(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(dst, s[start:i]...)
				dst = utf8.AppendRune(dst, utf8.RuneError)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
