package reload

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestValueFollowsItsFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f")
	write := func(text string, age time.Duration) {
		t.Helper()
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		then := time.Now().Add(-age)
		require.NoError(t, os.Chtimes(path, then, then))
	}
	reads := 0
	read := func() (string, error) {
		reads++
		text, err := os.ReadFile(path)
		if string(text) == "broken" {
			err = errors.New("broken")
		}
		return string(text), err
	}
	var problems []string
	write("one", 5*time.Hour)
	v, err := New(read, func(err error) { problems = append(problems, err.Error()) }, path)
	require.NoError(t, err)
	require.Equal(t, "one", v.Get())
	require.Equal(t, 1, reads, "nothing has changed")

	write("two", 4*time.Hour)
	require.Equal(t, "two", v.Get())

	write("broken", 3*time.Hour)
	require.Equal(t, "two", v.Get(), "the last that could be read")
	require.Equal(t, "two", v.Get())
	require.Equal(t, []string{"broken"}, problems, "said once")

	require.NoError(t, os.Remove(path))
	require.Equal(t, "two", v.Get())
	require.Equal(t, "two", v.Get())
	require.Len(t, problems, 2)

	write("six", 2*time.Hour)
	require.Equal(t, "six", v.Get())

	// Another file of the same size and time in its place.
	info, err := os.Stat(path)
	require.NoError(t, err)
	other := path + ".new"
	require.NoError(t, os.WriteFile(other, []byte("ten"), 0o600))
	require.NoError(t, os.Chtimes(other, info.ModTime(), info.ModTime()))
	require.NoError(t, os.Rename(other, path))
	require.Equal(t, "ten", v.Get())
	require.Len(t, problems, 2)
}

func TestNewNeedsTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "absent")
	_, err := New(func() ([]byte, error) { return os.ReadFile(path) }, nil, path)
	require.ErrorIs(t, err, os.ErrNotExist)
}
