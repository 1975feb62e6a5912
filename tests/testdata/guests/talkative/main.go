// Command talkative is a policy that allows everything and writes to the host's
// log what it is asked about.
package main

import (
	"strings"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/guest"
	"github.com/sluice-run/sluice/guest/onrequest"
)

func init() {
	onrequest.Handle(func(q *abi.Request, _ *abi.Decision) {
		guest.Log(abi.LogDebug, "debug "+q.Method)
		guest.Log(abi.LogInfo, "info "+q.Host)
		guest.Log(abi.LogWarn, "warn "+q.Path)
		guest.Log(abi.LogError, strings.Repeat("é", abi.MaxText))
		guest.Log(abi.LogInfo, "")
	})
}

func main() {}
