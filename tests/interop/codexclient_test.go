//go:build interop

package interop

// The reference's client on an exec-server: a real MCP server, reached through
// the executor and by nobody else.

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReferenceClient lets the reference's client use an MCP server through
// each exec-server. Against the reference's own it proves the test, against
// Sluice's it proves Sluice.
func TestReferenceClient(t *testing.T) {
	t.Run("on the reference", func(t *testing.T) {
		t.Parallel()
		testReferenceClient(t, startReference(t))
	})
	t.Run("on Sluice", func(t *testing.T) {
		t.Parallel()
		testReferenceClient(t, startSluice(t))
	})
}

func testReferenceClient(t *testing.T, execURL string) {
	mcp := startEverything(t)
	p := startProxy(t, execURL)
	client := startAppServer(t, p.url(), mcp.origin+"/mcp")

	var started struct{ Thread struct{ ID string } }
	require.NoError(t, json.Unmarshal(client.call("thread/start", map[string]any{}), &started))
	status := client.wait(func(m envelope) bool {
		return m.Method == "mcpServer/startupStatus/updated" && !strings.Contains(string(m.Params), `"starting"`)
	})
	require.Contains(t, string(status.Params), `"status":"ready"`)

	var list struct {
		Data []struct {
			Name  string
			Tools map[string]json.RawMessage
		}
	}
	require.NoError(t, json.Unmarshal(client.call("mcpServerStatus/list", map[string]any{}), &list))
	require.Len(t, list.Data, 1)
	require.Contains(t, list.Data[0].Tools, "echo")
	require.Contains(t, list.Data[0].Tools, "get-sum")

	tool := func(name string, arguments map[string]any) string {
		t.Helper()
		return string(client.call("mcpServer/tool/call", map[string]any{
			"threadId": started.Thread.ID, "server": "everything", "tool": name, "arguments": arguments,
		}))
	}
	require.Contains(t, tool("echo", map[string]any{"message": "through the sluice"}), "Echo: through the sluice")
	require.Contains(t, tool("get-sum", map[string]any{"a": 20, "b": 22}), "42")
	require.Contains(t, tool("get-tiny-image", map[string]any{}), `"mimeType":"image/png"`)
	// Progress arrives as server-sent events while the tool runs.
	require.Contains(t, tool("trigger-long-running-operation", map[string]any{"duration": 1, "steps": 4}), "completed")

	// Each request that reached the MCP server was asked for over the proxy:
	// the client has no way round the executor.
	assert.Equal(t, "codex-environment", clientName(t, p))
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		asked := 0
		for _, params := range p.calls("http/request") {
			var r struct{ URL string }
			if json.Unmarshal(params, &r) == nil && strings.HasPrefix(r.URL, mcp.origin+"/") {
				asked++
			}
		}
		assert.Positive(t, asked)
		assert.EqualValues(t, asked, mcp.hits.Load(), "requests that reached the MCP server, and those that went through the executor")
	}, 5*time.Second, 100*time.Millisecond)
}

// clientName gives the name by which the client introduced itself.
func clientName(t *testing.T, p *proxy) string {
	t.Helper()
	calls := p.calls("initialize")
	require.Len(t, calls, 1)
	var params struct{ ClientName string }
	require.NoError(t, json.Unmarshal(calls[0], &params))
	return params.ClientName
}
