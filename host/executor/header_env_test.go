package executor_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/wire"
)

// Not parallel: it sets variables of the whole process.
func TestHeaderEnv(t *testing.T) {
	t.Setenv("SLUICE_TEST_TOKEN", "s3cret")
	t.Setenv("SLUICE_TEST_EMPTY", "")
	t.Setenv("SLUICE_TEST_LINES", "s3cret\r\nx: y")
	t.Setenv("SLUICE_TEST_OTHER", "s3cret")
	url := origin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-A") == "Bearer s3cret" {
			w.Header().Set("X-Got", "the value")
		}
	})
	var log bytes.Buffer
	var judged []abi.Header
	e := start(t, func(o *executor.Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.HeaderEnv = []string{"SLUICE_TEST_TOKEN", "SLUICE_TEST_EMPTY", "SLUICE_TEST_LINES", "SLUICE_TEST_UNSET"}
		o.Policy = judge{request: func(r *abi.Request, _ *abi.Decision) error {
			judged = r.Headers
			return nil
		}}
	})
	c := talk(t, e)
	require.True(t, c.Environment().HTTPHeaderEnvVars)

	call := func(variable string) wire.HTTPRequest {
		p := get(url)
		p.Headers = []wire.Header{{Name: "x-a", Value: "Bearer ", ValueEnvVar: variable}}
		return p
	}
	res := c.ReadResult(c.Call(call("SLUICE_TEST_TOKEN")))
	require.Contains(t, res.Headers, wire.Header{Name: "x-got", Value: "the value"})
	require.Equal(t, []abi.Header{{Name: "x-a", Value: "Bearer ${SLUICE_TEST_TOKEN}"}}, judged)

	for variable, want := range map[string]string{
		"SLUICE_TEST_UNSET": "http/request header x-a requires executor environment variable SLUICE_TEST_UNSET",
		"SLUICE_TEST_EMPTY": "http/request header x-a requires a non-empty executor environment variable SLUICE_TEST_EMPTY",
		"SLUICE_TEST_LINES": "http/request header value is invalid for x-a: failed to parse header value",
		"SLUICE_TEST_OTHER": "http/request header x-a: environment variable SLUICE_TEST_OTHER is not allowed on this executor",
		"PATH":              "http/request header x-a: environment variable PATH is not allowed on this executor",
		"sluice_test_token": "http/request header x-a: environment variable sluice_test_token is not allowed on this executor",
	} {
		err := c.ReadError(c.Call(call(variable)))
		require.Equal(t, wire.CodeInvalidParams, err.Code, variable)
		require.Equal(t, want, err.Message)
	}

	long := call(strings.Repeat("V", 5000))
	long.Headers[0].Name = strings.Repeat("n", 5000)
	require.Less(t, len(c.ReadError(c.Call(long)).Message), 1200, "a caller's text is not repeated at length")
	require.NotContains(t, log.String(), "s3cret")
}

func TestNoHeaderEnvNoCapability(t *testing.T) {
	t.Parallel()
	require.False(t, talk(t, start(t, nil)).Environment().HTTPHeaderEnvVars)
}
