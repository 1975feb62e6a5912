// Sections.

package wasmtest

import "slices"

// Types of values. A list of types is their concatenation: I32+I32.
const (
	I32 = "\x7f"
	I64 = "\x7e"
)

// Kinds of imports and exports.
const (
	kindFunc   = 0
	kindMemory = 2
	kindGlobal = 3
)

const typeFunc = 0x60

// Module is a module in the making. Its zero value is an empty module.
type Module struct {
	types, imports, funcs, memories, globals, exports, codes, datas vector
	start                                                           []byte
	functions                                                       uint32
}

// A vector is a counted list of encoded items.
type vector struct {
	count uint64
	items []byte
}

func (v *vector) add(item ...[]byte) uint32 {
	v.count++
	v.items = append(v.items, slices.Concat(item...)...)
	return uint32(v.count - 1)
}

func text(s string) []byte { return append(leb(uint64(len(s))), s...) }

func (m *Module) signature(params, results string) []byte {
	return leb(uint64(m.types.add([]byte{typeFunc}, text(params), text(results))))
}

// Import imports a function and returns its index. Imports come before all
// functions.
func (m *Module) Import(module, name, params, results string) uint32 {
	if m.funcs.count > 0 {
		panic("wasmtest: import after a function")
	}
	m.imports.add(text(module), text(name), []byte{kindFunc}, m.signature(params, results))
	m.functions++
	return m.functions - 1
}

// ImportMemory imports a memory of one page.
func (m *Module) ImportMemory(module, name string) {
	m.imports.add(text(module), text(name), []byte{kindMemory, 0, 1})
}

// ImportGlobal imports an immutable i32.
func (m *Module) ImportGlobal(module, name string) {
	m.imports.add(text(module), text(name), []byte{kindGlobal}, []byte(I32), []byte{0})
}

// Func adds a function and returns its index.
func (m *Module) Func(params, results, locals string, body ...Code) uint32 {
	m.funcs.add(m.signature(params, results))
	code := leb(uint64(len(locals)))
	for _, t := range []byte(locals) {
		code = append(code, 1, t)
	}
	code = append(append(code, Seq(body...)...), end)
	m.codes.add(leb(uint64(len(code))), code)
	m.functions++
	return m.functions - 1
}

// Memory adds a memory of min pages that may grow to max.
func (m *Module) Memory(min, max uint32) {
	m.memories.add([]byte{1}, leb(uint64(min)), leb(uint64(max)))
}

// Global adds a mutable i32 and returns its index.
func (m *Module) Global(value int32) uint32 {
	return m.globals.add([]byte(I32), []byte{1}, I32Const(value), []byte{end})
}

// Data puts bytes into the memory.
func (m *Module) Data(offset int32, bytes string) {
	m.datas.add([]byte{0}, I32Const(offset), []byte{end}, text(bytes))
}

// Export exports a function.
func (m *Module) Export(name string, f uint32) {
	m.exports.add(text(name), []byte{kindFunc}, leb(uint64(f)))
}

// ExportMemory exports the memory.
func (m *Module) ExportMemory(name string) {
	m.exports.add(text(name), []byte{kindMemory, 0})
}

// Start makes a function of no parameters and no results the start function.
func (m *Module) Start(f uint32) { m.start = leb(uint64(f)) }

// Bytes is the module in the binary format.
func (m *Module) Bytes() []byte {
	wasm := []byte("\x00asm\x01\x00\x00\x00")
	section := func(id byte, content []byte) {
		wasm = append(append(append(wasm, id), leb(uint64(len(content)))...), content...)
	}
	list := func(id byte, v vector) {
		if v.count > 0 {
			section(id, append(leb(v.count), v.items...))
		}
	}
	list(1, m.types)
	list(2, m.imports)
	list(3, m.funcs)
	list(5, m.memories)
	list(6, m.globals)
	list(7, m.exports)
	if m.start != nil {
		section(8, m.start)
	}
	list(10, m.codes)
	list(11, m.datas)
	return wasm
}
