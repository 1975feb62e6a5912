// Configurations in JSON.

package policy

import (
	"bytes"
	"encoding/json"
	"io"
)

// jsonConfig checks what json.Valid has not: depth and repeated keys.
func jsonConfig(text []byte) ([]byte, error) {
	// An object keeps its keys and whether a key is what comes next; a list has
	// no keys.
	type level struct {
		keys    map[string]int
		wantKey bool
	}
	var levels []level
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	line, counted := 1, 0
	for {
		token, err := dec.Token()
		if err == io.EOF {
			break
		}
		offset := int(dec.InputOffset())
		line += bytes.Count(text[counted:offset], []byte("\n"))
		counted = offset
		if err != nil {
			return nil, badConfig(line, "it is not JSON")
		}
		if delim, ok := token.(json.Delim); ok && (delim == '}' || delim == ']') {
			levels = levels[:len(levels)-1]
			continue
		}
		if len(levels) > 0 {
			top := &levels[len(levels)-1]
			if key, ok := token.(string); ok && top.wantKey {
				if first, twice := top.keys[key]; twice {
					return nil, badConfig(line, "the key %s stands twice, first in line %d", quote(key), first)
				}
				top.keys[key] = line
				top.wantKey = false
				continue
			}
			top.wantKey = top.keys != nil
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, level{keys: map[string]int{}, wantKey: true})
		case json.Delim('['):
			levels = append(levels, level{})
		}
		if len(levels) > MaxConfigDepth {
			return nil, badConfig(line, "it nests deeper than %d levels", MaxConfigDepth)
		}
	}
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		return nil, badConfig(0, "it is not JSON")
	}
	return out.Bytes(), nil
}
