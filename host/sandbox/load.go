// From bytes to a module that is proven to work.

package sandbox

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// compileWorkers is more than one because the engine looks at its deadline
// between functions only when it has several workers.
const compileWorkers = 2

// A Module is a loaded module. Its methods may be called at once.
type Module struct {
	opts     Options
	config   []byte
	hooks    []string
	world    world
	runtime  wazero.Runtime
	cache    wazero.CompilationCache // nil without a folder
	compiled wazero.CompiledModule

	pool pool
}

// Load makes a module of its bytes. Each instance is configured with config; a
// module without a configure function cannot take any. A failure of the module is an *Error; any
// other error is about the host, such as Options.CacheDir.
func Load(ctx context.Context, wasm, config []byte, options Options) (*Module, error) {
	opts := options.withDefaults()
	if err := inspect(wasm, &opts); err != nil {
		return nil, err
	}
	m := &Module{opts: opts, config: slices.Clone(config)}
	m.world.realtime = uint64(time.Now().UnixNano())
	_, _ = crand.Read(m.world.seed[:]) // never fails

	deadline, cancel := context.WithTimeout(ctx, opts.LoadTimeout)
	defer cancel()
	first, err := m.build(deadline, ctx, wasm)
	if err != nil {
		m.release(ctx)
		return nil, err
	}
	m.pool.open(m, first)
	return m, nil
}

// build compiles the module and starts its first instance. The engine meets
// hostile bytes here: should it panic, the module is what is wrong.
func (m *Module) build(ctx, caller context.Context, wasm []byte) (first *instance, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = m.opts.fail(Invalid, "load", fmt.Sprintf("the engine failed on it: %.200v", r))
		}
	}()
	if m.opts.CacheDir != "" {
		if m.cache, err = openCache(m.opts.CacheDir); err != nil {
			return nil, err
		}
	}
	if err := m.compile(ctx, caller, wasm); err != nil {
		return nil, err
	}
	if m.hooks, err = checkExports(m.compiled, &m.opts); err != nil {
		return nil, err
	}
	if len(m.config) > 0 && !m.exports(m.opts.ABI.Configure) {
		return nil, m.opts.fail(Invalid, "load", "it takes no configuration, but there is one")
	}
	if err := link(ctx, m.runtime, m.compiled, &m.opts); err != nil {
		return nil, err
	}
	return m.start(ctx, caller, m.opts.Log)
}

// compile uses the cache, and does without it if a damaged entry or a full disk
// gets in the way.
func (m *Module) compile(ctx, caller context.Context, wasm []byte) error {
	ctx = experimental.WithCompilationWorkers(ctx, compileWorkers)
	config := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2).
		WithMemoryLimitPages(m.opts.memoryPages()).
		WithDebugInfoEnabled(false).
		WithCloseOnContextDone(true)

	var err error
	if m.cache != nil {
		m.runtime = wazero.NewRuntimeWithConfig(ctx, config.WithCompilationCache(m.cache))
		if m.compiled, err = m.runtime.CompileModule(ctx, wasm); err == nil {
			return nil
		}
		m.release(ctx)
	}
	m.runtime = wazero.NewRuntimeWithConfig(ctx, config)
	if m.compiled, err = m.runtime.CompileModule(ctx, wasm); err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return m.opts.classify(caller, &guest{}, "load", ctx.Err())
	}
	return m.opts.fail(Invalid, "load", clean([]byte(trapText(err)), MaxSentence))
}

// release gives everything back to the system; no call may be running.
func (m *Module) release(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	if m.compiled != nil {
		_ = m.compiled.Close(ctx)
	}
	if m.runtime != nil {
		_ = m.runtime.Close(ctx)
	}
	if m.cache != nil {
		_ = m.cache.Close(ctx)
	}
	m.compiled, m.runtime, m.cache = nil, nil, nil
}

func (m *Module) exports(name string) bool {
	_, ok := m.compiled.ExportedFunctions()[name]
	return ok
}

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
