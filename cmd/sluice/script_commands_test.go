package main

// Commands of the scripts beyond testscript's own.

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long a script waits for what takes milliseconds.
const patience = 30 * time.Second

// exits CODE COMMAND... runs the command and wants that very exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	checkCode(ts, ts.Exec(args[1], args[2:]...), args[0])
}

func checkCode(ts *testscript.TestScript, err error, want string) {
	code := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != want {
		ts.Fatalf("exit code is %d, not %s", code, want)
	}
}

// process is a sluice in the background.
type process struct {
	cmd    *exec.Cmd
	stdout *bufio.Reader
	stderr lockedBuffer
}

func start(ts *testscript.TestScript, args ...string) *process {
	path, err := exec.LookPath("sluice")
	ts.Check(err)
	p := &process{cmd: exec.Command(path, args...)}
	p.cmd.Dir = ts.MkAbs(".")
	p.cmd.Env = append(os.Environ(), "SLUICE_CACHE_DIR="+ts.Getenv("SLUICE_CACHE_DIR"))
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	ts.Check(err)
	p.stdout = bufio.NewReader(stdout)
	ts.Check(p.cmd.Start())
	timer := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	ts.Defer(func() {
		timer.Stop()
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
	return p
}

// end waits for the process, whose standard output must hold nothing more.
func (p *process) end(ts *testscript.TestScript, code string) {
	rest, _ := p.stdout.ReadString(0)
	err := p.cmd.Wait()
	ts.Logf("[stderr]\n%s", p.stderr.String())
	if rest != "" {
		ts.Fatalf("standard output holds more than it should: %q", rest)
	}
	checkCode(ts, err, code)
}

// running has the executor of each script, by its *testscript.TestScript.
var running sync.Map

// executor FLAGS... starts sluice serve and puts its URL into $EXECUTOR, and that
// of its port for HTTP into $EXECUTOR_HTTP.
func startExecutor(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! executor")
	}
	p := start(ts, append([]string{"serve"}, args...)...)
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		ts.Fatalf("no URL: %v\n%s", err, p.stderr.String())
	}
	url := strings.TrimSuffix(line, "\n")
	ts.Setenv("EXECUTOR", url)
	ts.Setenv("EXECUTOR_HTTP", "http"+strings.TrimPrefix(url, "ws"))
	running.Store(ts, p)
}

// shutdown ends the executor as an operator does and wants exit code 0; arguments
// must stand in its log.
func stopExecutor(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! shutdown")
	}
	found, ok := running.LoadAndDelete(ts)
	if !ok {
		ts.Fatalf("no executor runs")
	}
	p := found.(*process)
	ts.Check(p.cmd.Process.Signal(os.Interrupt))
	p.end(ts, "0")
	for _, text := range args {
		if !strings.Contains(p.stderr.String(), text) {
			ts.Fatalf("the log does not say %q", text)
		}
	}
}

// interrupt ARGS... runs sluice, sends it Ctrl-C once its request for /hang is
// at the origin, and wants exit code 130 and no word.
func (o *origin) interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! interrupt")
	}
	p := start(ts, args...)
	select {
	case <-o.hanging:
	case <-time.After(patience):
		ts.Fatalf("the request does not reach the origin: %s", p.stderr.String())
	}
	ts.Check(p.cmd.Process.Signal(os.Interrupt))
	p.end(ts, strconv.Itoa(exitInterrupted))
	if p.stderr.Len() > 0 {
		ts.Fatalf("standard error: %s", p.stderr.String())
	}
}
