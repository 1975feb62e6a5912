package main

// Commands of the scripts about swapping a policy under a running executor.

import (
	"bytes"
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// eventually CODE COMMAND... runs the command until it has that exit code.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually CODE COMMAND...")
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		code := 0
		var exit *exec.ExitError
		if errors.As(ts.Exec(args[1], args[2:]...), &exit) {
			code = exit.ExitCode()
		}
		if strconv.Itoa(code) == args[0] {
			return
		}
	}
	ts.Fatalf("the exit code never became %s", args[0])
}

// hangup sends the executor SIGHUP.
func hangup(ts *testscript.TestScript, neg bool, args []string) {
	found, ok := running.Load(ts)
	if neg || len(args) > 0 || !ok {
		ts.Fatalf("usage: hangup, while an executor runs")
	}
	ts.Check(found.(*process).cmd.Process.Signal(syscall.SIGHUP))
}

// logged TEXT waits until the executor's log says it.
func logged(ts *testscript.TestScript, neg bool, args []string) {
	found, ok := running.Load(ts)
	if neg || len(args) != 1 || !ok {
		ts.Fatalf("usage: logged TEXT, while an executor runs")
	}
	log := &found.(*process).stderr
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(log.String(), args[0]) {
			return
		}
	}
	ts.Fatalf("the log never said %q:\n%s", args[0], log.String())
}

// lockedBuffer can be looked at while a process writes to it.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func (b *lockedBuffer) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Len()
}
