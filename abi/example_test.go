package abi_test

import (
	"fmt"

	"github.com/sluice-run/sluice/abi"
)

// A host asks, a guest answers.
func Example() {
	asked := abi.Request{Method: "GET", URL: "http://intranet/", Scheme: "http", Host: "intranet", Port: 80, Path: "/"}
	message := string(asked.Append(nil))

	// In the guest:
	var request abi.Request
	if err := request.Decode(message); err != nil {
		panic(err)
	}
	var decision abi.Decision
	if request.Host == "intranet" {
		decision = abi.Decision{Verdict: abi.Deny, Reason: "host_not_allowed", Message: "the intranet is off limits"}
	}
	answer := string(decision.Append(nil))

	// In the host again:
	var answered abi.Decision
	if err := answered.Decode(answer); err != nil {
		panic(err)
	}
	fmt.Println(answered.Verdict == abi.Deny, answered.Reason)
	// Output: true host_not_allowed
}
