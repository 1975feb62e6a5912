package executor

import (
	"github.com/sluice-run/sluice/host/egress"
	"github.com/sluice-run/sluice/host/policy"
)

// judge is who judges one request, from its first hop to the end of its body.
type judge struct {
	policy egress.Policy
	name   string
	lease  *policy.Lease // nil if the policy cannot be swapped
}

// judge takes the policy in force for one request.
func (e *Executor) judge() judge {
	if e.opts.Active == nil {
		return judge{policy: e.opts.Policy, name: e.opts.PolicyName}
	}
	lease := e.opts.Active.Acquire()
	if lease == nil {
		return judge{name: e.opts.PolicyName} // closed: everything is denied
	}
	return judge{policy: lease.Policy(), name: lease.Policy().Name(), lease: lease}
}

func (j *judge) release() {
	if j.lease != nil {
		j.lease.Release()
	}
}
