package auth

// Reading a list of tokens.

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
)

const (
	// MaxTokens is how many tokens one file may list.
	MaxTokens = 4096
	// MaxName bounds the name of a caller, in bytes.
	MaxName = 256
	// maxTokensFile leaves each token a line of comment.
	maxTokensFile = 1 << 20
)

func parseTokens(path string, text []byte) ([]entry, error) {
	var list []entry
	lines := make(map[[sha256.Size]byte]int) // where each digest stands
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		one, err := parseToken(line)
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, number, err)
		}
		if before := lines[one.digest]; before != 0 {
			return nil, fmt.Errorf("%s, line %d: line %d has the same token", path, number, before)
		}
		lines[one.digest] = number
		list = append(list, one)
	}
	if len(list) > MaxTokens {
		return nil, fmt.Errorf("%s lists more than %d tokens", path, MaxTokens)
	}
	return list, nil
}

// parseToken reads NAME:SHA256. What is wrong is never shown: somebody may have
// written the token itself.
func parseToken(line string) (entry, error) {
	name, digest, found := strings.Cut(line, ":")
	if !found {
		return entry{}, errors.New("write NAME:SHA256")
	}
	if !validName(name) {
		return entry{}, fmt.Errorf("a name has 1 to %d letters, digits or characters of -._@/+", MaxName)
	}
	one := entry{name: name}
	var err error
	one.digest, err = parseDigest(strings.TrimSpace(digest))
	return one, err
}

func validName(name string) bool {
	if name == "" || len(name) > MaxName {
		return false
	}
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._@/+", c) >= 0:
		default:
			return false
		}
	}
	return true
}
