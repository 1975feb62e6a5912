// Package guest is the SDK for policies written in Go. A policy is a main
// package that registers a function for each hook it wants to be asked by:
//
//	package main
//
//	import (
//		"github.com/sluice-run/sluice/abi"
//		"github.com/sluice-run/sluice/guest/onrequest"
//	)
//
//	func init() { onrequest.Handle(judge) }
//
//	func judge(q *abi.Request, d *abi.Decision) {
//		if q.Method != "GET" {
//			d.Verdict, d.Reason = abi.Deny, "method_not_allowed"
//		}
//	}
//
//	func main() {} // never runs
//
// It is built with
//
//	GOOS=wasip1 GOARCH=wasm CGO_ENABLED=0 go build -buildmode=c-shared -trimpath -buildvcs=false -ldflags='-s -w' -o policy.wasm
//
// # Hooks
//
// Each hook has a package, and importing the package is what makes the module
// export it: [github.com/sluice-run/sluice/guest/onrequest],
// [github.com/sluice-run/sluice/guest/onresponse] and
// [github.com/sluice-run/sluice/guest/onconfigure]. A hook that is not exported
// is not called and costs nothing. A package that is imported without a handler
// traps when it is asked, and so denies.
//
// # State and memory
//
// Every call starts from the state in which the module was after it had been
// configured: nothing that a call leaves in a variable is there in the next. So
// prepare what is expensive in the configure handler, and count nothing.
//
// Messages, their texts and decisions live in memory that is used again; keep
// none of them. The SDK allocates nothing per call. A handler may allocate, but
// the garbage collector hardly runs in a module, so a call that allocates
// without end runs into the host's memory limit.
//
// A panic is a trap, and a trap is a denial.
//
// # Size
//
// A module with nothing in it is 1.8 MiB, most of which is the Go runtime.
// encoding/json doubles that; package
// [github.com/sluice-run/sluice/guest/config] reads configurations without it.
//
// # Testing
//
// All packages build on every platform, without their exports, so a handler is
// tested like any other function.
//
// # Sources
//
// docs/abi.md has the bytes behind all this.
package guest
