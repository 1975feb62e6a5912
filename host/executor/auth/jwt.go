package auth

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"

	"github.com/sluice-run/sluice/host/executor/internal/reload"
)

const (
	// MinSecret is the least length of the secret of signed tokens, in bytes:
	// that of the digest (RFC 7518, section 3.2).
	MinSecret = 32
	// DefaultClockSkew is what JWTOptions.ClockSkew usually is.
	DefaultClockSkew = 30 * time.Second
)

// JWTOptions say which signed tokens may connect.
type JWTOptions struct {
	// SecretFile holds the secret that tokens are signed with, white space
	// around it aside.
	SecretFile string
	// Issuer is what iss must be; empty is anything.
	Issuer string
	// Audience is what aud must be or contain; empty is anything.
	Audience string
	// ClockSkew is how far the signer's clock may be from this machine's.
	ClockSkew time.Duration
	// Problem hears why a changed secret could not be read; nil hears nothing.
	Problem func(error)
}

// JWT checks signed tokens: HS256 and no other algorithm, with exp. The caller's
// name is the token's sub.
type JWT struct {
	opts   JWTOptions
	secret *reload.Value[[]byte]
	parser *jwt.Parser
}

// NewJWT reads the secret.
func NewJWT(o JWTOptions) (*JWT, error) {
	secret, err := reload.New(func() ([]byte, error) { return signingSecret(o.SecretFile) }, o.Problem, o.SecretFile)
	if err != nil {
		return nil, err
	}
	return &JWT{
		opts:   o,
		secret: secret,
		// The claims are checked below, in the reference's order and words.
		parser: jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithoutClaimsValidation()),
	}, nil
}

func signingSecret(path string) ([]byte, error) {
	secret, err := ReadSecret(path)
	if err != nil {
		return nil, err
	}
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("%s: the secret of signed tokens must have at least %d bytes", path, MinSecret)
	}
	return secret, nil
}

// Authenticate gives the token's sub, which may be empty.
func (j *JWT) Authenticate(token string) (caller string, err error) {
	var claims claims
	parsed, err := j.parser.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return j.secret.Get(), nil })
	if err != nil {
		return "", ErrInvalidJWT
	}
	// Extensions that must be understood, of which none is (RFC 7515, 4.1.11).
	if _, critical := parsed.Header["crit"]; critical {
		return "", ErrInvalidJWT
	}
	if err := j.check(&claims, time.Now()); err != nil {
		return "", err
	}
	return claims.Subject, nil
}

// claims are the registered ones (RFC 7519, 4.1) with times in whole seconds, as
// the reference wants them: the library would take fractions and text as well.
type claims struct {
	jwt.RegisteredClaims
	ExpiresAt *int64 `json:"exp"`
	NotBefore *int64 `json:"nbf"`
}

func (j *JWT) check(c *claims, now time.Time) error {
	switch {
	case c.ExpiresAt == nil || !validTime(*c.ExpiresAt) || c.NotBefore != nil && !validTime(*c.NotBefore) || !validSubject(c.Subject):
		return ErrInvalidJWT
	case !now.Before(time.Unix(*c.ExpiresAt, 0).Add(j.opts.ClockSkew)):
		return ErrExpired
	case c.NotBefore != nil && now.Before(time.Unix(*c.NotBefore, 0).Add(-j.opts.ClockSkew)):
		return ErrNotYetValid
	case j.opts.Issuer != "" && c.Issuer != j.opts.Issuer:
		return ErrIssuer
	case j.opts.Audience != "" && !slices.Contains(c.Audience, j.opts.Audience):
		return ErrAudience
	}
	return nil
}

// validTime keeps to seconds since 1970 that do not wrap when they are counted
// with: a little over 30 000 years.
func validTime(seconds int64) bool { return seconds > -1<<40 && seconds < 1<<40 }

// validSubject keeps names to what a log line and a policy can take.
func validSubject(sub string) bool {
	return len(sub) <= MaxName && utf8.ValidString(sub) && !strings.ContainsFunc(sub, unicode.IsControl)
}
