package main

// Keeping the policy up to date with its files while requests run.

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/sluice-run/sluice/host/policy"
)

// reloader swaps in what the policy's flags name whenever one of the files has
// changed, and on SIGHUP.
type reloader struct {
	flags  *policyFlags
	active *policy.Active
	log    *slog.Logger
}

// start works in the background until the returned function is called.
func (r *reloader) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	hangUp, changed := make(chan os.Signal, 1), make(chan struct{}, 1)
	signal.Notify(hangUp, syscall.SIGHUP)

	var wg sync.WaitGroup
	if files := r.flags.files(); len(files) > 0 {
		wg.Go(func() { r.watch(ctx, files, changed) })
	}
	wg.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangUp:
			case <-changed:
			}
			r.reload(ctx)
		}
	})
	return func() {
		signal.Stop(hangUp)
		cancel()
		wg.Wait()
	}
}

func (r *reloader) watch(ctx context.Context, files []string, changed chan<- struct{}) {
	err := policy.Watch(ctx, files, func() {
		select {
		case changed <- struct{}{}:
		default: // one is under way already
		}
	})
	if err != nil {
		r.log.Warn("changes of the policy's files are not noticed; send SIGHUP to load them", "problem", err.Error())
	}
}

// reload puts a new policy in force, or leaves the old one there.
func (r *reloader) reload(ctx context.Context) {
	started := time.Now()
	loaded, err := r.flags.load(ctx, r.log)
	if err != nil {
		if ctx.Err() == nil {
			r.log.Error("the policy in force stays: the new one does not load", "problem", err.Error())
		}
		return
	}
	r.active.Swap(loaded)
	r.log.Info("policy swapped", "policy", loaded.Name(), "sha256", loaded.SHA256(), "took", time.Since(started).Round(time.Millisecond))
}

// files are those that the flags name.
func (f *policyFlags) files() []string {
	var list []string
	for _, file := range []string{f.Policy, f.PolicyConfig} {
		if file != "" {
			list = append(list, file)
		}
	}
	return list
}
