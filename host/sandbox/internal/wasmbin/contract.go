package wasmbin

// What host and module promise each other: imports that are there, exports that
// have to be.

import "strings"

// A Func is a function by name and signature. Module is empty for an export.
type Func struct {
	Module, Name    string
	Params, Results []ValueType
}

// Contract is what the imports and exports of a module are held to.
type Contract struct {
	// Imports are the host's functions. Nothing else may be imported.
	Imports []Func
	// Memory is the name under which the module exports its memory; empty if it
	// need not.
	Memory string
	// Required exports must be there; Optional ones may. Either has exactly the
	// signature it is listed with.
	Required, Optional []Func
	// Prefix reserves names: an exported name that begins with it and is in
	// neither list is refused, so that a misspelt hook is found at load. Empty
	// reserves none.
	Prefix string
}

// check holds a module against the contract.
func (c *Contract) check(m *module) error {
	for i, e := range m.imports {
		if err := c.checkImport(m, i, e); err != nil {
			return err
		}
	}
	exports := make(map[string]exportEntry, len(m.exports))
	for i, e := range m.exports {
		if strings.HasPrefix(e.name, PrivatePrefix) {
			return badExport(i, e.name, "the name is the host's own")
		}
		if err := c.checkKnown(m, i, e); err != nil {
			return err
		}
		exports[e.name] = e
	}
	for _, f := range c.Required {
		if _, ok := exports[f.Name]; !ok {
			return badExport(-1, f.Name, "the function is missing")
		}
	}
	if e, ok := exports[c.Memory]; c.Memory != "" && (!ok || e.kind != kindMemory) {
		return badExport(-1, c.Memory, "the memory is missing")
	}
	return nil
}

func (c *Contract) checkImport(m *module, i int, e importEntry) error {
	fail := func(detail string) error {
		return &Error{Section: "import", Index: i, Name: e.module + "." + e.name, Reason: BadImport, Detail: detail}
	}
	if e.kind != kindFunc {
		return fail("only functions may be imported")
	}
	for _, f := range c.Imports {
		if f.Module != e.module || f.Name != e.name {
			continue
		}
		if t := m.typeOf(e.index); !t.equal(f.signature()) {
			return fail("imported as " + t.String() + ", it is " + f.signature().String())
		}
		return nil
	}
	return fail("the host has no such function")
}

// checkKnown holds an export against the lists, if it is in them.
func (c *Contract) checkKnown(m *module, i int, e exportEntry) error {
	for _, list := range [...][]Func{c.Required, c.Optional} {
		for _, f := range list {
			if f.Name != e.name {
				continue
			}
			if e.kind != kindFunc {
				return badExport(i, e.name, "it must be a function")
			}
			if t := m.typeOf(e.index); !t.equal(f.signature()) {
				return badExport(i, e.name, "exported as "+t.String()+", it must be "+f.signature().String())
			}
			return nil
		}
	}
	if c.Prefix != "" && strings.HasPrefix(e.name, c.Prefix) {
		return badExport(i, e.name, "no such hook is known")
	}
	return nil
}

func badExport(i int, name, detail string) error {
	return &Error{Section: "export", Index: i, Name: name, Reason: BadExport, Detail: detail}
}

func (f *Func) signature() funcType { return funcType{f.Params, f.Results} }

// String writes a signature as func(i32, i64) -> i32.
func (t funcType) String() string {
	s := "func(" + typeNames(t.params) + ")"
	if len(t.results) > 0 {
		s += " -> " + typeNames(t.results)
	}
	return s
}

func typeNames(list []ValueType) string {
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = typeName(t)
	}
	return strings.Join(names, ", ")
}

func typeName(t ValueType) string {
	switch t {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	case FuncRef:
		return "funcref"
	default:
		return "externref"
	}
}
