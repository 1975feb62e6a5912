package policy_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/policy"
)

// watching starts a watch and returns the calls of changed.
func watching(t *testing.T, files ...string) <-chan struct{} {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	changes, ended := make(chan struct{}, 100), make(chan error, 1)
	go func() { ended <- policy.Watch(ctx, files, func() { changes <- struct{}{} }) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return changes
}

func requireChange(t *testing.T, changes <-chan struct{}) {
	t.Helper()
	select {
	case <-changes:
	case <-time.After(10 * time.Second):
		t.Fatal("the change was not noticed")
	}
}

// write replaces a file's text, again and again until it is noticed: the watch
// may not have begun.
func writeUntil(t *testing.T, changes <-chan struct{}, change func(i int)) {
	t.Helper()
	for i := range 100 {
		change(i)
		select {
		case <-changes:
			return
		case <-time.After(time.Second):
		}
	}
	t.Fatal("the change was not noticed")
}

func TestWatchNoticesWritesAndRenames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, other := filepath.Join(dir, "p.wasm"), filepath.Join(dir, "other")
	require.NoError(t, os.WriteFile(file, []byte("0"), 0o600))
	changes := watching(t, file)

	writeUntil(t, changes, func(i int) {
		require.NoError(t, os.WriteFile(file, make([]byte, i+2), 0o600))
	})
	require.NoError(t, os.WriteFile(other, []byte("new"), 0o600))
	require.NoError(t, os.Rename(other, file))
	requireChange(t, changes)

	// A file that is gone is no change; one that comes back is.
	require.NoError(t, os.Remove(file))
	require.NoError(t, os.WriteFile(file, []byte("back again"), 0o600))
	requireChange(t, changes)
	require.Empty(t, changes)
}

func TestWatchFollowsTurnedLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	link := filepath.Join(dir, "p.wasm")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "v1"), []byte("one"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "v2"), []byte("two"), 0o600))
	require.NoError(t, os.Symlink("v1", link))
	changes := watching(t, link)
	target := []string{"v2", "v1"}
	writeUntil(t, changes, func(i int) {
		fresh := filepath.Join(dir, "fresh")
		require.NoError(t, os.Symlink(target[i%2], fresh))
		require.NoError(t, os.Rename(fresh, link))
	})
}

func TestWatchOfSeveralFilesInOneFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	require.NoError(t, os.WriteFile(a, []byte("a"), 0o600))
	require.NoError(t, os.WriteFile(b, []byte("b"), 0o600))
	changes := watching(t, a, b)
	writeUntil(t, changes, func(i int) {
		require.NoError(t, os.WriteFile(b, make([]byte, i+2), 0o600))
	})
	require.NoError(t, os.WriteFile(a, []byte("longer"), 0o600))
	requireChange(t, changes)
}

func TestWatchNeedsTheFolder(t *testing.T) {
	t.Parallel()
	err := policy.Watch(context.Background(), []string{filepath.Join(t.TempDir(), "none", "p.wasm")}, func() {})
	require.ErrorContains(t, err, "watch policy files")
}
