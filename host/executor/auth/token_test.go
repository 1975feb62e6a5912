package auth_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/executor/auth"
)

// file writes a file whose time differs from that of every other call's.
func file(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "file")
	rewrite(t, path, text, 2*time.Hour)
	return path
}

func rewrite(t *testing.T, path, text string, age time.Duration) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	then := time.Now().Add(-age)
	require.NoError(t, os.Chtimes(path, then, then))
}

func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// authenticator is what an executor wants.
type authenticator interface {
	Authenticate(token string) (string, error)
}

func refused(t *testing.T, a authenticator, want error, tokens ...string) {
	t.Helper()
	for _, token := range tokens {
		caller, err := a.Authenticate(token)
		require.Equal(t, want, err, token)
		require.Empty(t, caller)
	}
}

func admitted(t *testing.T, a authenticator, caller, token string) {
	t.Helper()
	got, err := a.Authenticate(token)
	require.NoError(t, err)
	require.Equal(t, caller, got)
}

func TestTokenFile(t *testing.T) {
	t.Parallel()
	path := file(t, "  s3cret-token \n")
	tokens, err := auth.TokenFile(path, nil)
	require.NoError(t, err)
	admitted(t, tokens, "", "s3cret-token")
	refused(t, tokens, auth.ErrInvalidToken, "", "s3cret-toke", "s3cret-token ", "S3cret-token", digest("s3cret-token"))

	rewrite(t, path, "changed", time.Hour)
	admitted(t, tokens, "", "changed")
	refused(t, tokens, auth.ErrInvalidToken, "s3cret-token")
}

func TestTokenSHA256(t *testing.T) {
	t.Parallel()
	for _, form := range []func(string) string{strings.ToLower, strings.ToUpper} {
		tokens, err := auth.TokenSHA256(form(digest("a token")))
		require.NoError(t, err)
		admitted(t, tokens, "", "a token")
		refused(t, tokens, auth.ErrInvalidToken, "a", digest("a token"))
	}
	for _, bad := range []string{"", "ab", strings.Repeat("g", 64), strings.Repeat("a", 63), strings.Repeat("a", 66)} {
		_, err := auth.TokenSHA256(bad)
		require.EqualError(t, err, "a SHA-256 digest has 64 hex digits")
	}
}

func TestTokensFile(t *testing.T) {
	t.Parallel()
	path := file(t, "# who may come\n\nci:"+digest("one")+"\n  ci: "+digest("two")+"\r\nops@example.com:"+strings.ToUpper(digest("three")))
	var problems []error
	tokens, err := auth.TokensFile(path, func(err error) { problems = append(problems, err) })
	require.NoError(t, err)
	admitted(t, tokens, "ci", "one")
	admitted(t, tokens, "ci", "two")
	admitted(t, tokens, "ops@example.com", "three")
	refused(t, tokens, auth.ErrInvalidToken, "four", "ci", digest("one"))

	rewrite(t, path, "ci:"+digest("two"), time.Hour)
	admitted(t, tokens, "ci", "two")
	refused(t, tokens, auth.ErrInvalidToken, "one", "three")

	rewrite(t, path, "no longer a list", time.Minute)
	admitted(t, tokens, "ci", "two")
	require.Len(t, problems, 1)
	require.EqualError(t, problems[0], path+", line 1: write NAME:SHA256")

	rewrite(t, path, "# nobody\n", time.Second)
	refused(t, tokens, auth.ErrInvalidToken, "two", "")
}

func TestTokensFileRefuses(t *testing.T) {
	t.Parallel()
	good := digest("good")
	for name, c := range map[string]struct{ text, want string }{
		"no colon":        {"# x\ns3cret", "line 2: write NAME:SHA256"},
		"no name":         {":" + good, "line 1: a name has 1 to 256"},
		"name with space": {"a b:" + good, "line 1: a name has"},
		"control":         {"a\x1b[2J:" + good, "line 1: a name has"},
		"long name":       {strings.Repeat("n", 257) + ":" + good, "line 1: a name has"},
		"the token":       {"ci:s3cret", "line 1: a SHA-256 digest has 64 hex digits"},
		"two digests":     {"ci:" + good + ":" + good, "64 hex digits"},
		"twice":           {"ci:" + good + "\nops:" + good, "line 2: line 1 has the same token"},
		"too long":        {strings.Repeat("#\n", 1<<19+1), "more than 1024 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := auth.TokensFile(file(t, c.text), nil)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "s3cret")
		})
	}
}

func TestTooManyTokens(t *testing.T) {
	t.Parallel()
	var list strings.Builder
	for i := range auth.MaxTokens + 1 {
		list.WriteString("x:" + digest(string(rune(i))) + "\n")
	}
	_, err := auth.TokensFile(file(t, list.String()), nil)
	require.ErrorContains(t, err, "more than 4096 tokens")
}

func TestSecretsThatAreNotThere(t *testing.T) {
	t.Parallel()
	absent := filepath.Join(t.TempDir(), "absent")
	for name, open := range map[string]func(string) error{
		"token":  func(path string) error { _, err := auth.TokenFile(path, nil); return err },
		"secret": func(path string) error { _, err := auth.NewJWT(auth.JWTOptions{SecretFile: path}); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorIs(t, open(absent), os.ErrNotExist)
			require.ErrorContains(t, open(file(t, " \n")), "is empty")
			require.ErrorContains(t, open(file(t, strings.Repeat("x", auth.MaxSecret+1))), "more than 16 KiB")
		})
	}
	_, err := auth.TokensFile(absent, nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}
