package main

// Exit codes: what they mean, and which error leads to which.

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/delta"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// The exit codes.
const (
	exitDone         = 0
	exitTrouble      = 1   // on this side: a file, a port, a policy that does not load
	exitUsage        = 2   // the command line is wrong
	exitDenied       = 3   // a policy said no
	exitFailed       = 4   // the request failed between connect and the end of the body
	exitDisconnected = 5   // no executor, or it went away
	exitInvalid      = 6   // the request is not well formed
	exitOverloaded   = 7   // a limit is reached; later may help
	exitHTTPError    = 22  // --fail and a status of 400 or more
	exitInterrupted  = 130 // Ctrl-C
)

const exitHelp = `Exit codes:

    0    done, whatever the HTTP status
    1    trouble on this side: a file, a policy that does not load
    2    wrong usage
    3    denied by the policy
    4    failed between connect and the end of the body
    5    no executor, or it went away
    6    the request is not well formed
    7    overloaded; trying later may help
    22   --fail and an HTTP status of 400 or more
    130  interrupted`

// exitError is an error whose exit code is known where it arises.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// usage makes an error about the command line.
func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// exitCode finds the code of an error.
func exitCode(err error) int {
	var known *exitError
	var closed *rpc.CloseError
	var answer *wire.Error
	var broken *delta.StreamError
	switch {
	case errors.As(err, &known):
		return known.code
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, wire.CodeDenied):
		return exitDenied
	case errors.Is(err, wire.CodeInvalidParams), errors.Is(err, wire.CodeInvalidRequest):
		return exitInvalid
	case errors.Is(err, wire.CodeOverloaded):
		return exitOverloaded
	case errors.Is(err, client.ErrDisconnected), errors.As(err, &closed):
		return exitDisconnected
	case errors.As(err, &answer), errors.As(err, &broken):
		return exitFailed
	}
	return exitTrouble
}

// report prints the error, unless it has been printed, and gives its code.
func report(err error) int {
	code := exitCode(err)
	if !errors.Is(err, errReported) && code != exitInterrupted {
		fmt.Fprintf(os.Stderr, "sluice: %s\n", printable(err.Error()))
	}
	return code
}

// errReported marks an error that needs no more words.
var errReported = errors.New("reported")
