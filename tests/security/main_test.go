package security

// The command under attack: built once, started for each list of attacks.

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/sluice-run/sluice/host/client"
)

// patience is how long a test waits for what takes milliseconds.
const patience = 20 * time.Second

// Paths of what is built once.
var sluice, cacheDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sluice-security-")
	if err == nil {
		sluice, cacheDir = filepath.Join(dir, "sluice"), filepath.Join(dir, "cache")
		var out []byte
		out, err = exec.Command("go", "build", "-buildvcs=false", "-o", sluice, "../../cmd/sluice").CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// target is an executor with an origin that it may reach and a trap that it may
// not.
type target struct {
	url    string // ws://…
	cmd    *exec.Cmd
	stderr syncBuffer
	origin *origin
	trap   *trap
	client *client.Client
}

// permissive is a module that allows everything: what is refused with it, the
// host itself refuses.
const permissive = "../../host/policy/testdata/permissive.wasm"

// start runs sluice serve so that it may reach public addresses and the origin.
func start(t *testing.T, flags ...string) *target {
	t.Helper()
	x := &target{origin: newOrigin(t), trap: newTrap(t)}
	x.cmd = exec.Command(sluice, append([]string{"serve", "--cache-dir", cacheDir, "--log-level", "debug",
		"--allow-net", x.origin.hostPort}, flags...)...)
	x.cmd.Stderr = &x.stderr
	stdout, err := x.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, x.cmd.Start())
	t.Cleanup(func() {
		_ = x.cmd.Process.Kill()
		_ = x.cmd.Wait()
		if t.Failed() {
			t.Logf("end of the log:\n%s", x.stderr.tail())
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, x.stderr.tail())
	x.url = strings.TrimSpace(line)
	x.client = x.dial(t)
	return x
}

func (x *target) dial(t *testing.T) *client.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := client.Dial(ctx, x.url, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// do makes a request on the connection that lasts for the whole test.
func (x *target) do(t *testing.T, r *client.Request) (*client.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	res, err := x.client.Do(ctx, r)
	require.NoError(t, ctx.Err(), "the executor does not answer")
	return res, err
}

// works makes an ordinary request. The trap must be untouched.
func (x *target) works(t *testing.T) {
	t.Helper()
	res, err := x.do(t, &client.Request{Method: "GET", URL: "http://" + x.origin.hostPort + "/fresh"})
	require.NoError(t, err, "an ordinary request after it")
	require.Equal(t, 200, res.Status)
	require.Equal(t, "GET /fresh HTTP/1.1", x.origin.got(t).first)
	x.trap.untouched(t)
}

// fill puts the ports into a text of the data.
func (x *target) fill(s string) string {
	_, self, _ := strings.Cut(strings.TrimPrefix(x.url, "ws://"), ":")
	return strings.NewReplacer("{trap}", x.trap.port, "{origin}", x.origin.port, "{self}", self).Replace(repeated(s))
}

var repetition = regexp.MustCompile(`<([^<>*]+)\*(\d+)>`)

// repeated writes out <text*times>.
func repeated(s string) string {
	return repetition.ReplaceAllStringFunc(s, func(m string) string {
		parts := repetition.FindStringSubmatch(m)
		times, _ := strconv.Atoi(parts[2])
		return strings.Repeat(parts[1], times)
	})
}

// memory is what the process holds, in bytes; 0 where the system does not tell.
func (x *target) memory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", x.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmRSS:" {
			kib, err := strconv.Atoi(fields[1])
			require.NoError(t, err)
			return kib << 10
		}
	}
	return 0
}

// maxGrowth is how much a list of attacks may add to the executor's memory:
// room for the collector, far below what one leak per case would take.
const maxGrowth = 192 << 20

// unharmed says that the executor is the same as before the attacks.
func (x *target) unharmed(t *testing.T, before int) {
	t.Helper()
	x.works(t)
	require.Less(t, x.memory(t)-before, maxGrowth, "the executor has grown")
	require.NotContains(t, x.stderr.tail(), "panic")
	require.NotContains(t, x.stderr.tail(), "goroutine ")
}

// readData reads a list of cases.
func readData(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(data, into))
}

// syncBuffer keeps what a process says.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// tail is the last of it.
func (b *syncBuffer) tail() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := b.buf.Bytes()
	return string(text[max(0, len(text)-8<<10):])
}
