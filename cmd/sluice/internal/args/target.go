package args

// Where an executor is reached.

import (
	"errors"
	"net/url"
)

// CheckExecutorURL says what is wrong with an executor's URL. Errors do not show
// it: it may hold a secret.
func CheckExecutorURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return errors.New("it is not a URL: write ws://HOST:PORT")
	case u.Scheme != "ws" && u.Scheme != "wss":
		return errors.New("the scheme must be ws or wss: write ws://HOST:PORT")
	case u.Hostname() == "":
		return errors.New("the host is missing: write ws://HOST:PORT")
	case u.User != nil:
		return errors.New("a URL cannot carry a name or a password here")
	case u.Fragment != "":
		return errors.New("a fragment has no meaning here")
	}
	return nil
}
