// One instance: started, configured, entered once, and thrown away.

package sandbox

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// An instance is ready for one call.
type instance struct {
	opts   *Options
	guest  *guest
	module api.Module
	memory api.Memory
	buffer api.Function
	hooks  []api.Function
	stack  [2]uint64
}

// start makes an instance and brings it into the state in which every call
// finds it. ctx ends at the deadline, caller is the context without it.
func (m *Module) start(ctx, caller context.Context, log func(uint32, string)) (*instance, error) {
	g := newGuest(&m.world, log)
	defer g.journal.close()
	inside := &visit{Context: ctx, guest: g}

	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	mod, err := m.runtime.InstantiateModule(inside, m.compiled, config)
	if err != nil {
		return nil, m.opts.startError(caller, g, err)
	}
	inst := &instance{opts: &m.opts, guest: g, module: mod, memory: mod.ExportedMemory(exportMemory)}
	if err := inst.prepare(inside, caller, m); err != nil {
		inst.close()
		return nil, err
	}
	return inst, nil
}

// prepare initializes and configures the instance and resolves what calls need.
func (i *instance) prepare(inside *visit, caller context.Context, m *Module) error {
	if initialize := i.module.ExportedFunction(exportInitialize); initialize != nil {
		if err := initialize.CallWithStack(inside, nil); err != nil {
			return i.opts.classify(caller, i.guest, exportInitialize, err)
		}
	}
	i.buffer = i.module.ExportedFunction(i.opts.ABI.Buffer)
	if configure := i.module.ExportedFunction(i.opts.ABI.Configure); configure != nil {
		if err := i.configure(inside, caller, configure, m.config); err != nil {
			return err
		}
	}
	i.hooks = make([]api.Function, len(m.hooks))
	for n, name := range m.hooks {
		i.hooks[n] = i.module.ExportedFunction(name)
	}
	return nil
}

func (i *instance) configure(inside *visit, caller context.Context, configure api.Function, config []byte) error {
	name := i.opts.ABI.Configure
	sentence, err := i.enter(inside, caller, configure, name, config)
	if err != nil {
		return err
	}
	if sentence != nil {
		return i.opts.fail(Refused, name, clean(sentence, MaxSentence))
	}
	return nil
}

// enter hands the input to a function of the guest and returns a view of its
// answer, nil if there is none. The view is good until the instance is closed.
func (i *instance) enter(inside *visit, caller context.Context, f api.Function, name string, in []byte) ([]byte, error) {
	ptr, err := i.place(inside, caller, in)
	if err != nil {
		return nil, err
	}
	i.stack[0], i.stack[1] = uint64(ptr), uint64(len(in))
	if err := f.CallWithStack(inside, i.stack[:]); err != nil {
		return nil, i.opts.classify(caller, i.guest, name, err)
	}
	return i.answer(name, i.stack[0])
}

// place writes the input where the guest wants it.
func (i *instance) place(inside *visit, caller context.Context, in []byte) (uint32, error) {
	if len(in) == 0 {
		return 0, nil
	}
	name := i.opts.ABI.Buffer
	i.stack[0] = uint64(len(in))
	if err := i.buffer.CallWithStack(inside, i.stack[:1]); err != nil {
		return 0, i.opts.classify(caller, i.guest, name, err)
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

func (i *instance) close() { _ = i.module.Close(context.Background()) }
