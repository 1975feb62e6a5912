//go:build unix

package sandbox_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/sandbox"
)

func cached(dir string) func(*sandbox.Options) {
	return func(o *sandbox.Options) { o.CacheDir = dir }
}

// entries are the files below a folder.
func entries(t *testing.T, dir string) (files []string) {
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	}))
	return files
}

func TestCache(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "cache")
	wasm := guestWith(echo)
	requireWorks(t, load(t, wasm, cached(dir)))
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o700), info.Mode().Perm())
	files := entries(t, dir)
	require.Len(t, files, 1)
	requireWorks(t, load(t, wasm, cached(dir)))
	require.Equal(t, files, entries(t, dir))

	// A damaged entry is no reason to fail.
	require.NoError(t, os.WriteFile(files[0], []byte("junk"), 0o600))
	requireWorks(t, load(t, wasm, cached(dir)))
}

func TestCacheRefusesFoldersOfOthers(t *testing.T) {
	t.Parallel()
	open := func(dir string) error {
		_, err := tryLoad(guestWith(echo), nil, cached(dir))
		require.NotErrorIs(t, err, sandbox.Invalid, "it is not the module's fault")
		return err
	}
	for _, mode := range []fs.FileMode{0o770, 0o702, 0o777} {
		dir := t.TempDir()
		require.NoError(t, os.Chmod(dir, mode))
		require.ErrorContains(t, open(dir), "others may write to it")
		require.Empty(t, entries(t, dir))
	}
	if os.Geteuid() == 0 {
		dir := t.TempDir()
		require.NoError(t, os.Chown(dir, 12345, 12345))
		require.ErrorContains(t, open(dir), "belongs to another user")
	}
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.Error(t, open(file))
}
