package wasmbin

// What things cost: fuel per instruction, and native stack per frame.

// The unit of fuel is one plain instruction. These are part of what a module's
// fuel means: with other numbers the same call needs another amount.
const (
	// costCall is added for each call and each function entered.
	costCall = 3
	// costBulk is added for each bulk operation, whatever its size.
	costBulk = 8
	// bytesPerUnitLog says that a unit pays for 8 bytes of a bulk operation.
	bytesPerUnitLog = 3
	// UnitsPerPage is the cost of each page of 64 KiB that memory.grow asks for.
	UnitsPerPage = 16 << 10
)

// cost is the static price of an instruction. Structure is free: it compiles to
// nothing.
func cost(op uint16) uint32 {
	switch op {
	case opNop, opBlock, opLoop, opElse, opEnd:
		return 0
	case opCall, opCallIndirect:
		return 1 + costCall
	case opMemoryGrow, opMemoryCopy, opMemoryFill, opMemoryInit,
		opTableInit, opTableCopy, opTableGrow, opTableFill:
		return costBulk
	default:
		return 1
	}
}

// frameBase is the native stack of a frame without values, in bytes.
const frameBase = 64

// frameBytes is the native stack that the result of one instruction may come to
// occupy. Calls are counted by their types. Constants and locals need no place
// of their own.
func frameBytes(op uint16) uint64 {
	switch {
	case op>>8 == prefixSIMD:
		return 16
	case op < 0x1b, op >= opLocalGet && op <= opLocalTee, op >= 0x36 && op <= 0x3e,
		op >= opI32Const && op <= opF64Const, op == opGlobalSet, op == opTableSet:
		return 0
	default:
		return 8
	}
}
