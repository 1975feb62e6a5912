package wasmbin

// The walk over one function's instructions: decodes immediates, holds every
// index against its space, and keeps the stack of labels. It does not check
// operand types; the compiler does.

import "fmt"

// An instr is one instruction. op carries the prefix in its upper byte; index
// is the immediate index or branch depth, if there is one.
type instr struct {
	op         uint16
	start, end int
	index      uint32
}

// A label is an open block, loop or if; the first is the function itself.
type label struct {
	op       byte // opBlock for the function
	hasElse  bool
	targeted bool // something branches to it
	// parent belongs to meter.go: the segment that goes on after the end.
	parent int32
}

// walker is reused from function to function.
type walker struct {
	m      *module
	limits *Limits
	reader
	locals uint64 // with params
	labels []label
	// What the open and closed blocks of the function add up to.
	blocks, loopDepth  int
	merges, loopMerges uint64
	// popped is the label that the last end closed.
	popped label
}

// enter starts the walk of a function, by its place in the code section.
func (w *walker) enter(body int) {
	b := &w.m.bodies[body]
	fn := w.m.importedFuncs + body
	w.reader = reader{data: b.code, section: sectionNames[idCode], index: fn}
	w.locals = uint64(len(w.m.typeOf(uint32(fn)).params)) + uint64(b.locals)
	w.blocks, w.loopDepth, w.merges, w.loopMerges = 0, 0, 0, 0
	w.labels = append(w.labels[:0], label{op: opBlock})
}

// next decodes one instruction. It is false after the function's last end, and
// after an error.
func (w *walker) next(in *instr) bool {
	if len(w.labels) == 0 {
		if w.left() > 0 {
			w.fail("instructions after the end of the function")
		}
		return false
	}
	op := w.byte()
	*in = instr{op: uint16(op), start: w.pos - 1}
	imm := single[op]
	switch op {
	case prefixBulk:
		imm = w.bulkOpcode(in)
	case prefixSIMD:
		imm = w.simdOpcode(in)
	case opElse:
		w.elseBranch()
	case opEnd:
		w.popped = w.labels[len(w.labels)-1]
		w.labels = w.labels[:len(w.labels)-1]
		if w.popped.op == opLoop {
			w.loopDepth--
		}
	}
	w.immediate(imm, in)
	in.end = w.pos
	return w.err == nil
}

func (w *walker) immediate(imm immediate, in *instr) {
	switch imm {
	case immNone:
	case immUnknown:
		w.unknown(byte(in.op))
	case immLocal:
		in.index = w.u32()
		if uint64(in.index) >= w.locals {
			w.fail(fmt.Sprintf("local %d does not exist", in.index))
		}
	case immI32:
		w.skipSigned(32)
	case immI64:
		w.skipSigned(64)
	case immAccess:
		w.access()
	case immLabel:
		in.index = w.branch()
	case immBlock:
		w.open(byte(in.op))
	case immFunc:
		in.index = w.below(len(w.m.funcs), "function")
	case immGlobal:
		in.index = w.below(len(w.m.globals), "global")
	case imm4:
		w.bytes(4)
	case imm8:
		w.bytes(8)
	default:
		w.rareImmediate(imm, in)
	}
}

func (w *walker) rareImmediate(imm immediate, in *instr) {
	switch imm {
	case immLabels:
		for range w.count("targets of br_table", w.limits.BranchTargets, 1) {
			w.branch()
		}
		w.branch()
	case immCallIndirect:
		in.index = w.below(len(w.m.types), "type")
		w.below(len(w.m.tables), "table")
	case immSelect:
		if w.u32() != 1 || !isValueType(w.byte()) {
			w.fail("bad type of select")
		}
	case immTable:
		w.below(len(w.m.tables), "table")
	case immRefType:
		if !isRefType(w.byte()) {
			w.fail("bad type of a null reference")
		}
	case immMemory:
		w.memory()
	case immMemories:
		w.memory()
		w.memory()
	case imm16:
		w.bytes(16)
	case immLane:
		w.byte()
	case immLanes:
		w.access()
		w.byte()
	case immData:
		w.dataIndex()
		w.memory()
	case immDataIndex:
		w.dataIndex()
	case immElem:
		w.below(w.m.elements, "element segment")
		w.below(len(w.m.tables), "table")
	case immElemIndex:
		w.below(w.m.elements, "element segment")
	case immTables:
		w.below(len(w.m.tables), "table")
		w.below(len(w.m.tables), "table")
	}
}

