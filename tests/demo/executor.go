package main

// The executor: the real binary in a process of its own.

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

type executor struct {
	cmd *exec.Cmd
	url string
	dir string
}

// startExecutor returns when the executor has said where it listens. Of all
// addresses that are not public it may reach the origin's only.
func startExecutor(ctx context.Context, sluice, origin string) (*executor, error) {
	dir, err := os.MkdirTemp("", "sluice-demo")
	if err != nil {
		return nil, err
	}
	e := &executor{dir: dir}
	if err := e.start(ctx, sluice, origin); err != nil {
		e.kill()
		return nil, fmt.Errorf("start %s: %w", sluice, err)
	}
	return e, nil
}

func (e *executor) start(ctx context.Context, sluice, origin string) error {
	config := filepath.Join(e.dir, "rules.yaml")
	if err := os.WriteFile(config, []byte(rules), 0o600); err != nil {
		return err
	}
	e.cmd = exec.CommandContext(ctx, sluice, "serve",
		"--policy-config", config, "--allow-net", origin, "--no-cache", "--log-level", "warn")
	e.cmd.Stderr = os.Stderr
	stdout, err := e.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := e.cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	e.url = strings.TrimSpace(line)
	return err
}

func (e *executor) pid() int { return e.cmd.Process.Pid }

// stop ends the executor as an operator does.
func (e *executor) stop() error {
	if err := e.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := e.cmd.Wait(); err != nil {
		return fmt.Errorf("the executor did not end cleanly: %w", err)
	}
	return nil
}

// kill makes sure that nothing is left, however far things went.
func (e *executor) kill() {
	if e.cmd != nil && e.cmd.Process != nil && e.cmd.ProcessState == nil {
		_ = e.cmd.Process.Kill()
		_ = e.cmd.Wait()
	}
	_ = os.RemoveAll(e.dir)
}
