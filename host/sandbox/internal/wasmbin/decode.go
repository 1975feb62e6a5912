package wasmbin

// From bytes to a module: the sections, their order, and the entries of all
// but the larger ones (segments.go, walk.go).

import (
	"bytes"
	"fmt"
	"math"
)

// decode reads a module strictly. It does not look into function bodies.
func decode(wasm []byte, limits *Limits) (*module, error) {
	if len(wasm) > limits.ModuleBytes {
		return nil, overLimit(sectionModule, -1, "bytes", uint64(len(wasm)), uint64(limits.ModuleBytes))
	}
	if !bytes.HasPrefix(wasm, header) {
		return nil, malformed(sectionModule, -1, "not a WebAssembly 1 core module")
	}
	d := decoder{limits: limits, m: &module{size: len(wasm), start: -1, dataCount: -1}}
	top := reader{data: wasm, pos: len(header), section: sectionModule, index: -1}
	rank := 0
	for top.left() > 0 {
		id := top.byte()
		payload := top.bytes(top.u32())
		if top.err != nil {
			return nil, top.err
		}
		if err := checkSection(id, &rank); err != nil {
			return nil, err
		}
		d.reader = reader{data: payload, section: sectionNames[id], index: -1}
		d.decodeSection(id)
		if d.err == nil && d.left() > 0 {
			d.fail("the section is longer than its contents")
		}
		if d.err != nil {
			return nil, d.err
		}
		if id != idCustom {
			d.m.sections = append(d.m.sections, section{id, payload})
		}
	}
	return d.m, d.checkWhole()
}

// checkSection holds the order of sections; rank is that of the last one.
func checkSection(id byte, rank *int) error {
	switch {
	case id == idCustom:
		return nil
	case id == idTag:
		return unsupported(sectionModule, -1, "exceptions (tag section)")
	case int(id) >= len(sectionNames):
		return malformed(sectionModule, -1, fmt.Sprintf("unknown section id %d", id))
	case sectionRank[id] <= *rank:
		return malformed(sectionNames[id], -1, "section is out of order or there twice")
	}
	*rank = sectionRank[id]
	return nil
}

func unsupported(section string, index int, feature string) error {
	return &Error{Section: section, Index: index, Name: feature, Reason: Unsupported, Detail: "feature is not supported"}
}

// decoder fills m from one section after the other.
type decoder struct {
	reader
	limits      *Limits
	m           *module
	totalLocals uint64
	elements    int
	customs     int
	customBytes int
}

func (d *decoder) decodeSection(id byte) {
	switch id {
	case idCustom:
		d.customSection()
	case idType:
		d.typeSection()
	case idImport:
		d.importSection()
	case idFunction:
		d.functionSection()
	case idTable:
		d.tableSection()
	case idMemory:
		d.memorySection()
	case idGlobal:
		d.globalSection()
	case idExport:
		d.exportSection()
	case idStart:
		d.startSection()
	case idElement:
		d.elementSection()
	case idDataCount:
		d.m.dataCount = int64(d.u32())
	case idCode:
		d.codeSection()
	case idData:
		d.dataSection()
	}
}

// checkWhole holds what spans sections.
func (d *decoder) checkWhole() error {
	m := d.m
	if defined := len(m.funcs) - m.importedFuncs; defined != len(m.bodies) {
		return malformed("code", -1, fmt.Sprintf("%d functions are declared, %d have bodies", defined, len(m.bodies)))
	}
	if m.dataCount >= 0 && m.dataCount != int64(len(m.data)) {
		return malformed("data count", -1, fmt.Sprintf("%d segments are announced, %d are there", m.dataCount, len(m.data)))
	}
	return nil
}

