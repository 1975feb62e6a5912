package guest_test

import (
	"fmt"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/guest/onrequest"
)

// judge lets only one host through, and shows it who asks.
func judge(q *abi.Request, d *abi.Decision) {
	if q.Host != "api.example.com" {
		d.Verdict, d.Reason = abi.Deny, "host_not_allowed"
		return
	}
	d.Edits = abi.EditHeaders
	d.Headers = append(append(d.Headers, q.Headers...), abi.Header{Name: "x-caller", Value: q.Caller})
}

func Example() {
	onrequest.Handle(judge) // in a policy this stands in an init function

	// A test asks the handler directly.
	for _, host := range []string{"api.example.com", "intranet"} {
		var d abi.Decision
		judge(&abi.Request{Host: host, Caller: "agent"}, &d)
		fmt.Println(host, d.Verdict == abi.Allow, d.Reason, d.Headers)
	}
	// Output:
	// api.example.com true  [{x-caller agent}]
	// intranet false host_not_allowed []
}
