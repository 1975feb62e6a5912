// What a module must and may export, with exact signatures.

package sandbox

import "github.com/tetratelabs/wazero"

const (
	exportMemory     = "memory"
	exportInitialize = "_initialize"
)

var (
	typeAction = signature{}
	typeBuffer = signature{params: []byte{i32}, results: []byte{i32}}
	typeHook   = signature{params: []byte{i32, i32}, results: []byte{i64}}
)

// checkExports holds a module's exports against the ABI and returns the hooks
// that it has.
func checkExports(compiled wazero.CompiledModule, opts *Options) (hooks []string, err error) {
	abi, defs := &opts.ABI, compiled.ExportedFunctions()
	invalid := func(text string) error { return opts.fail(Invalid, "load", text) }

	if _, ok := compiled.ExportedMemories()[exportMemory]; !ok {
		return nil, invalid("it does not export its memory as `" + exportMemory + "`")
	}
	for _, export := range []struct {
		name     string
		want     signature
		required bool
	}{
		{abi.Version, typeAction, abi.Version != ""},
		{abi.Buffer, typeBuffer, true},
		{abi.Configure, typeHook, false},
		{exportInitialize, typeAction, false},
	} {
		def, ok := defs[export.name]
		if !ok && export.required {
			return nil, invalid("it does not export `" + export.name + "`")
		}
		if ok && !export.want.matches(def) {
			return nil, invalid("its export `" + export.name + "` has a wrong signature; it must be " + export.want.String())
		}
	}
	for _, name := range abi.Hooks {
		def, ok := defs[name]
		if !ok {
			continue
		}
		if !typeHook.matches(def) {
			return nil, invalid("its export `" + name + "` has a wrong signature; it must be " + typeHook.String())
		}
		hooks = append(hooks, name)
	}
	if len(hooks) == 0 {
		return nil, invalid("it exports none of the hooks")
	}
	return hooks, nil
}
