// One call of a hook.

package sandbox

import "context"

// Call hands in to a hook and appends the answer to out; without an answer out
// comes back as it is. It runs in a pristine instance, waits for its turn at
// most Options.MaxWait or until ctx ends, and then runs at most Options.Fuel.
// After a failure, which is always an *Error, the module goes on working.
func (m *Module) Call(ctx context.Context, h Hook, in, out []byte) ([]byte, error) {
	out, _, err := m.CallMetered(ctx, h, in, out)
	return out, err
}

// CallMetered is Call that also says how much fuel was spent, failures included.
// The same input always needs the same fuel.
func (m *Module) CallMetered(ctx context.Context, h Hook, in, out []byte) (answer []byte, fuel int64, err error) {
	if h.number < 1 || h.number > len(m.hooks) {
		return out, 0, m.opts.fail(Invalid, "call", "the hook is not one of this module")
	}
	name := m.hooks[h.number-1]
	inst, err := m.pool.enter(ctx, name)
	if err != nil {
		return out, 0, err
	}
	pristine := false
	defer func() {
		if inst != nil && !pristine {
			inst.close()
			inst = nil
		}
		m.pool.leave(inst)
	}()
	if inst == nil {
		if inst, err = m.another(); err != nil {
			return out, 0, err
		}
	}
	inst.grant(m.opts.Fuel)
	inst.covered.enter()
	view, err := inst.enter(inst.hooks[h.number-1], name, in)
	inst.covered.leave()
	out = append(out, view...)
	fuel = inst.spent()
	inst.guest.journal.close()
	pristine = err == nil && inst.reset()
	return out, fuel, err
}
