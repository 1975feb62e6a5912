// What a module may import: one table, checked by name and signature.

package sandbox

import (
	"context"
	"errors"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

const (
	i32 = api.ValueTypeI32
	i64 = api.ValueTypeI64
)

// A signature is a function's type.
type signature struct {
	params, results []api.ValueType
}

func (s signature) matches(def api.FunctionDefinition) bool {
	return slices.Equal(s.params, def.ParamTypes()) && slices.Equal(s.results, def.ResultTypes())
}

func (s signature) String() string {
	text := "func(" + typeNames(s.params) + ")"
	if len(s.results) > 0 {
		text += " -> " + typeNames(s.results)
	}
	return text
}

func typeNames(types []api.ValueType) string {
	text := ""
	for i, t := range types {
		if i > 0 {
			text += ", "
		}
		text += api.ValueTypeName(t)
	}
	return text
}

// A hostFunc is a function that a guest may import.
type hostFunc struct {
	module, name string
	signature
	call func(g *guest, mem api.Memory, stack []uint64)
}

var errLogPointer = errors.New("the log text lies outside the memory")

func logFunc(abi *ABI) hostFunc {
	return hostFunc{abi.ImportModule, abi.ImportLog, signature{params: []api.ValueType{i32, i32, i32}},
		func(g *guest, mem api.Memory, stack []uint64) {
			level, ptr, size := uint32(stack[0]), uint32(stack[1]), uint32(stack[2])
			text, ok := mem.Read(ptr, size)
			if !ok {
				panic(errLogPointer)
			}
			g.journal.line(level, text)
		}}
}

// link checks the imports of a compiled module and gives the runtime those of
// the host's functions that it asks for.
func link(ctx context.Context, runtime wazero.Runtime, compiled wazero.CompiledModule, opts *Options) error {
	allowed := append(wasiFuncs(), logFunc(&opts.ABI))
	builders := map[string]wazero.HostModuleBuilder{}
	for _, def := range compiled.ImportedFunctions() {
		module, name, _ := def.Import()
		i := slices.IndexFunc(allowed, func(f hostFunc) bool { return f.module == module && f.name == name })
		if i < 0 {
			return opts.fail(Invalid, "load", "it imports "+quoteImport(module, name)+", which is not there for guests")
		}
		f := allowed[i]
		if !f.matches(def) {
			return opts.fail(Invalid, "load", "it imports "+quoteImport(module, name)+" with a wrong signature; it is "+f.String())
		}
		if builders[module] == nil {
			builders[module] = runtime.NewHostModuleBuilder(module)
		}
		builders[module].NewFunctionBuilder().WithGoModuleFunction(f.bind(), f.params, f.results).Export(name)
	}
	for _, def := range compiled.ImportedMemories() {
		module, name, _ := def.Import()
		return opts.fail(Invalid, "load", "it imports the memory "+quoteImport(module, name)+"; it must have its own")
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
		f.call(guestOf(ctx), mod.Memory(), stack)
	}
}

// quoteImport names an import in an error; the names are the module's, so they
// are cut and cleaned.
func quoteImport(module, name string) string {
	const longest = 64
	return "`" + clean([]byte(module), longest) + "." + clean([]byte(name), longest) + "`"
}
