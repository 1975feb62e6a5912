package args

// Request headers.

import (
	"errors"
	"strings"
)

// Header is one header from the command line.
type Header struct {
	Name  string
	Value string
}

// ParseHeader reads 'name: value'. Blanks around the value do not belong to it.
// What is a valid name or value is for the policy to say. Errors do not show
// the text: it may hold a secret.
func ParseHeader(s string) (Header, error) {
	name, value, found := strings.Cut(s, ":")
	switch {
	case !found:
		return Header{}, errors.New("write a header as 'name: value'")
	case name == "":
		return Header{}, errors.New("the header's name is missing: write 'name: value'")
	}
	return Header{Name: name, Value: strings.Trim(value, " \t")}, nil
}
