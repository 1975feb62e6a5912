// Permissive is the smallest policy there is: it is asked about everything and
// objects to nothing, not even to what is malformed. It shows what the host
// itself insists on. Do not run it where a policy is needed.
package main

import (
	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/guest/onrequest"
	"github.com/sluice-run/sluice/guest/onresponse"
)

func init() {
	onrequest.Handle(func(*abi.Request, *abi.Decision) {})
	onresponse.Handle(func(*abi.Response, *abi.Decision) {})
}

func main() {} // never runs: the host calls the hooks
