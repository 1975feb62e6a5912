package egress

// The one reading of a URL: what the policy sees is what is dialled.

import (
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	whatwgerrors "github.com/nlnwa/whatwg-url/errors"
	whatwg "github.com/nlnwa/whatwg-url/url"
)

// A target is a URL as it was read. Its parts are cut from the canonical URL
// and nothing later parses again.
type target struct {
	url    string // canonical, without a fragment
	scheme string
	host   string // an IPv6 address stands in brackets
	port   uint16 // the effective one, 0 if there is none
	path   string
	query  string // without '?'
	uri    string // path, and '?' with the query if there is a '?'
}

// origin is scheme, host and port, the port only if it is not the scheme's own.
func (t *target) origin() string { return t.url[:len(t.url)-len(t.uri)] }

// authority is the Host header's text.
func (t *target) authority() string { return t.origin()[len(t.scheme)+len("://"):] }

func (t *target) isHTTP() bool { return t.scheme == "http" || t.scheme == "https" }

// Bounds on what the parser gets; see tooHard.
const (
	maxHost      = 254     // the longest DNS name, with a dot at its end
	maxAuthority = 1 << 10 // four times that, for escapes
	maxSegments  = 1 << 11
)

// Texts of URL errors. They follow the words of the protocol's other servers.
const (
	urlPrefix      = "http/request url is invalid: "
	urlCredentials = "credentials in the URL are not allowed, send an authorization header"
)

// readURL reads a caller's URL.
func readURL(raw string) (target, *Error) {
	if t, ok := readPlainURL(raw); ok {
		return t, nil
	}
	t, problem := parseURL(raw, "")
	if problem != "" {
		return target{}, invalid(urlPrefix + problem)
	}
	return t, nil
}

// parseURL reads raw, which may be relative if there is a base. problem is
// empty if all is well.
func parseURL(raw, base string) (t target, problem string) {
	switch {
	case len(raw) > MaxURL:
		return t, "URL is too long"
	case !utf8.ValidString(raw):
		return t, "invalid UTF-8"
	case tooHard(raw):
		return t, "host or path is too long"
	case hasStrayBracket(raw):
		return t, "invalid IPv6 address"
	}
	var u *whatwg.Url
	var err error
	if base == "" {
		u, err = whatwg.Parse(raw)
	} else {
		u, err = whatwg.ParseRef(base, raw)
	}
	if err != nil {
		return t, urlProblem(err)
	}
	return newTarget(u)
}

func newTarget(u *whatwg.Url) (t target, problem string) {
	t = target{
		url:    u.Href(true),
		scheme: u.Scheme(),
		host:   u.Hostname(),
		port:   uint16(u.DecodedPort()),
		path:   u.Pathname(),
		query:  u.Query(),
	}
	switch {
	case u.Username() != "" || u.Password() != "":
		return target{}, urlCredentials
	case len(t.url) > MaxURL:
		return target{}, "URL is too long"
	case !t.isHTTP():
		return t, ""
	case t.host == "":
		return target{}, "empty host"
	case u.Port() == "0": // the parser takes it for the default port
		return target{}, "invalid port number"
	case len(t.host) > maxHost:
		return target{}, "host or path is too long"
	case !isSendableHost(t.host):
		return target{}, "invalid domain character"
	}
	t.uri = t.url[len(t.scheme)+len("://")+len(u.Host()):]
	return t, ""
}

// isSendableHost keeps to what a Host header may hold (RFC 3986 3.2.2); the
// parser lets a few more characters through.
func isSendableHost(host string) bool {
	if host[0] == '[' {
		return true
	}
	for i := range len(host) {
		if c := host[i]; !plainChars[c] && c != '\'' || strings.IndexByte("%:@/", c) >= 0 {
			return false
		}
	}
	return true
}

