package egress

// Which request headers may go out, and in what form they go to net/http.

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/sluice-run/sluice/abi"
)

// framingHeaders belong to the connection. Whoever sets them can make the origin
// see another request than the policy saw (RFC 9110 7.6.1, RFC 9112 11).
var framingHeaders = map[string]bool{
	"connection":        true,
	"http2-settings":    true,
	"keep-alive":        true,
	"te":                true,
	"trailer":           true,
	"transfer-encoding": true,
	"upgrade":           true,
}

// checkBounds refuses a request that is too large to be looked at.
func checkBounds(r *Request) *Error {
	if len(r.Method) > MaxMethod {
		return invalid("http/request method is invalid: invalid HTTP method")
	}
	return checkHeaderBounds(r.Headers)
}

func checkHeaderBounds(list []abi.Header) *Error {
	if len(list) > MaxHeaders {
		return invalid("http/request has too many headers: " + strconv.Itoa(MaxHeaders) + " are allowed")
	}
	total := 0
	for i := range list {
		h := &list[i]
		if len(h.Name) > MaxHeaderName {
			return invalid("http/request header name is invalid: it is longer than " + strconv.Itoa(MaxHeaderName) + " bytes")
		}
		if len(h.Value) > MaxHeaderValue {
			return invalid("http/request header `" + printable(h.Name) + "` is too long: " + strconv.Itoa(MaxHeaderValue) + " bytes are allowed")
		}
		total += len(h.Name) + len(h.Value)
	}
	if total > MaxHeaderBytes {
		return invalid("http/request headers are too long: " + strconv.Itoa(MaxHeaderBytes) + " bytes are allowed")
	}
	return nil
}

// checkMethod refuses what is not a token (RFC 9110 9.1), and CONNECT: it would
// turn the connection into a tunnel that nobody judges.
func checkMethod(method string) *Error {
	switch {
	case !isToken(method) || len(method) > MaxMethod:
		return invalid("http/request method is invalid: invalid HTTP method")
	case strings.EqualFold(method, http.MethodConnect):
		return invalid("http/request method is invalid: CONNECT is not allowed")
	}
	return nil
}

// A framing is what the host itself will say about the message, on the URL and
// the body before and after the policy's edits: a header that says the same is
// redundant, not wrong.
type framing struct {
	targets [2]*target
	lengths [2]int
}

// outgoing checks the headers and puts them into net/http's form: as spelled by
// the caller, spellings of one name together so that repeats keep their order.
func outgoing(list []abi.Header, f *framing) (http.Header, *Error) {
	if err := checkHeaderBounds(list); err != nil {
		return nil, err
	}
	out := make(http.Header, len(list)+2)
	hasAccept := false
	for i := range list {
		h := &list[i]
		if err := checkHeader(h); err != nil {
			return nil, err
		}
		name := strings.ToLower(h.Name)
		redundant, err := f.check(name, h.Value)
		if err != nil {
			return nil, err
		}
		if redundant {
			continue
		}
		key := h.Name
		switch name {
		case "accept":
			hasAccept = true
		case "user-agent":
			// net/http writes one User-Agent only, and its own if there is none;
			// a lower-case key passes as it is.
			key = name
		}
		key = spelling(out, list[:i], key)
		out[key] = append(out[key], h.Value)
	}
	if !hasAccept {
		out["accept"] = acceptAll
	}
	out["User-Agent"] = nil // keeps net/http from adding its own
	return out, nil
}

var acceptAll = []string{"*/*"}

// spelling gives the key under which an earlier header of this name stands.
func spelling(out http.Header, earlier []abi.Header, key string) string {
	if _, ok := out[key]; ok {
		return key
	}
	for i := range earlier {
		if name := earlier[i].Name; len(name) == len(key) && strings.EqualFold(name, key) {
			if _, ok := out[name]; ok {
				return name
			}
		}
	}
	return key
}

func checkHeader(h *abi.Header) *Error {
	if !isToken(h.Name) {
		return invalid("http/request header name is invalid: invalid HTTP header name")
	}
	if !isFieldValue(h.Value) {
		return invalid("http/request header value is invalid for " + h.Name + ": failed to parse header value")
	}
	return nil
}

// check refuses a header that belongs to the host; redundant says that it only
// repeats what the host will send. name is in lower case.
func (f *framing) check(name, value string) (redundant bool, err *Error) {
	switch {
	case name == "host":
		if !f.isHost(value) {
			return false, refused(name, "it differs from the URL's host")
		}
		return true, nil
	case name == "content-length":
		if !f.isLength(value) {
			return false, refused(name, "it differs from the body's length")
		}
		return true, nil
	case framingHeaders[name], strings.HasPrefix(name, "proxy-"):
		return false, refused(name, "it belongs to the connection")
	}
	return false, nil
}

func refused(name, why string) *Error {
	return invalid("http/request header `" + name + "` is not allowed: " + why)
}

func (f *framing) isHost(value string) bool {
	for _, t := range f.targets {
		if t.isHTTP() && (strings.EqualFold(value, t.authority()) ||
			strings.EqualFold(value, t.host+":"+strconv.Itoa(int(t.port)))) {
			return true
		}
	}
	return false
}

func (f *framing) isLength(value string) bool {
	for _, n := range f.lengths {
		if value == strconv.Itoa(n) {
			return true
		}
	}
	return false
}

// tokenChars are those of a token (RFC 9110 5.6.2).
var tokenChars = func() (set [256]bool) {
	const chars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"
	for i := range len(chars) {
		set[chars[i]] = true
	}
	return set
}()

func isToken(s string) bool {
	for i := range len(s) {
		if !tokenChars[s[i]] {
			return false
		}
	}
	return s != ""
}

// isFieldValue refuses control characters; a tab may stand within a value (RFC
// 9110 5.5).
func isFieldValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// printable makes a name fit for an error, whatever is in it.
func printable(name string) string {
	if isToken(name) {
		return name
	}
	return "?"
}
