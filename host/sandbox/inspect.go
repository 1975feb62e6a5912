// The first look at a module's bytes, before any compiler sees them, and the
// rewriting that makes it pay for what it does.

package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-run/sluice/host/sandbox/internal/wasmbin"
)

const (
	exportMemory     = "memory"
	exportInitialize = "_initialize"
)

// inspect refuses what the compiler must not be given, and what does not keep
// to the ABI.
func inspect(wasm []byte, opts *Options) (*wasmbin.Info, error) {
	if text := foreign(wasm, opts.MaxModule); text != "" {
		return nil, opts.fail(Invalid, "load", text)
	}
	info, err := wasmbin.Inspect(wasm, opts.Limits, contract(&opts.ABI))
	if err != nil {
		return nil, opts.unfit(err)
	}
	for _, name := range opts.ABI.Hooks {
		if exports(info, name) {
			return info, nil
		}
	}
	return nil, opts.fail(Invalid, "load", "it exports none of the hooks")
}

// foreign says what bytes are that somebody took for a module, "" if they may be
// one.
func foreign(wasm []byte, limit int) string {
	switch {
	case len(wasm) > limit:
		return fmt.Sprintf("%d bytes are over the limit of %d", len(wasm), limit)
	case len(wasm) == 0:
		return "it is empty"
	case !bytes.HasPrefix(wasm, []byte("\x00asm")):
		return "it is not WebAssembly: the magic number is missing"
	case bytes.HasPrefix(wasm, []byte("\x00asm\x0d\x00\x01\x00")):
		return "it is a component; a core module is needed"
	case !bytes.HasPrefix(wasm, []byte("\x00asm\x01\x00\x00\x00")):
		return "it is not of WebAssembly version 1"
	}
	return ""
}

// unfit is the error for a module that does not pass. Names in it are the
// module's, so they are cut and cleaned.
func (o *Options) unfit(err error) *Error {
	text := strings.TrimPrefix(err.Error(), "wasm: ")
	var refused *wasmbin.Error
	if errors.As(err, &refused) {
		const longest = 64
		name := clean([]byte(refused.Name), longest)
		switch refused.Reason {
		case wasmbin.BadImport:
			text = "it imports `" + name + "`: " + refused.Detail
		case wasmbin.BadExport:
			text = "its export `" + name + "`: " + refused.Detail
		}
	}
	return o.fail(Invalid, "load", clean([]byte(text), MaxSentence))
}

// contract is the ABI in the words of the inspection.
func contract(abi *ABI) wasmbin.Contract {
	const i32, i64 = wasmbin.I32, wasmbin.I64
	action := func(name string) wasmbin.Func { return wasmbin.Func{Name: name} }
	hook := func(name string) wasmbin.Func {
		return wasmbin.Func{Name: name, Params: []wasmbin.ValueType{i32, i32}, Results: []wasmbin.ValueType{i64}}
	}
	c := wasmbin.Contract{
		Memory: exportMemory,
		Required: []wasmbin.Func{
			{Name: abi.Buffer, Params: []wasmbin.ValueType{i32}, Results: []wasmbin.ValueType{i32}},
		},
		Optional: []wasmbin.Func{action(exportInitialize)},
	}
	for _, f := range hostFuncs(abi) {
		c.Imports = append(c.Imports, wasmbin.Func{Module: f.module, Name: f.name, Params: f.params, Results: f.results})
	}
	if abi.Version != "" {
		c.Required = append(c.Required, action(abi.Version))
	}
	if abi.Configure != "" {
		c.Optional = append(c.Optional, hook(abi.Configure))
	}
	for _, name := range abi.Hooks {
		c.Optional = append(c.Optional, hook(name))
	}
	return c
}

func exports(info *wasmbin.Info, name string) bool {
	_, ok := info.Exported(name)
	return ok
}