func (d *decoder) customSection() {
	d.index = d.customs
	d.customs++
	d.customBytes += len(d.data)
	if d.customs > d.limits.CustomSections {
		d.failWith(overLimit(d.section, -1, "sections", uint64(d.customs), uint64(d.limits.CustomSections)))
	} else if d.customBytes > d.limits.CustomBytes {
		d.failWith(overLimit(d.section, d.index, "bytes in all", uint64(d.customBytes), uint64(d.limits.CustomBytes)))
	}
	d.name(d.limits.NameBytes)
	if d.err == nil {
		d.pos = len(d.data)
	}
}

func (d *decoder) typeSection() {
	n := d.count("types", d.limits.Types, 3)
	d.m.types = make([]funcType, n)
	for i := range d.m.types {
		d.index = i
		if form := d.byte(); form != 0x60 && d.err == nil {
			d.failWith(unsupported(d.section, i, fmt.Sprintf("type form %#x (garbage collection)", form)))
		}
		d.m.types[i].params = d.valueTypes("params", d.limits.Params)
		d.m.types[i].results = d.valueTypes("results", d.limits.Results)
		if d.err != nil {
			return
		}
	}
	d.index = -1
}

func (d *decoder) valueTypes(what string, limit int) []ValueType {
	list := d.bytes(uint32(d.count(what, limit, 1)))
	for _, t := range list {
		d.checkValueType(t)
	}
	return list
}

func (d *decoder) checkValueType(t byte) {
	if !isValueType(t) && d.err == nil {
		d.failWith(unsupported(d.section, d.index, fmt.Sprintf("value type %#x", t)))
	}
}

func isValueType(t byte) bool {
	return t >= V128 && t <= I32 || isRefType(t)
}

func isRefType(t byte) bool { return t == FuncRef || t == ExternRef }

func (d *decoder) importSection() {
	n := d.count("imports", d.limits.Imports, 4)
	d.m.imports = make([]importEntry, n)
	for i := range d.m.imports {
		d.index = i
		e := &d.m.imports[i]
		e.module, e.name = d.name(d.limits.NameBytes), d.name(d.limits.NameBytes)
		e.kind = d.byte()
		switch e.kind {
		case kindFunc:
			e.index = uint32(len(d.m.funcs))
			d.m.funcs = append(d.m.funcs, d.typeIndex())
		case kindTable:
			e.index = uint32(len(d.m.tables))
			d.m.tables = append(d.m.tables, d.tableType())
		case kindMemory:
			e.index = uint32(len(d.m.memories))
			d.m.memories = append(d.m.memories, d.memoryType())
		case kindGlobal:
			e.index = uint32(len(d.m.globals))
			d.m.globals = append(d.m.globals, d.globalType())
		case kindTag:
			d.failWith(unsupported(d.section, i, "exceptions (tag import)"))
		default:
			d.fail("unknown kind of import")
		}
		if d.err != nil {
			return
		}
	}
	d.m.importedFuncs, d.m.importedGlobals = len(d.m.funcs), len(d.m.globals)
	d.index = -1
}

// index reads a number below n.
func (d *decoder) indexBelow(n int, what string) uint32 {
	v := d.u32()
	if d.err == nil && uint64(v) >= uint64(n) {
		d.fail(fmt.Sprintf("%s %d does not exist", what, v))
		return 0
	}
	return v
}

func (d *decoder) typeIndex() uint32 { return d.indexBelow(len(d.m.types), "type") }
func (d *decoder) funcIndex() uint32 { return d.indexBelow(len(d.m.funcs), "function") }

func (d *decoder) functionSection() {
	n := d.count("functions", d.limits.Functions, 1)
	d.m.funcs = append(make([]uint32, 0, len(d.m.funcs)+n), d.m.funcs...)
	for i := range n {
		d.index = i
		d.m.funcs = append(d.m.funcs, d.typeIndex())
	}
	d.index = -1
}

func (d *decoder) tableSection() {
	for i := range d.count("tables", d.limits.Tables, 3) {
		d.index = i
		d.m.tables = append(d.m.tables, d.tableType())
	}
	d.index = -1
}

