package main

// The scripts in testdata/script run the command as a user does, each in a
// folder and with processes of its own, against an origin on this machine.

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// sharedCache is the folder for compiled policies of all scripts.
var sharedCache string

// TestMain builds the command and lets it compile the standard policy once. The
// scripts use what is built, not the test binary: with the race detector in it
// each of their many processes would take a second.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sluice-test")
	if err == nil {
		err = prepare(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func prepare(dir string) error {
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		return err
	}
	if err := os.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH")); err != nil {
		return err
	}
	sharedCache = filepath.Join(dir, "cache")
	for _, command := range [][]string{
		{"go", "build", "-buildvcs=false", "-o", bin + string(filepath.Separator), "."},
		{"sluice", "policy", "check", "--cache-dir", sharedCache},
	} {
		out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%v: %w\n%s", command, err, out)
		}
	}
	return nil
}

func TestScripts(t *testing.T) {
	origin := startOrigin(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("ORIGIN", origin.server.URL)
			env.Setenv("SLUICE_CACHE_DIR", sharedCache)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"certificate": certificate,
			"exits":       exits,
			"executor":    startExecutor,
			"shutdown":    stopExecutor,
			"interrupt":   origin.interrupt,
			"answers":     answers(t),
			"eventually":  eventually,
			"hangup":      hangup,
			"logged":      logged,
		},
	})
}
