package tests

// Policies written in Go, built for these tests as their authors build them.

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/policy"
)

// buildPolicy compiles a main package of this module, named from this folder.
func buildPolicy(t *testing.T, name, pkg string, flags ...string) policy.Source {
	t.Helper()
	file := filepath.Join(t.TempDir(), name+".wasm")
	args := append([]string{"build", "-buildmode=c-shared", "-buildvcs=false", "-ldflags=-s -w", "-o", file}, flags...)
	cmd := exec.Command("go", append(args, pkg)...)
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	src, err := policy.Open(file)
	require.NoError(t, err)
	return src
}

// buildText is buildPolicy for a program that stands in no file. It becomes part
// of this module for the compiler only, so that it can import the SDK.
func buildText(t *testing.T, name, program string) policy.Source {
	t.Helper()
	dir := t.TempDir()
	real, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(real, []byte(program), 0o600))
	pkg := filepath.Join("testdata", "overlay", name)
	seen, err := filepath.Abs(filepath.Join(pkg, "main.go"))
	require.NoError(t, err)
	text, err := json.Marshal(map[string]map[string]string{"Replace": {seen: real}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	return buildPolicy(t, name, "./"+filepath.ToSlash(pkg), "-overlay="+overlay)
}