func (d *decoder) tableType() tableType {
	elem := d.byte()
	if d.err == nil && !isRefType(elem) {
		d.failWith(unsupported(d.section, d.index, fmt.Sprintf("table of %#x", elem)))
	}
	least, _, _ := d.sizes("table64")
	if d.err == nil && uint64(least) > uint64(d.limits.TableEntries) {
		d.failWith(overLimit(d.section, d.index, "table entries", uint64(least), uint64(d.limits.TableEntries)))
	}
	return tableType{elem, least}
}

// sizes reads a minimum and maybe a maximum.
func (d *decoder) sizes(wide string) (least, most uint32, hasMax bool) {
	flags := d.byte()
	switch {
	case d.err != nil:
		return
	case flags&^7 != 0:
		d.fail("unknown flags of a size")
	case flags&4 != 0:
		d.failWith(unsupported(d.section, d.index, wide))
	case flags&2 != 0:
		d.failWith(unsupported(d.section, d.index, "threads (shared)"))
	}
	least = d.u32()
	if hasMax = flags&1 != 0; hasMax {
		most = d.u32()
		if d.err == nil && most < least {
			d.fail("the maximum is below the minimum")
		}
	}
	return least, most, hasMax
}

// maxPages is what 32 bits can address, in pages of 64 KiB.
const maxPages = 1 << 16

func (d *decoder) memorySection() {
	for i := range d.count("memories", math.MaxInt, 2) {
		d.index = i
		d.m.memories = append(d.m.memories, d.memoryType())
	}
	d.index = -1
}

func (d *decoder) memoryType() memoryType {
	var t memoryType
	t.min, t.max, t.hasMax = d.sizes("memory64")
	switch {
	case d.err != nil:
	case len(d.m.memories) > 0:
		d.failWith(unsupported(d.section, d.index, "multi-memory"))
	case t.min > maxPages || t.max > maxPages:
		d.fail("memory is larger than 4 GiB")
	case uint64(t.min) > uint64(d.limits.MemoryPages):
		d.failWith(overLimit(d.section, d.index, "pages of memory", uint64(t.min), uint64(d.limits.MemoryPages)))
	}
	return t
}

func (d *decoder) globalSection() {
	n := d.count("globals", d.limits.Globals, 4)
	d.m.globals = append(make([]global, 0, len(d.m.globals)+n), d.m.globals...)
	for i := range n {
		d.index = i
		g := d.globalType()
		g.init = d.constExpr()
		d.m.globals = append(d.m.globals, g)
	}
	d.index = -1
}

func (d *decoder) globalType() global {
	g := global{typ: d.byte()}
	d.checkValueType(g.typ)
	mutable := d.byte()
	if mutable > 1 {
		d.fail("bad mutability")
	}
	g.mutable = mutable == 1
	return g
}

func (d *decoder) startSection() {
	f := d.funcIndex()
	if d.err != nil {
		return
	}
	if t := d.m.typeOf(f); len(t.params)+len(t.results) > 0 {
		d.fail("the start function is " + t.String() + ", it must be func()")
		return
	}
	d.m.start = int64(f)
}

func (d *decoder) exportSection() {
	n := d.count("exports", d.limits.Exports, 3)
	d.m.exports = make([]exportEntry, n)
	seen := make(map[string]struct{}, n)
	spaces := [...]int{len(d.m.funcs), len(d.m.tables), len(d.m.memories), len(d.m.globals)}
	for i := range d.m.exports {
		d.index = i
		e := &d.m.exports[i]
		e.name = d.name(d.limits.NameBytes)
		e.kind = d.byte()
		if d.err == nil && int(e.kind) >= len(spaces) {
			d.fail("unknown kind of export")
			return
		}
		e.index = d.indexBelow(spaces[e.kind&3], "exported item")
		if _, twice := seen[e.name]; twice {
			d.fail("the same name is exported twice")
		}
		seen[e.name] = struct{}{}
		if d.err != nil {
			return
		}
	}
	d.index = -1
}
