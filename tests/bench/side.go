package main

// The sides: two executors with the same client before them, and net/http.

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/sluice-run/sluice/host/client"
)

// A side makes requests somehow.
type side struct {
	name string
	// executor says that requests go through a process of its own.
	executor bool
	command  func(ctx context.Context) *exec.Cmd
	url      string // of the running executor
	pid      int
}

// A caller makes requests one way; it is one connection to an executor.
type caller interface {
	do(ctx context.Context, method, url string, body []byte) ([]byte, error)
	stream(ctx context.Context, url string) (io.ReadCloser, error)
	close()
}

func startSides(ctx context.Context, sluice, reference string) ([]*side, func(), error) {
	sides := []*side{{name: "Sluice", executor: true, command: func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, sluice, "serve", "--allow-net", "loopback")
	}}}
	if reference != "" {
		for _, limit := range []string{"1", "64"} {
			sides = append(sides, &side{name: "reference, limit " + limit, executor: true, command: func(ctx context.Context) *exec.Cmd {
				return exec.CommandContext(ctx, reference, "exec-server", "--listen", "ws://127.0.0.1:0", "--concurrent-requests", limit)
			}})
		}
	}
	var stops []func()
	stop := func() {
		for _, s := range stops {
			s()
		}
	}
	for _, s := range sides {
		url, pid, end, err := start(ctx, s.command)
		if err != nil {
			stop()
			return nil, nil, fmt.Errorf("%s: %w", s.name, err)
		}
		s.url, s.pid = url, pid
		stops = append(stops, end)
	}
	return append(sides, &side{name: "net/http"}), stop, nil
}

// start runs an executor's command until its URL has been read.
func start(ctx context.Context, command func(context.Context) *exec.Cmd) (url string, pid int, stop func(), err error) {
	home, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return "", 0, nil, err
	}
	cmd := command(ctx)
	cmd.Env = append(os.Environ(), "CODEX_HOME="+home)
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", 0, nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", 0, nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.RemoveAll(home)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", 0, nil, fmt.Errorf("no URL on standard output: %w: %s", err, log.String())
	}
	return strings.TrimSpace(line), cmd.Process.Pid, stop, nil
}

func (s *side) dial(ctx context.Context) (caller, error) {
	if !s.executor {
		dialer := &net.Dialer{Timeout: 10 * time.Second}
		return &direct{&http.Client{Transport: &http.Transport{
			DialContext: dialer.DialContext, MaxIdleConnsPerHost: 1000, DisableCompression: true,
		}}}, nil
	}
	c, err := client.Dial(ctx, s.url, nil)
	if err != nil {
		return nil, err
	}
	return &through{c}, nil
}

// through asks an executor.
type through struct{ client *client.Client }

func (t *through) do(ctx context.Context, method, url string, body []byte) ([]byte, error) {
	res, err := t.client.Do(ctx, &client.Request{Method: method, URL: url, Body: body})
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

func (t *through) stream(ctx context.Context, url string) (io.ReadCloser, error) {
	res, err := t.client.Stream(ctx, &client.Request{Method: http.MethodGet, URL: url})
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

func (t *through) close() { _ = t.client.Close() }

// direct asks the origin itself.
type direct struct{ client *http.Client }

func (d *direct) do(ctx context.Context, method, url string, body []byte) ([]byte, error) {
	res, err := d.send(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}

func (d *direct) stream(ctx context.Context, url string) (io.ReadCloser, error) {
	res, err := d.send(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

func (d *direct) send(ctx context.Context, method, url string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return d.client.Do(req)
}

func (d *direct) close() { d.client.CloseIdleConnections() }
