package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"maps"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/executor/auth"
)

const secret = "0123456789abcdef0123456789abcdef"

// sign makes a token that is good but for what change does to its claims.
func sign(t *testing.T, method jwt.SigningMethod, key any, change jwt.MapClaims) string {
	t.Helper()
	claims := jwt.MapClaims{"iss": "issuer", "aud": "sluice", "sub": "agent-7", "exp": time.Now().Add(time.Minute).Unix()}
	maps.Copy(claims, change)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	require.NoError(t, err)
	return token
}

func TestJWT(t *testing.T) {
	t.Parallel()
	checker, err := auth.NewJWT(auth.JWTOptions{
		SecretFile: file(t, secret+"\n"), Issuer: "issuer", Audience: "sluice", ClockSkew: auth.DefaultClockSkew,
	})
	require.NoError(t, err)
	from := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	for name, c := range map[string]struct {
		change jwt.MapClaims
		want   error
	}{
		"good":                 {nil, nil},
		"one of the audiences": {jwt.MapClaims{"aud": []string{"x", "sluice"}}, nil},
		"just expired":         {jwt.MapClaims{"exp": from(-20 * time.Second)}, nil},
		"almost valid":         {jwt.MapClaims{"nbf": from(20 * time.Second)}, nil},
		"issued in the future": {jwt.MapClaims{"iat": from(time.Hour)}, nil},
		"expired":              {jwt.MapClaims{"exp": from(-40 * time.Second)}, auth.ErrExpired},
		"long expired":         {jwt.MapClaims{"exp": -5}, auth.ErrExpired},
		"not yet valid":        {jwt.MapClaims{"nbf": from(40 * time.Second)}, auth.ErrNotYetValid},
		"no expiry":            {jwt.MapClaims{"exp": nil}, auth.ErrInvalidJWT},
		"expiry is no time":    {jwt.MapClaims{"exp": "soon"}, auth.ErrInvalidJWT},
		"expiry in quotes":     {jwt.MapClaims{"exp": "4102444800"}, auth.ErrInvalidJWT},
		"expiry in fractions":  {jwt.MapClaims{"exp": 4102444800.5}, auth.ErrInvalidJWT},
		"expiry that wraps":    {jwt.MapClaims{"exp": int64(math.MaxInt64)}, auth.ErrInvalidJWT},
		"begin that wraps":     {jwt.MapClaims{"nbf": int64(math.MaxInt64)}, auth.ErrInvalidJWT},
		"wrong issuer":         {jwt.MapClaims{"iss": "x"}, auth.ErrIssuer},
		"no issuer":            {jwt.MapClaims{"iss": nil}, auth.ErrIssuer},
		"list of issuers":      {jwt.MapClaims{"iss": []string{"issuer"}}, auth.ErrInvalidJWT},
		"wrong audience":       {jwt.MapClaims{"aud": "x"}, auth.ErrAudience},
		"no audience":          {jwt.MapClaims{"aud": nil}, auth.ErrAudience},
		"long subject":         {jwt.MapClaims{"sub": strings.Repeat("x", 257)}, auth.ErrInvalidJWT},
		"subject with control": {jwt.MapClaims{"sub": "a\nb"}, auth.ErrInvalidJWT},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := sign(t, jwt.SigningMethodHS256, []byte(secret), c.change)
			if c.want == nil {
				admitted(t, checker, "agent-7", token)
				return
			}
			refused(t, checker, c.want, token)
		})
	}
}

func TestJWTForgeries(t *testing.T) {
	t.Parallel()
	checker, err := auth.NewJWT(auth.JWTOptions{SecretFile: file(t, secret)})
	require.NoError(t, err)
	good := sign(t, jwt.SigningMethodHS256, []byte(secret), nil)
	admitted(t, checker, "agent-7", good)

	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	critical := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"exp": time.Now().Add(time.Minute).Unix()})
	critical.Header["crit"] = []string{"x"}
	criticalToken, err := critical.SignedString([]byte(secret))
	require.NoError(t, err)
	parts := strings.Split(good, ".")
	header := func(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) }

	for name, token := range map[string]string{
		"empty":             "",
		"no jwt":            "a.b.c",
		"other secret":      sign(t, jwt.SigningMethodHS256, []byte(strings.Repeat("x", 32)), nil),
		"none":              sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"none, spelt NONE":  header(`{"alg":"NONE"}`) + "." + parts[1] + ".",
		"no algorithm":      header(`{"typ":"JWT"}`) + "." + parts[1] + "." + parts[2],
		"RS256":             sign(t, jwt.SigningMethodRS256, key, nil),
		"RS256 in the head": header(`{"alg":"RS256"}`) + "." + parts[1] + "." + parts[2],
		"HS384":             sign(t, jwt.SigningMethodHS384, []byte(secret), nil),
		"HS512":             sign(t, jwt.SigningMethodHS512, []byte(secret), nil),
		"no signature":      parts[0] + "." + parts[1] + ".",
		"two parts":         parts[0] + "." + parts[1],
		"four parts":        good + ".x",
		"other claims":      parts[0] + "." + header(`{"sub":"root","exp":99999999999}`) + "." + parts[2],
		"critical":          criticalToken,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, checker, auth.ErrInvalidJWT, token)
		})
	}
}

func TestJWTWithoutDemands(t *testing.T) {
	t.Parallel()
	path := file(t, secret)
	checker, err := auth.NewJWT(auth.JWTOptions{SecretFile: path})
	require.NoError(t, err)
	admitted(t, checker, "", sign(t, jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"iss": "any", "aud": nil, "sub": nil}))
	refused(t, checker, auth.ErrExpired, sign(t, jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"exp": time.Now().Add(-2 * time.Second).Unix()}))

	other := strings.Repeat("other", 8)
	rewrite(t, path, other, time.Hour)
	admitted(t, checker, "agent-7", sign(t, jwt.SigningMethodHS256, []byte(other), nil))
	refused(t, checker, auth.ErrInvalidJWT, sign(t, jwt.SigningMethodHS256, []byte(secret), nil))
}

func TestShortSecret(t *testing.T) {
	t.Parallel()
	_, err := auth.NewJWT(auth.JWTOptions{SecretFile: file(t, secret[1:]+"\n\n\n")})
	require.ErrorContains(t, err, "at least 32 bytes")
}