func (w *walker) below(n int, what string) uint32 {
	v := w.u32()
	if uint64(v) >= uint64(n) {
		w.fail(fmt.Sprintf("%s %d does not exist", what, v))
	}
	return v
}

func (w *walker) dataIndex() {
	if w.m.dataCount < 0 {
		w.fail("a data segment is used without a data count section")
		return
	}
	w.below(int(w.m.dataCount), "data segment")
}

func (w *walker) memory() {
	if w.byte() != 0 && w.err == nil {
		w.failWith(unsupported(w.section, w.index, "multi-memory"))
	}
	w.needMemory()
}

func (w *walker) needMemory() {
	if len(w.m.memories) == 0 {
		w.fail("there is no memory")
	}
}

// maxAlign is the exponent of the largest alignment, that of a v128.
const maxAlign = 4

func (w *walker) access() {
	align := w.u32()
	if align > maxAlign {
		if align&0x40 != 0 {
			w.failWith(unsupported(w.section, w.index, "multi-memory"))
		}
		w.fail("bad alignment")
	}
	w.u32()
	w.needMemory()
}

// branch reads the depth of a label and marks it as a target.
func (w *walker) branch() uint32 {
	depth := w.u32()
	if uint64(depth) >= uint64(len(w.labels)) {
		w.fail(fmt.Sprintf("label %d does not exist", depth))
		return 0
	}
	w.labels[len(w.labels)-1-int(depth)].targeted = true
	return depth
}

// open reads the type of a block and pushes its label.
func (w *walker) open(op byte) {
	merges := w.locals + w.blockType()
	w.labels = append(w.labels, label{op: op})
	w.blocks++
	w.merges += merges
	w.hold("nested blocks", uint64(len(w.labels)-1), w.limits.BlockDepth)
	w.hold("blocks", uint64(w.blocks), w.limits.Blocks)
	w.hold("merges", w.merges, w.limits.Merges)
	if op == opLoop {
		w.loopDepth++
		w.loopMerges += merges
		w.hold("nested loops", uint64(w.loopDepth), w.limits.LoopDepth)
		w.hold("merges in loops", w.loopMerges, w.limits.LoopMerges)
	}
}

func (w *walker) hold(what string, value uint64, limit int) {
	if value > uint64(limit) {
		w.failWith(overLimit(w.section, w.index, what, value, uint64(limit)))
	}
}

// blockType returns how many values the block takes and gives.
func (w *walker) blockType() uint64 {
	if w.left() > 0 {
		if b := w.data[w.pos]; b == blockEmpty || isValueType(b) {
			w.pos++
			return 1
		}
	}
	v, n := sleb(w.data[w.pos:], 33)
	if n == 0 || v < 0 || v >= int64(len(w.m.types)) {
		w.fail("bad type of a block")
		return 0
	}
	w.pos += n
	t := w.m.types[v]
	return uint64(len(t.params) + len(t.results))
}

func (w *walker) elseBranch() {
	top := &w.labels[len(w.labels)-1]
	if top.op != opIf || top.hasElse {
		w.fail("else without if")
	}
	top.hasElse = true
}

func (w *walker) bulkOpcode(in *instr) immediate {
	op := w.u32()
	if op >= uint32(len(bulk)) {
		w.failWith(unsupported(w.section, w.index, fmt.Sprintf("opcode 0xfc %#x", op)))
		return immNone
	}
	in.op = in.op<<8 | uint16(op)
	return bulk[op]
}

// simdOpcode takes an opcode in its shortest form only: compilers that read a
// single byte would see other instructions in a longer one.
func (w *walker) simdOpcode(in *instr) immediate {
	start := w.pos
	op := w.u32()
	switch {
	case w.err != nil:
	case op > 0xff:
		w.failWith(unsupported(w.section, w.index, fmt.Sprintf("relaxed SIMD (opcode 0xfd %#x)", op)))
	case w.pos-start > 1 && op < 0x80 || w.pos-start > 2:
		w.fail("opcode is not in its shortest form")
	default:
		in.op = in.op<<8 | uint16(op)
		return simdImmediate(op)
	}
	return immNone
}

func (w *walker) unknown(op byte) {
	if w.err == nil {
		w.failWith(unsupported(w.section, w.index, featureOf(op)))
	}
}
