package executor

// Who may connect over a websocket.

import (
	"errors"
	"net/http"
	"strings"
)

// An Authenticator knows callers by their bearer tokens. The auth package has
// some. It is called concurrently.
type Authenticator interface {
	// Authenticate gives the caller's name, which may be empty. The text of its
	// error is the body of the answer (401): it must not hold a secret.
	Authenticate(token string) (caller string, err error)
}

// What is wrong with an upgrade that carries no token; the texts are those of
// the reference.
var (
	errNoToken     = errors.New("missing websocket bearer token")
	errTokenHeader = errors.New("invalid authorization header")
)

// authenticate gives the name of the caller.
func (e *Executor) authenticate(r *http.Request) (string, error) {
	if e.opts.Auth == nil {
		return "", nil
	}
	token, err := bearer(r.Header)
	if err != nil {
		return "", err
	}
	return e.opts.Auth.Authenticate(token)
}

// bearer takes the token from the Authorization header (RFC 6750, section 2.1).
// Of two headers nobody could say which one counts.
func bearer(h http.Header) (string, error) {
	values := h.Values("Authorization")
	if len(values) == 0 {
		return "", errNoToken
	}
	scheme, rest, _ := strings.Cut(values[0], " ")
	token := strings.Trim(rest, " ")
	if len(values) > 1 || !strings.EqualFold(scheme, "Bearer") || !visible(token) {
		return "", errTokenHeader
	}
	return token, nil
}

// visible is true for a text of visible ASCII and spaces that is not empty.
func visible(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return s != ""
}
