package policy_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/policy"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, size int) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, make([]byte, size), 0o600))
		return path
	}
	src, err := policy.Open(write("hosts.v2.wasm", policy.MaxModule))
	require.NoError(t, err)
	require.Equal(t, "hosts.v2", src.Name)
	require.Len(t, src.Wasm, policy.MaxModule)
	require.Nil(t, src.Config)

	for path, text := range map[string]string{
		write("large.wasm", policy.MaxModule+1): "large.wasm: it is over the limit of 8388608 bytes",
		write("empty.wasm", 0):                  "empty.wasm: it is empty",
		dir:                                     "it is not a regular file",
		os.DevNull:                              "it is not a regular file",
	} {
		_, err := policy.Open(path)
		require.ErrorContains(t, err, text)
		require.ErrorContains(t, err, "open policy: ")
	}
	_, err = policy.Open(filepath.Join(dir, "none.wasm"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func FuzzOpen(f *testing.F) {
	f.Add("policy.wasm", []byte("\x00asm"))
	f.Add(".wasm", []byte{})
	f.Add("no extension", []byte{1})
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		path := filepath.Join(t.TempDir(), filepath.Base(filepath.Clean("/"+name)))
		if os.WriteFile(path, content, 0o600) != nil {
			t.Skip("no such name here")
		}
		src, err := policy.Open(path)
		if len(content) == 0 {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.Equal(t, content, src.Wasm)
	})
}
