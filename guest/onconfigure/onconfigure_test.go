package onconfigure

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConfigure(t *testing.T) {
	t.Parallel()
	refuse := func(text string) Handler {
		return func(string) error { return errors.New(text) }
	}
	require.Empty(t, configure(func(json string) error {
		require.Equal(t, "{}", json)
		return nil
	}, "{}"))
	require.Equal(t, "hosts: unknown key", configure(refuse("hosts: unknown key"), ""))
	require.NotEmpty(t, configure(refuse(""), ""), "an empty sentence would mean accepted")
	require.Panics(t, func() { configure(nil, "") }, "no handler")
}

func TestHandleOnce(t *testing.T) {
	t.Cleanup(func() { registered = nil })
	Handle(func(string) error { return nil })
	require.NotNil(t, registered)
	require.Panics(t, func() { Handle(registered) })
}
