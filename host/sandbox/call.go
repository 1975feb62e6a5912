// One call of a hook.

package sandbox

import "context"

// Call hands in to a hook and appends the answer to out; without an answer out
// comes back as it is. It runs in a pristine instance, waits for its turn at
// most Options.MaxWait and runs at most Options.CallTimeout. After a failure,
// which is always an *Error, the module goes on working.
func (m *Module) Call(ctx context.Context, h Hook, in, out []byte) ([]byte, error) {
	if h.number < 1 || h.number > len(m.hooks) {
		return out, m.opts.fail(Invalid, "call", "the hook is not one of this module")
	}
	name := m.hooks[h.number-1]
	if err := m.pool.enter(ctx, name); err != nil {
		return out, err
	}
	defer m.pool.leave()
	inst, err := m.pool.take(ctx)
	if err != nil {
		return out, err
	}
	defer inst.close()
	defer inst.guest.journal.close()

	deadline, cancel := context.WithTimeout(ctx, m.opts.CallTimeout)
	defer cancel()
	inst.guest.journal.write = m.opts.Log
	inside := &visit{Context: deadline, guest: inst.guest}
	answer, err := inst.enter(inside, ctx, inst.hooks[h.number-1], name, in)
	return append(out, answer...), err
}
