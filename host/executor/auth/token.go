package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"

	"github.com/sluice-run/sluice/host/executor/internal/reload"
)

// Tokens are the capability tokens that may connect. Only their SHA-256 is kept.
type Tokens struct{ list func() []entry }

// entry is one token.
type entry struct {
	name   string
	digest [sha256.Size]byte
}

// TokenFile takes the one token that is in a file, white space around it aside.
// Its caller has no name.
func TokenFile(path string, problem func(error)) (*Tokens, error) {
	return followed(path, problem, func() ([]entry, error) {
		token, err := ReadSecret(path)
		if err != nil {
			return nil, err
		}
		return []entry{{digest: sha256.Sum256(token)}}, nil
	})
}

// TokenSHA256 takes the one token whose SHA-256 is digest, in hex. Its caller
// has no name.
func TokenSHA256(digest string) (*Tokens, error) {
	one := entry{}
	var err error
	if one.digest, err = parseDigest(digest); err != nil {
		return nil, err
	}
	list := []entry{one}
	return &Tokens{func() []entry { return list }}, nil
}

// TokensFile takes the tokens that a file lists, one NAME:SHA256 per line. The
// name is the caller's; several tokens may have the same. Empty lines and those
// that begin with # do not count. A list without a token admits nobody.
func TokensFile(path string, problem func(error)) (*Tokens, error) {
	return followed(path, problem, func() ([]entry, error) {
		text, err := readBounded(path, maxTokensFile)
		if err != nil {
			return nil, err
		}
		return parseTokens(path, text)
	})
}

func followed(path string, problem func(error), read func() ([]entry, error)) (*Tokens, error) {
	file, err := reload.New(read, problem, path)
	if err != nil {
		return nil, err
	}
	return &Tokens{file.Get}, nil
}

// Authenticate gives the name of the token's caller. It takes as long for a
// token that is almost right as for any other: what is compared are digests, in
// constant time, and all of them.
func (t *Tokens) Authenticate(token string) (caller string, err error) {
	digest := sha256.Sum256([]byte(token))
	found := false
	for _, one := range t.list() {
		if subtle.ConstantTimeCompare(digest[:], one.digest[:]) == 1 {
			caller, found = one.name, true
		}
	}
	if !found {
		return "", ErrInvalidToken
	}
	return caller, nil
}

var errDigest = errors.New("a SHA-256 digest has 64 hex digits")

func parseDigest(text string) (digest [sha256.Size]byte, err error) {
	if len(text) != hex.EncodedLen(sha256.Size) {
		return digest, errDigest
	}
	if _, err := hex.Decode(digest[:], []byte(text)); err != nil {
		return digest, errDigest // the decoder's own would show a digit
	}
	return digest, nil
}
