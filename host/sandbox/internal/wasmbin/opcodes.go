package wasmbin

// The instruction set: which immediates follow an opcode, and the names of the
// proposals that are not spoken.

import "fmt"

// Opcodes that are treated by name. Those behind a prefix carry it in their
// upper byte.
const (
	opUnreachable  = 0x00
	opNop          = 0x01
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opDrop         = 0x1a
	opLocalGet     = 0x20
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opTableSet     = 0x26
	opMemorySize   = 0x3f
	opMemoryGrow   = 0x40
	opI32Const     = 0x41
	opI64Const     = 0x42
	opF32Const     = 0x43
	opF64Const     = 0x44
	opI64LtS       = 0x53
	opI64Add       = 0x7c
	opI64Sub       = 0x7d
	opI64Mul       = 0x7e
	opI64Or        = 0x84
	opI64ShrU      = 0x88
	opI64ExtendU   = 0xad
	opRefNull      = 0xd0
	opRefFunc      = 0xd2

	prefixBulk = 0xfc
	prefixSIMD = 0xfd

	opMemoryInit = prefixBulk<<8 | 8
	opDataDrop   = prefixBulk<<8 | 9
	opMemoryCopy = prefixBulk<<8 | 10
	opMemoryFill = prefixBulk<<8 | 11
	opTableInit  = prefixBulk<<8 | 12
	opElemDrop   = prefixBulk<<8 | 13
	opTableCopy  = prefixBulk<<8 | 14
	opTableGrow  = prefixBulk<<8 | 15
	opTableSize  = prefixBulk<<8 | 16
	opTableFill  = prefixBulk<<8 | 17

	simdConst = 12

	blockEmpty = 0x40
)

// immediate says what follows an opcode.
type immediate uint8

const (
	immUnknown immediate = iota
	immNone
	immBlock        // block type
	immLabel        // branch depth
	immLabels       // br_table
	immFunc         // function
	immCallIndirect // type, table
	immSelect       // vector of one type
	immLocal
	immGlobal
	immTable
	immRefType
	immMemory // the byte 0: the one memory
	immAccess // alignment and offset
	immI32
	immI64
	imm4     // bytes, as all below
	imm8     //
	imm16    //
	immLane  // one byte
	immLanes // alignment, offset and a lane
	immData  // data segment, memory
	immDataIndex
	immMemories // two memories
	immElem     // element segment, table
	immElemIndex
	immTables // two tables
)

// single holds the immediates of the opcodes of one byte.
var single = func() (t [256]immediate) {
	set := func(imm immediate, from, to int) {
		for op := from; op <= to; op++ {
			t[op] = imm
		}
	}
	set(immNone, opUnreachable, opNop)
	set(immBlock, opBlock, opIf)
	t[opElse], t[opEnd], t[opReturn] = immNone, immNone, immNone
	set(immLabel, opBr, opBrIf)
	t[opBrTable], t[opCall], t[opCallIndirect] = immLabels, immFunc, immCallIndirect
	set(immNone, opDrop, 0x1b)
	t[0x1c] = immSelect
	set(immLocal, opLocalGet, opLocalTee)
	set(immGlobal, opGlobalGet, opGlobalSet)
	set(immTable, 0x25, opTableSet)
	set(immAccess, 0x28, 0x3e)
	set(immMemory, opMemorySize, opMemoryGrow)
	t[opI32Const], t[opI64Const], t[opF32Const], t[opF64Const] = immI32, immI64, imm4, imm8
	set(immNone, 0x45, 0xc4)
	t[opRefNull], t[0xd1], t[opRefFunc] = immRefType, immNone, immFunc
	return t
}()

// bulk holds those behind prefixBulk: saturating conversions, bulk memory and
// table operations.
var bulk = [...]immediate{
	immNone, immNone, immNone, immNone, immNone, immNone, immNone, immNone,
	immData, immDataIndex, immMemories, immMemory,
	immElem, immElemIndex, immTables, immTable, immTable, immTable,
}

// simdImmediate is for those behind prefixSIMD, all below 256.
func simdImmediate(op uint32) immediate {
	switch {
	case op <= 11, op == 92, op == 93:
		return immAccess
	case op == simdConst, op == 13:
		return imm16
	case op >= 21 && op <= 34:
		return immLane
	case op >= 84 && op <= 91:
		return immLanes
	default:
		return immNone
	}
}

// featureOf names the proposal that an unknown opcode belongs to.
func featureOf(op byte) string {
	switch op {
	case 0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f:
		return "exceptions"
	case 0x12, 0x13:
		return "tail calls"
	case 0x14, 0x15, 0xd4, 0xd5, 0xd6:
		return "typed function references"
	case 0xd3, 0xfb:
		return "garbage collection"
	case 0xfe:
		return "threads (atomics)"
	default:
		return fmt.Sprintf("opcode %#x", op)
	}
}

// stateful names the instructions whose effect a snapshot can not undo.
func stateful(op uint16) string {
	switch op {
	case opTableSet:
		return "table.set"
	case opTableInit:
		return "table.init"
	case opTableCopy:
		return "table.copy"
	case opTableGrow:
		return "table.grow"
	case opTableFill:
		return "table.fill"
	case opElemDrop:
		return "elem.drop"
	case opDataDrop:
		return "data.drop"
	default:
		return ""
	}
}
