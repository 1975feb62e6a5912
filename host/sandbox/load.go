// From bytes to a module that is proven to work.

package sandbox

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/sluice-run/sluice/host/sandbox/internal/wasmbin"
)

// compileWorkers is more than one because the engine looks at its deadline
// between functions only when it has several workers.
const compileWorkers = 2

// A Module is a loaded module. Its methods may be called at once.
type Module struct {
	opts     Options
	config   []byte
	info     *wasmbin.Info
	hooks    []string
	world    world
	runtime  wazero.Runtime
	cache    wazero.CompilationCache // nil without a folder
	compiled wazero.CompiledModule
	snapshot *snapshot
	made     atomic.Int64 // instances from the snapshot so far

	pool pool
}

// Load makes a module of its bytes, configured with config; a module without a
// configure function cannot take any. A failure of the module is an *Error; any
// other error is about the host, such as Options.CacheDir.
func Load(ctx context.Context, wasm, config []byte, options Options) (*Module, error) {
	opts := options.withDefaults()
	info, err := inspect(wasm, &opts)
	if err != nil {
		return nil, err
	}
	if len(config) > 0 && !exports(info, opts.ABI.Configure) {
		return nil, opts.fail(Invalid, "load", "it takes no configuration, but there is one")
	}
	metered, err := wasmbin.Meter(wasm, wasmbin.MeterOptions{Fuel: opts.StartFuel, Stack: MaxStack, WithoutData: true})
	if err != nil {
		return nil, opts.unfit(err)
	}
	m := &Module{opts: opts, config: slices.Clone(config), info: info, world: newWorld()}
	for _, name := range opts.ABI.Hooks {
		if exports(info, name) {
			m.hooks = append(m.hooks, name)
		}
	}
	instance, err := m.build(ctx, metered)
	if err != nil {
		m.release()
		return nil, err
	}
	m.pool.open(m, instance)
	return m, nil
}

// build compiles the module, takes the snapshot and makes the first instance
// that begins with it, so that what calls will need is proven to work.
func (m *Module) build(ctx context.Context, metered []byte) (*instance, error) {
	var err error
	if m.opts.CacheDir != "" {
		if m.cache, err = openCache(m.opts.CacheDir); err != nil {
			return nil, err
		}
	}
	if err := m.compile(ctx, metered); err != nil {
		return nil, err
	}
	if err := link(ctx, m.runtime, m.info, &m.opts); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, m.opts.canceled(ctx, "load")
	}
	if m.snapshot, err = m.first(); err != nil {
		return nil, err
	}
	m.info.Data = nil // it is in the snapshot now, and holds on to the bytes of the module
	return m.another()
}

// compile uses the cache, and does without it if a damaged entry or a full disk
// gets in the way.
func (m *Module) compile(caller context.Context, wasm []byte) error {
	ctx, cancel := context.WithTimeout(caller, m.opts.LoadTimeout)
	defer cancel()
	config := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2).
		WithMemoryLimitPages(m.opts.memoryPages()).
		WithDebugInfoEnabled(false)

	if m.cache != nil {
		if m.tryCompile(ctx, config.WithCompilationCache(m.cache), wasm) == nil {
			return nil
		}
		m.release()
	}
	err := m.tryCompile(ctx, config, wasm)
	switch {
	case err == nil:
		return nil
	case caller.Err() != nil:
		return m.opts.canceled(caller, "load")
	case ctx.Err() != nil:
		return m.opts.fail(Invalid, "load", "compiling it takes longer than "+m.opts.LoadTimeout.String())
	default:
		return m.opts.fail(Invalid, "load", clean([]byte(trapText(err)), MaxSentence))
	}
}

// tryCompile survives an engine that panics on what inspection let pass.
func (m *Module) tryCompile(ctx context.Context, config wazero.RuntimeConfig, wasm []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the engine failed on it: %.200v", r)
		}
	}()
	m.runtime = wazero.NewRuntimeWithConfig(ctx, config)
	m.compiled, err = m.runtime.CompileModule(experimental.WithCompilationWorkers(ctx, compileWorkers), wasm)
	return err
}

// release gives everything back to the system; no call may be running.
func (m *Module) release() {
	ctx := context.Background()
	if m.compiled != nil {
		_ = m.compiled.Close(ctx)
	}
	if m.runtime != nil {
		_ = m.runtime.Close(ctx)
	}
	if m.cache != nil {
		_ = m.cache.Close(ctx)
	}
	if m.snapshot != nil {
		m.snapshot.image.close()
	}
	m.compiled, m.runtime, m.cache, m.snapshot = nil, nil, nil, nil
}

// Made is how many instances have been made from the snapshot: as many as calls
// ran at once, and one for each that was thrown away.
func (m *Module) Made() int64 { return m.made.Load() }

// Exports says whether the module exports a hook of Options.ABI.
func (m *Module) Exports(hook string) bool { return slices.Contains(m.hooks, hook) }

// A Hook is an export to call, looked up once. It belongs to its module.
type Hook struct {
	number int // 1 is the first of Module.hooks
}

// Hook looks up a hook of Options.ABI; false if the module does not export it.
func (m *Module) Hook(name string) (Hook, bool) {
	i := slices.Index(m.hooks, name)
	return Hook{number: i + 1}, i >= 0
}
