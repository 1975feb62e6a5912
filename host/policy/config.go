// From what an operator wrote to the JSON text that modules get.

package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/sluice-run/sluice/abi"
)

const (
	// MaxConfig is the size of a configuration's text in bytes.
	MaxConfig = 1 << 20
	// MaxConfigDepth is how deep lists and mappings may nest.
	MaxConfigDepth = 32

	// maxConfigJSON bounds the JSON text, which aliases can make larger than the
	// YAML that it comes from.
	maxConfigJSON = abi.MaxMessage
)

// ConfigError says what is wrong with a configuration. It names keys, never
// values.
type ConfigError struct {
	// Line counts from 1; 0 means that the problem has no line.
	Line    int
	Problem string
}

func (e *ConfigError) Error() string {
	if e.Line == 0 {
		return "configuration: " + e.Problem
	}
	return fmt.Sprintf("configuration: line %d: %s", e.Line, e.Problem)
}

func badConfig(line int, format string, args ...any) error {
	return &ConfigError{Line: line, Problem: fmt.Sprintf(format, args...)}
}

// ParseConfig turns a configuration into JSON text with the same order of keys.
// The text is a mapping in YAML or JSON; a text without content gives nil.
//
// Refused with a *ConfigError: a key that stands twice or is not a string, more
// than one document, merge keys, tags beyond the JSON types, numbers that JSON
// or 64 bits cannot hold, and whatever is over the limits. Aliases are written
// out. A plain date is a string.
func ParseConfig(text []byte) ([]byte, error) {
	if len(text) > MaxConfig {
		return nil, badConfig(0, "it is over the limit of %d bytes", MaxConfig)
	}
	if i := invalidUTF8(text); i >= 0 {
		return nil, badConfig(lineAt(text, i), "it is not valid UTF-8")
	}
	// JSON is taken as such: a few JSON texts are no YAML, as those with a key
	// of over 1024 bytes or a character beyond the BMP in two \u escapes.
	if bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) && json.Valid(text) {
		return jsonConfig(text)
	}
	return yamlConfig(text)
}

func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func lineAt(text []byte, offset int) int {
	return 1 + bytes.Count(text[:offset], []byte("\n"))
}
