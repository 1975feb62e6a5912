// One instance: entered for one call at a time, and brought back to its snapshot
// in between.

package sandbox

import (
	"context"
	"fmt"
	"strconv"

	"github.com/tetratelabs/wazero/api"

	"github.com/sluice-run/sluice/host/sandbox/internal/wasmbin"
)

// An instance is ready for a call.
type instance struct {
	opts   *Options
	guest  guest
	visit  visit
	module api.Module
	memory api.Memory

	buffer  api.Function
	hooks   []api.Function
	fuel    api.MutableGlobal // what is left
	depth   api.MutableGlobal // what is left of MaxStack
	globals []api.MutableGlobal

	snapshot *snapshot // nil for the first instance, which it is taken from
	covered  covered   // the memory, where it came from the snapshot
	granted  int64     // fuel of the current entry
	stack    [2]uint64
}

// grant fills the instance's fuel up for what comes next.
func (i *instance) grant(fuel int64) {
	i.granted = fuel
	i.fuel.Set(uint64(fuel))
}

// spent is the fuel used since it was granted.
func (i *instance) spent() int64 { return i.granted - int64(i.fuel.Get()) }

// run calls a function of the guest; its parameters and results are in
// i.stack.
func (i *instance) run(f api.Function, name string) error {
	if err := f.CallWithStack(&i.visit, i.stack[:]); err != nil {
		return i.failure(name, err)
	}
	return nil
}

// failure says why the guest stopped. The module's balances tell the host's
// bounds from the guest's own mistakes.
func (i *instance) failure(name string, err error) *Error {
	switch {
	case i.guest.exited:
		return i.opts.fail(Exited, name, "exit code "+strconv.FormatUint(uint64(i.guest.exitCode), 10))
	case int64(i.fuel.Get()) < 0:
		return i.opts.fail(Exhausted, name, "it took more than "+strconv.FormatInt(i.granted, 10)+" units")
	case int64(i.depth.Get()) < 0:
		return i.opts.fail(Trap, name, "its calls went too deep")
	default:
		return i.opts.fail(Trap, name, trapText(err))
	}
}

// enter hands the input to a function of the guest and returns a view of its
// answer, nil if there is none. The view is good until the instance is entered,
// reset or closed.
func (i *instance) enter(f api.Function, name string, in []byte) ([]byte, error) {
	ptr, err := i.place(in)
	if err != nil {
		return nil, err
	}
	i.stack[0], i.stack[1] = uint64(ptr), uint64(len(in))
	if err := i.run(f, name); err != nil {
		return nil, err
	}
	return i.answer(name, i.stack[0])
}

// place writes the input where the guest wants it.
func (i *instance) place(in []byte) (uint32, error) {
	if len(in) == 0 {
		return 0, nil
	}
	name := i.opts.ABI.Buffer
	i.stack[0] = uint64(len(in))
	if err := i.run(i.buffer, name); err != nil {
		return 0, err
	}
	ptr := uint32(i.stack[0])
	if ptr == 0 {
		return 0, i.opts.fail(Memory, name, fmt.Sprintf("it has no room for %d bytes", len(in)))
	}
	if !i.memory.Write(ptr, in) {
		return 0, i.opts.fail(Malformed, name, fmt.Sprintf("its buffer for %d bytes lies outside its memory", len(in)))
	}
	return ptr, nil
}

// answer finds what a hook's result points to.
func (i *instance) answer(name string, result uint64) ([]byte, error) {
	ptr, size := uint32(result>>32), uint32(result)
	switch {
	case result == 0:
		return nil, nil
	case size == 0:
		return nil, i.opts.fail(Malformed, name, "it points to an answer without a length")
	case uint64(size) > uint64(i.opts.MaxAnswer):
		return nil, i.opts.fail(Malformed, name, fmt.Sprintf("an answer of %d bytes is over the limit of %d", size, i.opts.MaxAnswer))
	}
	view, ok := i.memory.Read(ptr, size)
	if !ok {
		return nil, i.opts.fail(Malformed, name, fmt.Sprintf("an answer of %d bytes lies outside its memory", size))
	}
	return view, nil
}

// reset brings the instance back to the snapshot after a call that went well;
// false means that it is of no more use.
func (i *instance) reset() bool {
	if int(i.memory.Size()) != i.snapshot.image.size() || i.covered.reset() != nil {
		return false
	}
	i.resume()
	return true
}

// resume sets all state besides the memory as the snapshot has it.
func (i *instance) resume() {
	for n, global := range i.globals {
		global.Set(i.snapshot.globals[n])
	}
	i.guest.reset(i.snapshot.slept)
}

func (i *instance) close() { _ = i.module.Close(context.Background()) }

// resolve looks up once what calls need.
func (i *instance) resolve(m *Module) {
	i.memory = i.module.ExportedMemory(exportMemory)
	i.buffer = i.module.ExportedFunction(i.opts.ABI.Buffer)
	i.hooks = make([]api.Function, len(m.hooks))
	for n, name := range m.hooks {
		i.hooks[n] = i.module.ExportedFunction(name)
	}
	i.fuel = mutableGlobal(i.module, wasmbin.FuelExport)
	i.depth = mutableGlobal(i.module, wasmbin.StackExport)
	i.guest.fuel = i.fuel
	i.globals = make([]api.MutableGlobal, len(m.info.Globals))
	for n, global := range m.info.Globals {
		i.globals[n] = mutableGlobal(i.module, global.Name)
	}
}

// mutableGlobal finds an export that metering has made.
func mutableGlobal(module api.Module, name string) api.MutableGlobal {
	return module.ExportedGlobal(name).(api.MutableGlobal)
}
