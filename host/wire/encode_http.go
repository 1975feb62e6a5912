package wire

// Encoding http/request, its result and its body deltas.

import (
	"slices"
	"strconv"
)

// frameRoom is what is set aside beside a body for the envelope and the other
// members, so that appending grows the buffer once.
const frameRoom = 256

// Append appends the params of http/request. Members that have a default are
// left out where they have it.
func (r *HTTPRequest) Append(dst []byte) []byte {
	dst = slices.Grow(dst, base64Len(len(r.Body))+frameRoom)
	dst = append(dst, `{"method":`...)
	dst = appendText(dst, r.Method)
	dst = append(dst, `,"url":`...)
	dst = appendText(dst, r.URL)
	dst = append(dst, `,"headers":`...)
	dst = appendHeaders(dst, r.Headers)
	dst = append(dst, `,"bodyBase64":`...)
	if r.Body == nil {
		dst = append(dst, "null"...)
	} else {
		dst = appendBody(dst, r.Body)
	}
	dst = append(dst, `,"timeoutMs":`...)
	if r.TimeoutMs == nil {
		dst = append(dst, "null"...)
	} else {
		dst = strconv.AppendUint(dst, *r.TimeoutMs, 10)
	}
	if r.Redirect == RedirectStop {
		dst = append(dst, `,"redirectPolicy":"stop"`...)
	}
	dst = append(dst, `,"requestId":`...)
	dst = appendText(dst, r.RequestID)
	dst = append(dst, `,"streamResponse":`...)
	dst = strconv.AppendBool(dst, r.Stream)
	return append(dst, '}')
}

// Append appends the result of http/request.
func (r *HTTPResponse) Append(dst []byte) []byte {
	dst = slices.Grow(dst, base64Len(len(r.Body))+frameRoom)
	dst = append(dst, `{"status":`...)
	dst = strconv.AppendInt(dst, int64(r.Status), 10)
	dst = append(dst, `,"headers":`...)
	dst = appendHeaders(dst, r.Headers)
	dst = append(dst, `,"bodyBase64":`...)
	dst = appendBody(dst, r.Body)
	return append(dst, '}')
}

// Append appends the params of http/request/bodyDelta.
func (d *BodyDelta) Append(dst []byte) []byte {
	dst = slices.Grow(dst, base64Len(len(d.Delta))+frameRoom)
	dst = append(dst, `{"requestId":`...)
	dst = appendText(dst, d.RequestID)
	dst = append(dst, `,"seq":`...)
	dst = strconv.AppendUint(dst, d.Seq, 10)
	dst = append(dst, `,"deltaBase64":`...)
	dst = appendBody(dst, d.Delta)
	dst = append(dst, `,"done":`...)
	dst = strconv.AppendBool(dst, d.Done)
	dst = append(dst, `,"error":`...)
	dst = appendTextOrNull(dst, d.Error)
	return append(dst, '}')
}

func appendBody(dst, body []byte) []byte {
	dst = append(dst, '"')
	dst = appendBase64(dst, body)
	return append(dst, '"')
}

func appendHeaders(dst []byte, list []Header) []byte {
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"name":`...)
		dst = appendText(dst, list[i].Name)
		dst = append(dst, `,"value":`...)
		dst = appendText(dst, list[i].Value)
		if list[i].ValueEnvVar != "" {
			dst = append(dst, `,"valueEnvVar":`...)
			dst = appendText(dst, list[i].ValueEnvVar)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}
