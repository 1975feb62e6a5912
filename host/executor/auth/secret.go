package auth

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// MaxSecret bounds a token or secret in a file, in bytes.
const MaxSecret = 16 << 10

// ReadSecret reads a file that holds one secret, white space around it aside.
func ReadSecret(path string) ([]byte, error) {
	text, err := readBounded(path, MaxSecret)
	if err != nil {
		return nil, err
	}
	secret := bytes.TrimSpace(text)
	if len(secret) == 0 {
		return nil, fmt.Errorf("%s is empty: a token or secret must be in it", path)
	}
	return secret, nil
}

func readBounded(path string, most int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err != nil {
		return nil, err
	}
	if len(text) > most {
		return nil, fmt.Errorf("%s holds more than %d KiB", path, most>>10)
	}
	return text, nil
}
