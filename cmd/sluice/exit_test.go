package main

// Exit codes: scripts rely on them, and on what docs/cli.md says of them.

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/delta"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

func TestExitCode(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"a file", fs.ErrNotExist, exitTrouble},
		{"usage", usage("--x: %w", fs.ErrInvalid), exitUsage},
		{"denied", wire.Errorf(wire.CodeDenied, "no"), exitDenied},
		{"failed", wire.Errorf(wire.CodeInternal, "http/request failed: x"), exitFailed},
		{"a code of another executor", wire.Errorf(-32099, "x"), exitFailed},
		{"method not found", wire.Errorf(wire.CodeMethodNotFound, "x"), exitFailed},
		{"broken stream", &delta.StreamError{}, exitFailed},
		{"disconnected", client.ErrDisconnected, exitDisconnected},
		{"closed", &rpc.CloseError{Code: rpc.CloseAbnormal}, exitDisconnected},
		{"invalid params", wire.Errorf(wire.CodeInvalidParams, "x"), exitInvalid},
		{"invalid request", wire.Errorf(wire.CodeInvalidRequest, "x"), exitInvalid},
		{"overloaded", wire.Errorf(wire.CodeOverloaded, "x"), exitOverloaded},
		{"interrupted", context.Canceled, exitInterrupted},
		// Ctrl-C breaks connections, too; it counts more.
		{"interrupted and closed", errors.Join(&rpc.CloseError{}, context.Canceled), exitInterrupted},
		{"known where it arises", &exitError{exitHTTPError, wire.Errorf(wire.CodeDenied, "x")}, exitHTTPError},
	} {
		require.Equal(t, tt.want, exitCode(tt.err), tt.name)
		require.Equal(t, tt.want, exitCode(fmt.Errorf("while asking: %w", tt.err)), "%s, wrapped", tt.name)
	}
}

var (
	docRow   = regexp.MustCompile("(?m)^\\| (\\d+) \\| (?:`(\\w+)`)? ?\\|")
	helpLine = regexp.MustCompile(`(?m)^    (\d+) `)
)

// The help and docs/cli.md list all codes, and docs/cli.md their words.
func TestExitCodesAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/cli.md")
	require.NoError(t, err)
	listed := make(map[int]string)
	for _, found := range docRow.FindAllStringSubmatch(string(text), -1) {
		code, err := strconv.Atoi(found[1])
		require.NoError(t, err)
		listed[code] = found[2]
	}
	want := make(map[int]string)
	for code, word := range outcomes {
		want[code] = word
	}
	want[exitUsage] = "" // wrong usage prints no object
	require.Equal(t, want, listed)

	var helped []int
	for _, found := range helpLine.FindAllStringSubmatch(exitHelp, -1) {
		code, err := strconv.Atoi(found[1])
		require.NoError(t, err)
		helped = append(helped, code)
	}
	require.Len(t, helped, len(outcomes))
	for _, code := range helped {
		require.Contains(t, outcomes, code)
	}
}
