// New instances: the first is started, configured and warmed up; the others
// begin where that one stood.

package sandbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/sluice-run/sluice/host/sandbox/internal/wasmbin"
)

// instantiate makes an instance in which nothing has run yet. The engine meets
// hostile bytes here: should it panic, the module is what is wrong.
func (m *Module) instantiate(allocator experimental.MemoryAllocator) (inst *instance, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = m.opts.fail(Invalid, "start", fmt.Sprintf("the engine failed on it: %.200v", r))
		}
	}()
	inst = &instance{opts: &m.opts}
	inst.guest.world = &m.world
	inst.visit = visit{Context: context.Background(), guest: &inst.guest}
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	ctx := experimental.WithMemoryAllocator(context.Background(), allocator)
	if inst.module, err = m.runtime.InstantiateModule(ctx, m.compiled, config); err != nil {
		return nil, m.opts.fail(Invalid, "start", clean([]byte(trapText(err)), MaxSentence))
	}
	inst.resolve(m)
	return inst, nil
}

// first starts an instance from nothing and takes the snapshot of it.
func (m *Module) first() (*snapshot, error) {
	inst, err := m.instantiate(nil)
	if err != nil {
		return nil, err
	}
	defer inst.close()
	if err := inst.writeData(m.info.Data); err != nil {
		return nil, err
	}
	inst.guest.random.Seed(m.world.startSeed)
	inst.guest.journal.write = m.opts.Log
	err = inst.start(m.config)
	inst.guest.journal.close()
	if err != nil {
		return nil, err
	}
	inst.guest.journal.write = nil
	if err := inst.warmUp(m.hooks); err != nil {
		return nil, err
	}
	return inst.take(), nil
}

// writeData does what is a part of instantiation otherwise: only the first
// instance needs it, the others have it from the snapshot.
func (i *instance) writeData(list []wasmbin.Data) error {
	for _, data := range list {
		if !i.memory.Write(data.Offset, data.Bytes) {
			return i.opts.fail(Invalid, "start", "a data segment lies outside its memory")
		}
	}
	return nil
}

// start initializes and configures the instance.
func (i *instance) start(config []byte) error {
	steps := [...]struct{ export, name string }{
		{wasmbin.StartExport, "start"},
		{exportInitialize, exportInitialize},
	}
	for _, step := range steps {
		f := i.module.ExportedFunction(step.export)
		if f == nil {
			continue
		}
		i.grant(i.opts.StartFuel)
		if err := i.run(f, step.name); err != nil {
			return err
		}
	}
	name := i.opts.ABI.Configure
	configure := i.module.ExportedFunction(name)
	if configure == nil {
		return nil
	}
	i.grant(i.opts.StartFuel)
	sentence, err := i.enter(configure, name, config)
	if err != nil {
		return err
	}
	if sentence != nil {
		return i.opts.fail(Refused, name, clean(sentence, MaxSentence))
	}
	return nil
}

// warmUp makes the calls of Options.WarmUp, in turn and several times.
func (i *instance) warmUp(hooks []string) error {
	for range warmUpRounds {
		for _, call := range i.opts.WarmUp {
			n := slices.Index(hooks, call.Hook)
			if n < 0 {
				continue
			}
			i.grant(i.opts.Fuel)
			if _, err := i.enter(i.hooks[n], call.Hook, call.Input); err != nil {
				return err
			}
			i.guest.journal.close()
		}
	}
	return nil
}

// another makes an instance that begins as the snapshot.
func (m *Module) another() (*instance, error) {
	inst, err := m.instantiate(m.snapshot.image.allocator())
	if err != nil {
		return nil, err
	}
	m.made.Add(1)
	if err := inst.begin(m.snapshot); err != nil {
		inst.close()
		return nil, m.opts.fail(Memory, "start", "the host has no room for an instance")
	}
	inst.guest.journal.write = m.opts.Log
	return inst, nil
}
