//go:build interop

package interop

// The reference's client: `codex app-server` on standard input and output,
// driven by JSON lines.

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// appServer is a running client without login and without a model.
type appServer struct {
	t       *testing.T
	process *process
	in      io.WriteCloser
	nextID  int
}

// startAppServer starts a client whose MCP server `everything` is reached
// through the exec-server at execURL.
func startAppServer(t *testing.T, execURL, mcpURL string) *appServer {
	t.Helper()
	home := t.TempDir()
	write := func(name, format string, args ...any) {
		require.NoError(t, os.WriteFile(filepath.Join(home, name), fmt.Appendf(nil, format, args...), 0o600))
	}
	write("environments.toml", `default = "local"

[[environments]]
id = "exec"
url = %q
`, execURL)
	write("config.toml", `model = "none"
model_provider = "none"

[model_providers.none]
name = "none"
base_url = "http://%s/v1"

[mcp_servers.everything]
url = %q
environment_id = "exec"
`, closedAddr(t), mcpURL)

	cmd := exec.Command(executable(t, "SLUICE_REFERENCE"), "app-server")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "CODEX_HOME="+home)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	a := &appServer{t: t, process: startProcess(t, cmd), in: in}
	a.call("initialize", map[string]any{"clientInfo": map[string]any{"name": "interop", "title": "interop", "version": "1"}})
	a.send(map[string]any{"method": "initialized"})
	return a
}

func (a *appServer) send(message map[string]any) {
	a.t.Helper()
	line, err := json.Marshal(message)
	require.NoError(a.t, err)
	_, err = a.in.Write(append(line, '\n'))
	require.NoError(a.t, err, a.process.errs)
}

// call makes a request and gives its result.
func (a *appServer) call(method string, params map[string]any) json.RawMessage {
	a.t.Helper()
	a.nextID++
	id := fmt.Sprint(a.nextID)
	a.send(map[string]any{"id": a.nextID, "method": method, "params": params})
	m := a.wait(func(m envelope) bool { return string(m.ID) == id && m.Method == "" })
	require.Nil(a.t, m.Error, "%s: %+v", method, m.Error)
	return m.Result
}

// wait gives the first message that is wanted.
func (a *appServer) wait(wanted func(envelope) bool) envelope {
	a.t.Helper()
	var found envelope
	a.process.waitFor(a.t, func(line string) bool {
		var m envelope
		require.NoError(a.t, json.Unmarshal([]byte(line), &m), line)
		if wanted(m) {
			found = m
			return true
		}
		return false
	})
	return found
}
