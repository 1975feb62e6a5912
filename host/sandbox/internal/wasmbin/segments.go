package wasmbin

// The sections that hold vectors of code and data: element, code and data
// segments, and the constant expressions that place them.

import (
	"fmt"
	"math"
)

// constExpr passes over a constant expression and returns it with its end. Only
// what WebAssembly 2.0 has is known: one constant, reference or imported global.
func (d *decoder) constExpr() []byte {
	start := d.pos
	switch op := d.byte(); op {
	case opI32Const:
		d.skipSigned(32)
	case opI64Const:
		d.skipSigned(64)
	case opF32Const:
		d.bytes(4)
	case opF64Const:
		d.bytes(8)
	case opGlobalGet:
		d.indexBelow(d.m.importedGlobals, "imported global")
	case opRefNull:
		if !isRefType(d.byte()) {
			d.fail("bad type of a null reference")
		}
	case opRefFunc:
		d.funcIndex()
	case prefixSIMD:
		if d.u32() != simdConst {
			d.fail("not a constant expression")
		}
		d.bytes(16)
	default:
		if d.err == nil {
			d.failWith(unsupported(d.section, d.index, fmt.Sprintf("constant expression with opcode %#x", op)))
		}
	}
	if d.byte() != opEnd && d.err == nil {
		d.failWith(unsupported(d.section, d.index, "extended constant expression"))
	}
	return d.data[start:d.pos]
}

// The bits of an element segment's flags.
const (
	elemPassive  = 1 // or declarative, with elemExplicit
	elemExplicit = 2
	elemExprs    = 4
)

func (d *decoder) elementSection() {
	n := d.count("segments", d.limits.ElementSegments, 3)
	d.m.elements = n
	for i := range n {
		d.index = i
		d.elementSegment()
	}
	d.index = -1
}

func (d *decoder) elementSegment() {
	flags := d.u32()
	if flags > 7 {
		d.fail("unknown flags of a segment")
	}
	if flags&elemPassive == 0 {
		if flags&elemExplicit != 0 {
			d.indexBelow(len(d.m.tables), "table")
		}
		d.constExpr()
	}
	if flags&(elemPassive|elemExplicit) != 0 {
		kind := d.byte()
		if ok := kind == 0; flags&elemExprs == 0 && !ok || flags&elemExprs != 0 && !isRefType(kind) {
			d.fail("bad type of a segment")
		}
	}
	n := d.count("elements", d.limits.Elements, 1)
	if d.elements += n; d.elements > d.limits.Elements {
		d.failWith(overLimit(d.section, d.index, "elements in all", uint64(d.elements), uint64(d.limits.Elements)))
	}
	for i := 0; i < n && d.err == nil; i++ {
		if flags&elemExprs != 0 {
			d.constExpr()
		} else {
			d.funcIndex()
		}
	}
}

func (d *decoder) codeSection() {
	n := d.count("functions", d.limits.Functions, 1)
	d.m.bodies = make([]funcBody, n)
	for i := range d.m.bodies {
		d.index = d.m.importedFuncs + i
		size := d.count("bytes of a body", d.limits.FunctionBytes, 1)
		entry := d.bytes(uint32(size))
		if d.err != nil {
			return
		}
		if err := d.body(&d.m.bodies[i], entry); err != nil {
			d.failWith(err)
			return
		}
		d.m.codeBytes += size
	}
	d.index = -1
}

// body reads the locals of one function.
func (d *decoder) body(b *funcBody, entry []byte) error {
	r := reader{data: entry, section: d.section, index: d.index}
	var locals, size uint64
	for range r.count("groups of locals", math.MaxInt, 2) {
		n := uint64(r.u32())
		t := r.byte()
		if r.err == nil && !isValueType(t) {
			r.failWith(unsupported(d.section, d.index, fmt.Sprintf("value type %#x", t)))
		}
		if r.err != nil {
			return r.err
		}
		locals += n
		size += n * slotBytes(t)
	}
	d.totalLocals += locals
	switch {
	case r.err != nil:
		return r.err
	case locals > uint64(min(d.limits.Locals, math.MaxUint32)):
		return overLimit(d.section, d.index, "locals", locals, uint64(d.limits.Locals))
	case d.totalLocals > uint64(d.limits.TotalLocals):
		return overLimit(d.section, d.index, "locals in all", d.totalLocals, uint64(d.limits.TotalLocals))
	}
	*b = funcBody{entry: entry, code: entry[r.pos:], locals: uint32(locals), localBytes: uint32(min(size, math.MaxUint32))}
	return nil
}

// slotBytes is the native size of a value.
func slotBytes(t ValueType) uint64 {
	if t == V128 {
		return 16
	}
	return 8
}

func (d *decoder) dataSection() {
	n := d.count("segments", d.limits.DataSegments, 2)
	d.m.data = make([]dataSegment, n)
	for i := range d.m.data {
		d.index = i
		start := d.pos
		flags := d.u32()
		if flags > 2 {
			d.fail("unknown flags of a segment")
		}
		if flags == 2 {
			d.indexBelow(1, "memory")
		}
		segment := &d.m.data[i]
		if segment.active = flags != 1; segment.active {
			segment.offset = d.constExpr()
		}
		segment.content = d.bytes(d.u32())
		if d.err != nil {
			return
		}
		segment.entry = d.data[start:d.pos]
	}
	d.index = -1
}

// activeData lists the active data segments. Their offsets are constants, since
// no globals can be imported.
func (m *module) activeData() (list []Data, err error) {
	for i, s := range m.data {
		if !s.active {
			continue
		}
		if s.offset[0] != opI32Const {
			return nil, malformed("data", i, "the offset must be an i32 constant")
		}
		offset, _ := sleb(s.offset[1:], 32)
		list = append(list, Data{uint32(offset), s.content})
	}
	return list, nil
}
