package main

import (
	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/guest/onconfigure"
	"github.com/sluice-run/sluice/guest/onrequest"
	"github.com/sluice-run/sluice/guest/onresponse"
)

// active is the policy that the hooks ask.
var active = &policy{}

func init() {
	onconfigure.Handle(func(json string) error {
		p, err := parse(json)
		if err != nil {
			return err
		}
		active = p
		return nil
	})
	onrequest.Handle(func(q *abi.Request, d *abi.Decision) { active.onRequest(q, d) })
	onresponse.Handle(func(r *abi.Response, d *abi.Decision) { active.onResponse(r, d) })
}

func main() {} // never runs: the host calls the hooks
