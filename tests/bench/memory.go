package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/coder/websocket"

	"github.com/sluice-run/sluice/host/wire"
)

// residentMiB is a process's memory as Linux counts it; NaN elsewhere.
func residentMiB(pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return math.NaN()
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				return math.NaN()
			}
			return kib / 1024
		}
	}
	return math.NaN()
}

// askAndNeverRead sends a handshake and streamed requests, and reads nothing
// but the handshake's answer.
func askAndNeverRead(ctx context.Context, executor, url string, streams int) (hangUp func(), err error) {
	conn, _, err := websocket.Dial(ctx, executor, &websocket.DialOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return nil, err
	}
	hangUp = func() { _ = conn.CloseNow() }
	send := func(frame []byte) error { return conn.Write(ctx, websocket.MessageText, frame) }
	err = send(wire.AppendRequest(nil, wire.NumberID(1), wire.MethodInitialize, &wire.InitializeParams{ClientName: "bench"}, wire.Trace{}))
	if err == nil {
		_, _, err = conn.Read(ctx)
	}
	if err == nil {
		err = send(wire.AppendNotification(nil, wire.MethodInitialized, wire.Raw("{}")))
	}
	for i := range streams {
		if err != nil {
			break
		}
		err = send(wire.AppendRequest(nil, wire.NumberID(int64(2+i)), wire.MethodHTTPRequest, &wire.HTTPRequest{
			Method: "GET", URL: url, RequestID: fmt.Sprint("s-", i), Stream: true,
		}, wire.Trace{}))
	}
	if err != nil {
		hangUp()
		return nil, err
	}
	return hangUp, nil
}
