package peertest_test

// A testing.TB that notes failures instead of failing.

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// recorder stands in for a test's *testing.T. Its test function runs on its own
// goroutine, as a test's does.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	failures []string
	cleanups []func()
}

// record runs test and its cleanups and returns how it failed.
func record(test func(t testing.TB)) []string {
	r := new(recorder)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer r.clean()
		test(r)
	}()
	<-done
	return r.failures
}

func (r *recorder) clean() {
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
}

func (r *recorder) Helper() {}

func (r *recorder) Context() context.Context { return context.Background() }

func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failures) > 0
}

func (r *recorder) FailNow() { runtime.Goexit() }

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	r.FailNow()
}

// requireFailure runs test and expects it to fail with one text that contains
// all of want.
func requireFailure(t *testing.T, test func(t testing.TB), want ...string) {
	t.Helper()
	failures := record(test)
	require.Len(t, failures, 1, "%q", failures)
	for _, w := range want {
		require.Contains(t, failures[0], w)
	}
}
