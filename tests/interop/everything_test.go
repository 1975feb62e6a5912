//go:build interop

package interop

// The MCP server: the real server-everything over streamable HTTP, behind a
// front that counts what reaches it.

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// mcpServer is the running MCP server.
type mcpServer struct {
	origin string // http://127.0.0.1:PORT
	hits   atomic.Int64
}

// startEverything starts the MCP server; its endpoint is /mcp.
func startEverything(t *testing.T) *mcpServer {
	t.Helper()
	addr := closedAddr(t)
	_, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	cmd := exec.Command("node", executable(t, "SLUICE_EVERYTHING"), "streamableHttp")
	cmd.Env = append(os.Environ(), "PORT="+port)
	p := startProcess(t, cmd)
	go func() {
		for range p.lines {
			// What it prints is of no interest, but must not fill the pipe.
		}
	}()
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}, patience, 50*time.Millisecond, "the MCP server does not listen")

	s := &mcpServer{}
	forward := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: addr})
	forward.FlushInterval = -1
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.hits.Add(1)
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		front.CloseClientConnections()
		front.Close()
	})
	s.origin = front.URL
	return s
}
