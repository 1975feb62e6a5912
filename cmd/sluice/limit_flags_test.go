package main

import (
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/executor"
)

func TestDefaultsOfLimitsAreTheExecutors(t *testing.T) {
	t.Parallel()
	var f limitFlags
	_, err := kong.Must(&f).Parse(nil)
	require.NoError(t, err)
	var o executor.Options
	f.limit(&o)
	require.Equal(t, executor.Options{
		ConcurrentRequests: executor.DefaultConcurrentRequests,
		MaxWaiting:         executor.DefaultMaxWaiting,
		MaxWaitingBytes:    executor.DefaultMaxWaitingBytes,
		MaxStreams:         executor.DefaultMaxStreams,
		MaxRequests:        executor.DefaultMaxRequests,
		MaxConnections:     executor.DefaultMaxConnections,
		MaxBufferedBody:    executor.DefaultMaxBufferedBody,
		HandshakeTimeout:   executor.DefaultHandshakeTimeout,
	}, o)
}

func TestEachLimitGoesToItsOption(t *testing.T) {
	t.Parallel()
	var f limitFlags
	_, err := kong.Must(&f).Parse([]string{
		"--concurrent-requests=1", "--max-waiting=2", "--max-waiting-bytes=3", "--max-streams=4", "--max-requests=5",
		"--max-connections=6", "--max-connections-per-caller=7", "--rate-limit=8/s:9", "--max-buffered-body=10",
		"--handshake-timeout=11s", "--idle-timeout=12s",
	})
	require.NoError(t, err)
	var o executor.Options
	f.limit(&o)
	require.Equal(t, executor.Options{
		ConcurrentRequests:      1,
		MaxWaiting:              2,
		MaxWaitingBytes:         3,
		MaxStreams:              4,
		MaxRequests:             5,
		MaxConnections:          6,
		MaxConnectionsPerCaller: 7,
		RateLimit:               executor.RateLimit{PerSecond: 8, Burst: 9},
		MaxBufferedBody:         10,
		HandshakeTimeout:        11 * time.Second,
		IdleTimeout:             12 * time.Second,
	}, o)
}
