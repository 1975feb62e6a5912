package auth_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/executor/auth"
)

// Nobody is admitted with a token that the list's digest does not stand for.
func FuzzTokensFile(f *testing.F) {
	f.Add("ci:"+digest("x"), "x")
	f.Add("# c\n\n a :"+digest(""), "")
	f.Add("ci:00\r\n", "t")
	path := filepath.Join(f.TempDir(), "tokens")
	f.Fuzz(func(t *testing.T, list, token string) {
		require.NoError(t, os.WriteFile(path, []byte(list), 0o600))
		tokens, err := auth.TokensFile(path, nil)
		if err != nil {
			return
		}
		caller, err := tokens.Authenticate(token)
		if err == nil {
			require.NotEmpty(t, caller)
			require.Contains(t, lower(list), digest(token))
		}
	})
}

func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'F' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// What does not come from the signer is refused, whatever it looks like.
func FuzzJWT(f *testing.F) {
	path := filepath.Join(f.TempDir(), "secret")
	require.NoError(f, os.WriteFile(path, []byte(secret), 0o600))
	checker, err := auth.NewJWT(auth.JWTOptions{SecretFile: path})
	require.NoError(f, err)
	stranger, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"exp": time.Now().Add(time.Hour).Unix()}).SignedString([]byte("stranger"))
	require.NoError(f, err)
	f.Add(stranger)
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, token string) {
		_, err := checker.Authenticate(token)
		require.Equal(t, auth.ErrInvalidJWT, err)
	})
}
