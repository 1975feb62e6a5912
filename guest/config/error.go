package config

import "strconv"

// Error is what is wrong at one place of a configuration.
type Error struct {
	// Path leads to the place, as in "rules[2].hosts[0]"; empty at the top.
	Path string
	// Problem says what is wrong there.
	Problem string
}

func (e *Error) Error() string {
	if e.Path == "" {
		return "configuration: " + e.Problem
	}
	return e.Path + ": " + e.Problem
}

// Problem makes an error about the value that is read now or was read last.
func (r *Reader) Problem(text string) error {
	return &Error{Path: r.where(), Problem: text}
}

// Unknown makes the error about a member whose name means nothing.
func (r *Reader) Unknown() error { return r.Problem("unknown key") }

func (r *Reader) where() string {
	path := ""
	for _, s := range r.path {
		switch {
		case s.index >= 0:
			path += "[" + strconv.Itoa(s.index) + "]"
		case path == "":
			path = s.key
		default:
			path += "." + s.key
		}
	}
	return path
}

func (r *Reader) want(what string) error {
	if k := r.Kind(); k != Nothing {
		return r.Problem("want " + what + ", got " + k.String())
	}
	return r.malformed()
}

func (r *Reader) malformed() error {
	if r.pos >= len(r.text) {
		return r.Problem("not JSON: the text ends too early")
	}
	return r.Problem("not JSON: unexpected character at byte " + strconv.Itoa(r.pos))
}
