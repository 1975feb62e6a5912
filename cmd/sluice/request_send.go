package main

// Finding an executor, asking it, and giving both sorts of answer one form.

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/rpc"
)

// connectTimeout bounds reaching an executor and the handshake.
const connectTimeout = 10 * time.Second

// connect reaches the executor that the flags name, or starts one in this
// process.
func (r *requestCmd) connect(ctx context.Context, log *slog.Logger) (*client.Client, func(), error) {
	if r.Executor == "" {
		return r.connectWithin(ctx, log)
	}
	options, err := r.dialing()
	if err != nil {
		return nil, nil, err
	}
	dialing, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	c, err := client.Dial(dialing, r.Executor, options)
	if err != nil {
		return nil, nil, &exitError{exitDisconnected, err}
	}
	return c, func() { _ = c.Close() }, nil
}

func (r *requestCmd) connectWithin(ctx context.Context, log *slog.Logger) (*client.Client, func(), error) {
	out, err := r.wayOut()
	if err != nil {
		return nil, nil, err
	}
	loaded, err := r.load(ctx, log)
	if err != nil {
		return nil, nil, err
	}
	exec := executor.New(executor.Options{
		Policy:     loaded,
		PolicyName: loaded.Name(),
		Egress:     out,
		Logger:     log,
	})
	ours, theirs := rpc.Pipe()
	go exec.ServeChannel(theirs, "this process") // ends with exec.Close
	closeExecutor := func() {
		exec.Close()
		_ = loaded.Close(context.WithoutCancel(ctx))
	}
	c, err := client.New(ctx, ours, nil)
	if err != nil {
		closeExecutor()
		return nil, nil, err
	}
	return c, func() {
		_ = c.Close()
		closeExecutor()
	}, nil
}

// response is a streamed or a buffered one.
type response struct {
	status  int
	headers []client.Header
	Body    io.ReadCloser
}

func (r *requestCmd) send(ctx context.Context, c *client.Client, req *client.Request) (*response, error) {
	if r.Stream {
		res, err := c.Stream(ctx, req)
		if err != nil {
			return nil, err
		}
		return &response{res.Status, res.Headers, res.Body}, nil
	}
	res, err := c.Do(ctx, req)
	if err != nil {
		return nil, err
	}
	return &response{res.Status, res.Headers, io.NopCloser(bytes.NewReader(res.Body))}, nil
}

// length is what content-length promises, -1 if it does not.
func (r *response) length() int64 {
	for i := range r.headers {
		if !strings.EqualFold(r.headers[i].Name, "content-length") {
			continue
		}
		if n, err := strconv.ParseInt(r.headers[i].Value, 10, 64); err == nil && n >= 0 {
			return n
		}
	}
	return -1
}
