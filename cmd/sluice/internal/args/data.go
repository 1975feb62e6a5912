package args

// Request bodies.

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// MaxData is the size of a request's body in bytes: what still fits into one
// message of the protocol in base64.
const MaxData = 47 << 20

// errTooLarge is what a body over MaxData gets.
var errTooLarge = fmt.Errorf("the body is larger than the %d MiB that a request may have", MaxData>>20)

// Form joins form fields with '&'. A field @FILE is the file's content without
// line ends and NUL bytes, @- that of stdin.
func Form(fields []string, stdin io.Reader) ([]byte, error) {
	var body []byte
	for i, field := range fields {
		if i > 0 {
			body = append(body, '&')
		}
		part, isFile, err := content(field, stdin)
		if err != nil {
			return nil, err
		}
		if isFile {
			part = stripLineEnds(part)
		}
		body = append(body, part...)
		if len(body) > MaxData {
			return nil, errTooLarge
		}
	}
	return body, nil
}

// Binary gives a body byte for byte; @FILE and @- are read as in Form.
func Binary(arg string, stdin io.Reader) ([]byte, error) {
	body, _, err := content(arg, stdin)
	return body, err
}

// content resolves @FILE and @-, and says whether it was one of them.
func content(arg string, stdin io.Reader) (data []byte, isFile bool, err error) {
	path, isFile := strings.CutPrefix(arg, "@")
	switch {
	case !isFile && len(arg) > MaxData:
		return nil, false, errTooLarge
	case !isFile:
		return []byte(arg), false, nil
	case path == "":
		return nil, true, errors.New("a file name must follow @, or - for standard input")
	case path == "-":
		data, err = readAll(stdin)
		return data, true, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, true, err
	}
	defer f.Close()
	data, err = readAll(f)
	return data, true, err
}

func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxData+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the body: %w", err)
	case len(data) > MaxData:
		return nil, errTooLarge
	}
	return data, nil
}

// stripLineEnds drops bytes, not runes: a body need not be UTF-8.
func stripLineEnds(data []byte) []byte {
	kept := data[:0]
	for _, b := range data {
		if b != '\r' && b != '\n' && b != 0 {
			kept = append(kept, b)
		}
	}
	return kept
}
