package egress

// What a redirect does to a request (RFC 9110 15.4), and what it must not do.

import (
	"net/http"
	"strings"

	"github.com/sluice-run/sluice/abi"
)

// harmlessHeaders survive a redirect to another origin; all others may hold
// credentials or speak to one origin only.
var harmlessHeaders = map[string]bool{
	"accept":           true,
	"accept-encoding":  true,
	"accept-language":  true,
	"cache-control":    true,
	"content-encoding": true,
	"content-language": true,
	"content-type":     true,
	"pragma":           true,
	"range":            true,
	"user-agent":       true,
}

// A hop is one request on the way, as the caller would have it: what a policy
// edits on one hop does not carry over to the next.
type hop struct {
	number  int
	from    string // the origin that redirected here
	method  string
	target  target
	headers []abi.Header
	secrets []Secret // of headers that stand in the list
	home    string   // the one origin that gets them
	body    []byte
}

// isRedirect says whether a status leads elsewhere by its Location.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// locationOf finds where a response leads. Servers that disagree with
// themselves are not followed anywhere.
func locationOf(status int, headers []abi.Header) (string, bool, *Error) {
	if !isRedirect(status) {
		return "", false, nil
	}
	location, count, same := header(headers, "location")
	if !same {
		return "", false, failed(ReasonInvalidRedirect, "invalid redirect: it has several different locations", nil)
	}
	return location, count > 0, nil
}

// redirected turns h into the next hop. at is where the request really went,
// which is not h.target if the policy moved it.
func (h *hop) redirected(status int, at *target, location string, insecure bool) *Error {
	next, err := readLocation(location, at)
	if err != nil {
		return err
	}
	if at.scheme == "https" && next.scheme == "http" && !insecure {
		return failed(ReasonInsecureRedirect, "redirect from https to http ("+next.host+") is not allowed", nil)
	}
	if next.origin() != at.origin() {
		h.dropSecrets()
		h.keepHeaders(func(name string) bool { return harmlessHeaders[name] })
	}
	if becomesGet(status, h.method) {
		h.method = http.MethodGet
		h.dropBody()
	} else if status == http.StatusSeeOther {
		h.dropBody()
	}
	h.number++
	h.from = at.origin()
	h.target = next
	return nil
}

// becomesGet follows what the protocol's other servers and browsers do: 301 and
// 302 turn a POST into a GET, 303 everything but HEAD.
func becomesGet(status int, method string) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound:
		return method == http.MethodPost
	case http.StatusSeeOther:
		return method != http.MethodHead
	}
	return false
}

// dropBody drops the body and the headers that describe it.
func (h *hop) dropBody() {
	h.body = nil
	h.keepHeaders(func(name string) bool { return !strings.HasPrefix(name, "content-") })
}

// keepHeaders drops the headers for which keep says no; the caller's own list
// stays as it is.
func (h *hop) keepHeaders(keep func(lowerName string) bool) {
	kept := make([]abi.Header, 0, len(h.headers))
	for _, header := range h.headers {
		if keep(strings.ToLower(header.Name)) {
			kept = append(kept, header)
		}
	}
	h.headers = kept
}

// readLocation reads a Location against the URL that sent it. Unlike a caller's
// URL it must be plain ASCII, with spaces at most: what parsers make of other
// bytes differs.
func readLocation(location string, at *target) (target, *Error) {
	if !isPrintableASCII(location) {
		return target{}, invalidRedirect("the location has characters that a URL cannot have")
	}
	next, problem := parseURL(location, at.url)
	switch {
	case problem == urlCredentials:
		return target{}, invalidRedirect("the location holds credentials")
	case problem != "":
		return target{}, invalidRedirect(problem)
	case !next.isHTTP():
		return target{}, invalidRedirect("the scheme " + next.scheme + " is not http or https")
	}
	return next, nil
}

func invalidRedirect(what string) *Error {
	return failed(ReasonInvalidRedirect, "invalid redirect: "+what, nil)
}

func isPrintableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
