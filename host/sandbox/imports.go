// What a module may import: one table of host functions, each of which costs
// fuel.

package sandbox

import (
	"context"
	"errors"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sluice-run/sluice/host/sandbox/internal/wasmbin"
)

const (
	i32 = api.ValueTypeI32
	i64 = api.ValueTypeI64
)

// hostCallFuel is the price of each call of a host function, about what the way
// out of the guest and back takes. Functions whose work grows with a size charge
// for it on top: a unit for each byte.
const hostCallFuel = 50

// A hostFunc is a function that a guest may import.
type hostFunc struct {
	module, name    string
	params, results []api.ValueType
	call            func(g *guest, mem api.Memory, stack []uint64)
}

func hostFuncs(abi *ABI) []hostFunc { return append(wasiFuncs(), logFunc(abi)) }

var errLogPointer = errors.New("the log text lies outside the memory")

func logFunc(abi *ABI) hostFunc {
	return hostFunc{abi.ImportModule, abi.ImportLog, []api.ValueType{i32, i32, i32}, nil,
		func(g *guest, mem api.Memory, stack []uint64) {
			level, ptr, size := uint32(stack[0]), uint32(stack[1]), uint32(stack[2])
			text, ok := mem.Read(ptr, size)
			if !ok {
				panic(errLogPointer)
			}
			text = text[:min(len(text), MaxLogLine)]
			g.charge(uint64(len(text)))
			g.journal.line(level, text)
		}}
}

// link gives the runtime those of the host's functions that the module asks
// for. Inspection has held them against the same table.
func link(ctx context.Context, runtime wazero.Runtime, info *wasmbin.Info, opts *Options) error {
	table := hostFuncs(&opts.ABI)
	builders := map[string]wazero.HostModuleBuilder{}
	linked := map[string]bool{}
	for _, asked := range info.Imports {
		i := slices.IndexFunc(table, func(f hostFunc) bool { return f.module == asked.Module && f.name == asked.Name })
		f := table[i]
		if linked[f.module+"."+f.name] {
			continue
		}
		linked[f.module+"."+f.name] = true
		if builders[f.module] == nil {
			builders[f.module] = runtime.NewHostModuleBuilder(f.module)
		}
		builders[f.module].NewFunctionBuilder().WithGoModuleFunction(f.bind(), f.params, f.results).Export(f.name)
	}
	for _, builder := range builders {
		if _, err := builder.Instantiate(ctx); err != nil {
			return opts.fail(Invalid, "load", trapText(err))
		}
	}
	return nil
}

func (f hostFunc) bind() api.GoModuleFunc {
	return func(ctx context.Context, mod api.Module, stack []uint64) {
		g := guestOf(ctx)
		g.charge(hostCallFuel)
		f.call(g, mod.Memory(), stack)
	}
}
