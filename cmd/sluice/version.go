package main

// sluice version: what this binary is made of.

import (
	"crypto/sha256"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/policy"
)

type versionCmd struct{}

// Help is shown below the one-line help.
func (*versionCmd) Help() string {
	return `Prints the versions of sluice, Go, the WebAssembly engine and the policy ABI, and the hash of the standard policy within.

Example:

    sluice version`
}

// Run prints one line each.
func (*versionCmd) Run() error {
	standard := policy.Standard()
	build, _ := debug.ReadBuildInfo() // nil is answered with unknown
	_, err := fmt.Printf("sluice   %s\ngo       %s %s/%s\nwazero   %s\nabi      %s\nstandard sha256:%x\n",
		own(build), runtime.Version(), runtime.GOOS, runtime.GOARCH,
		module(build, "github.com/tetratelabs/wazero"), abi.ExportVersion, sha256.Sum256(standard.Wasm))
	return err
}

const unknown = "unknown"

// own is the version of the main module, with the commit if it is known.
func own(build *debug.BuildInfo) string {
	if build == nil {
		return unknown
	}
	version := build.Main.Version
	if version == "" || version == "(devel)" {
		version = "development"
	}
	for _, s := range build.Settings {
		switch {
		case s.Key == "vcs.revision":
			version += " " + s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			version += " (modified)"
		}
	}
	return version
}

func module(build *debug.BuildInfo, path string) string {
	if build == nil {
		return unknown
	}
	for _, m := range build.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return unknown
}
