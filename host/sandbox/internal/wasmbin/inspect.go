package wasmbin

// The look at a module before a compiler sees it.

import "bytes"

// Info is what Inspect found.
type Info struct {
	// Size is the size of the module in bytes, CodeBytes that of its functions.
	Size, CodeBytes int
	// Functions counts the functions that the module defines.
	Functions int
	// Imports are the functions that the module imports.
	Imports []Func
	// Exports are the functions that the module exports.
	Exports []Func
	// Memory is the size of the module's memory.
	Memory Memory
	// Globals are the module's mutable globals, all of which Meter exports.
	Globals []Global
	// Data is what instantiation writes into the memory, in this order. The bytes
	// are the module's own.
	Data []Data
	// HasStart tells of a start function, which Meter turns into StartExport.
	HasStart bool
}

// Memory is a memory's declared size in pages of 64 KiB.
type Memory struct {
	Min, Max uint32
	// HasMax is false if the module leaves the maximum to the host.
	HasMax bool
}

// Data is an active data segment.
type Data struct {
	Offset uint32
	Bytes  []byte
}

// A Global is a mutable global.
type Global struct {
	// Index is the global's index, imports counted.
	Index uint32
	Type  ValueType
	// Name is the export that Meter makes of it.
	Name string
}

// Exported returns the exported function of that name.
func (i *Info) Exported(name string) (Func, bool) {
	for _, f := range i.Exports {
		if f.Name == name {
			return f, true
		}
	}
	return Func{}, false
}

// Inspect decodes a module as far as down to each instruction, and refuses what
// is malformed, over a limit, beyond WebAssembly 2.0, against the contract, or
// not restorable by memory and globals alone. Operand types are left to the
// compiler. An error is an *Error.
//
// It takes time and memory in proportion to the module's bytes, whatever they
// claim.
func Inspect(wasm []byte, limits Limits, contract Contract) (*Info, error) {
	m, err := decode(wasm, &limits)
	if err != nil {
		return nil, err
	}
	if err := contract.check(m); err != nil {
		return nil, err
	}
	if err := checkGlobals(m); err != nil {
		return nil, err
	}
	if err := checkCode(m, &limits); err != nil {
		return nil, err
	}
	info := m.info()
	if info.Data, err = m.activeData(); err != nil {
		return nil, err
	}
	return info, nil
}

// checkGlobals refuses mutable globals that the host has no way to set.
func checkGlobals(m *module) error {
	for i, g := range m.globals {
		if g.mutable && !restorable(g.typ) {
			return &Error{Section: "global", Index: i, Name: typeName(g.typ), Reason: NotRestorable,
				Detail: "a mutable global of this type can not be restored"}
		}
	}
	return nil
}

func restorable(t ValueType) bool { return t >= F64 && t <= I32 }

func checkCode(m *module, limits *Limits) error {
	w := walker{m: m, limits: limits}
	var in instr
	for body := range m.bodies {
		w.enter(body)
		for w.next(&in) {
			if name := stateful(in.op); name != "" {
				return &Error{Section: w.section, Index: w.index, Name: name, Reason: NotRestorable,
					Detail: "what this instruction changes can not be restored"}
			}
		}
		if w.err != nil {
			return w.err
		}
	}
	return nil
}

func (m *module) info() *Info {
	info := &Info{Size: m.size, CodeBytes: m.codeBytes, Functions: len(m.bodies), HasStart: m.start >= 0}
	for _, e := range m.imports {
		if e.kind == kindFunc {
			t := m.typeOf(e.index)
			info.Imports = append(info.Imports, t.named(e.module, e.name))
		}
	}
	for _, e := range m.exports {
		if e.kind == kindFunc {
			t := m.typeOf(e.index)
			info.Exports = append(info.Exports, t.named("", e.name))
		}
	}
	if len(m.memories) > 0 {
		info.Memory = Memory{m.memories[0].min, m.memories[0].max, m.memories[0].hasMax}
	}
	info.Globals = m.mutableGlobals()
	return info
}

// named makes a Func that does not hold on to the binary.
func (t funcType) named(module, name string) Func {
	return Func{module, name, bytes.Clone(t.params), bytes.Clone(t.results)}
}

// mutableGlobals lists the module's own mutable globals that can be restored.
func (m *module) mutableGlobals() []Global {
	var list []Global
	for i, g := range m.globals {
		if i >= m.importedGlobals && g.mutable && restorable(g.typ) {
			list = append(list, Global{uint32(i), g.typ, globalName(uint32(i))})
		}
	}
	return list
}