// sendable gives the URL in net/http's form, which writes uri as it stands.
// net/url knows one path that it cannot write so: two slashes in front and then
// characters that it would escape.
func (t *target) sendable() (*url.URL, *Error) {
	u := &url.URL{Scheme: t.scheme, Host: t.authority(), Opaque: t.uri}
	if strings.HasPrefix(t.uri, "//") {
		path, err := url.PathUnescape(t.path)
		if err != nil {
			return nil, unsendable()
		}
		u.Opaque, u.Path, u.RawPath, u.RawQuery = "", path, t.path, t.query
		u.ForceQuery = strings.HasSuffix(t.uri, "?")
	}
	if u.RequestURI() != t.uri {
		return nil, unsendable()
	}
	return u, nil
}

func unsendable() *Error {
	return invalid(urlPrefix + "a path that starts with two slashes cannot have these characters")
}

// tooHard refuses what only hostile URLs have: the parser's time grows with the
// square of the authority and of the number of segments.
func tooHard(raw string) bool {
	if i := strings.IndexAny(raw, "?#"); i >= 0 {
		raw = raw[:i]
	}
	if strings.Count(raw, "/")+strings.Count(raw, "\\") > maxSegments {
		return true
	}
	return len(authorityOf(raw)) > maxAuthority
}

// hasStrayBracket finds brackets beyond the one pair around an IPv6 address,
// which the parser strips without a word.
func hasStrayBracket(raw string) bool {
	if i := strings.IndexAny(raw, "?#"); i >= 0 {
		raw = raw[:i]
	}
	authority := authorityOf(raw)
	return strings.Count(authority, "[") > 1 || strings.Count(authority, "]") > 1
}

// authorityOf gives what the parser could take for the authority, or more.
func authorityOf(raw string) string {
	rest := raw
	if i := strings.IndexByte(raw, ':'); i >= 0 && !strings.ContainsAny(raw[:i], "/\\@[") {
		rest = raw[i+1:]
	}
	inner := strings.TrimLeft(rest, "/\\\t\r\n")
	if len(rest)-len(inner) < 2 && len(rest) == len(raw) {
		return "" // a relative path
	}
	if i := strings.IndexAny(inner, "/\\"); i >= 0 {
		inner = inner[:i]
	}
	return inner
}

// urlProblem puts the parser's error into the protocol's words. The error's
// own text holds the whole URL and must not get out.
func urlProblem(err error) string {
	var v *whatwgerrors.ValidationError
	if !errors.As(err, &v) {
		return "invalid URL"
	}
	switch v.Type() {
	case whatwgerrors.MissingSchemeNonRelativeURL:
		return "relative URL without a base"
	case whatwgerrors.HostMissing, whatwgerrors.InvalidCredentials:
		return "empty host" // the latter is how the parser calls "user@" without a host
	case whatwgerrors.PortInvalid, whatwgerrors.PortOutOfRange:
		return "invalid port number"
	case whatwgerrors.DomainToASCII, whatwgerrors.DomainInvalidCodePoint:
		return "invalid international domain name"
	case whatwgerrors.HostInvalidCodePoint:
		return "invalid domain character"
	case whatwgerrors.IPv4EmptyPart, whatwgerrors.IPv4TooManyParts,
		whatwgerrors.IPv4NonNumericPart, whatwgerrors.IPv4OutOfRangePart:
		return "invalid IPv4 address"
	case whatwgerrors.IPv6Unclosed, whatwgerrors.IPv6InvalidCompression,
		whatwgerrors.IPv6TooManyPieces, whatwgerrors.IPv6MultipleCompression,
		whatwgerrors.IPv6InvalidCodePoint, whatwgerrors.IPv6TooFewPieces,
		whatwgerrors.IPv4InIPv6TooManyPieces, whatwgerrors.IPv4InIPv6InvalidCodePoint,
		whatwgerrors.IPv4InIPv6OutOfRangePart, whatwgerrors.IPv4InIPv6TooFewParts:
		return "invalid IPv6 address"
	}
	return "invalid URL"
}
