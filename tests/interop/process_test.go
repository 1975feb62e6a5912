//go:build interop

package interop

// The processes under test: how they are started, found and ended.

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience bounds the wait for a process to say something.
const patience = 30 * time.Second

// executable gives the path in an environment variable; without it the test
// fails, since a skipped proof is none.
func executable(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	require.NotEmpty(t, path, "%s is not set; run this with `make interop`", variable)
	_, err := os.Stat(path)
	require.NoError(t, err, variable)
	return path
}

// startReference starts the reference's exec-server and gives its URL.
func startReference(t *testing.T, flags ...string) string {
	t.Helper()
	cmd := exec.Command(executable(t, "SLUICE_REFERENCE"),
		append([]string{"exec-server", "--listen", "ws://127.0.0.1:0"}, flags...)...)
	cmd.Env = append(os.Environ(), "CODEX_HOME="+t.TempDir())
	return startServer(t, cmd)
}

// startSluice starts Sluice's executor and gives its URL.
func startSluice(t *testing.T, flags ...string) string {
	t.Helper()
	cmd := exec.Command(executable(t, "SLUICE_BIN"),
		append([]string{"serve", "--listen", "ws://127.0.0.1:0", "--allow-net", "loopback"}, flags...)...)
	return startServer(t, cmd)
}

// startServer starts an exec-server, whose first line on standard output is
// its URL.
func startServer(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	p := startProcess(t, cmd)
	url := p.waitFor(t, func(line string) bool { return true })
	require.True(t, strings.HasPrefix(url, "ws://127.0.0.1:"), "%s printed %q", cmd.Path, url)
	return url
}

// process is a running child.
type process struct {
	cmd   *exec.Cmd
	lines chan string
	errs  *tail
}

// startProcess starts a command, reads the lines of its standard output and
// ends it with the test.
func startProcess(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, lines: make(chan string, 64), errs: &tail{}}
	cmd.Stderr = p.errs
	// The child gets a process group of its own, so that its children end with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(p.lines)
		in := bufio.NewReader(out)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			p.lines <- strings.TrimRight(line, "\r\n")
		}
	}()
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		for range p.lines {
			// Unread lines must not keep the reader from its end.
		}
		<-done
		cmd.Wait()
		if t.Failed() {
			t.Logf("standard error of %s ends with:\n%s", cmd.Path, p.errs)
		}
	})
	return p
}

// waitFor gives the first line of standard output that is wanted.
func (p *process) waitFor(t *testing.T, wanted func(line string) bool) string {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case line, ok := <-p.lines:
			require.True(t, ok, "%s ended early:\n%s", p.cmd.Path, p.errs)
			if wanted(line) {
				return line
			}
		case <-timeout:
			require.FailNow(t, "waited in vain", "%s\n%s", p.cmd.Path, p.errs)
		}
	}
}

// maxTail is how many bytes of a child's standard error are kept.
const maxTail = 16 << 10

// tail keeps the last bytes written to it.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (w *tail) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf.Write(b)
	w.buf.Next(max(0, w.buf.Len()-maxTail))
	return len(b), nil
}

func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}
