package main

// An executor for the scripts that answers what sluice serve cannot be brought
// to answer at will.

import (
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/wire"
)

// answers CODE REASON MESSAGE starts an executor that answers one request with
// this error, and puts its URL into $EXECUTOR.
func answers(t *testing.T) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 3 {
			ts.Fatalf("usage: answers CODE REASON MESSAGE")
		}
		code, err := strconv.Atoi(args[0])
		ts.Check(err)
		answer := &wire.Error{Code: wire.Code(code), Reason: args[1], Message: args[2]}
		executor := peertest.StartExecutor(t, func(p *peertest.ExecutorPeer) {
			id, _ := p.ReadRequest()
			p.RespondError(id, answer)
		}, peertest.Timeout(patience))
		ts.Setenv("EXECUTOR", executor.URL())
	}
}
