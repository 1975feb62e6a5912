// Instructions.

package wasmtest

import (
	"encoding/binary"
	"slices"
)

// Code is a run of instructions.
type Code []byte

// Instructions without operands, and some whose operands are always the same.
var (
	Unreachable = Code{0x00}
	Nop         = Code{0x01}
	Return      = Code{0x0f}
	Drop        = Code{0x1a}
	I32Eqz      = Code{0x45}
	I32Eq       = Code{0x46}
	I32Ne       = Code{0x47}
	I32Add      = Code{0x6a}
	I32DivU     = Code{0x6e}
	I64ExtendU  = Code{0xad}
	I64Or       = Code{0x84}
	I64Shl      = Code{0x86}
	MemorySize  = Code{0x3f, 0x00}
	MemoryGrow  = Code{0x40, 0x00}
)

// Seq joins instructions.
func Seq(parts ...Code) Code { return slices.Concat(parts...) }

// I32Const pushes an i32.
func I32Const(v int32) Code { return signed(0x41, int64(v)) }

// I64Const pushes an i64.
func I64Const(v int64) Code { return signed(0x42, v) }

// LocalGet pushes a parameter or local.
func LocalGet(i uint32) Code { return unsigned(0x20, i) }

// LocalSet pops a parameter or local.
func LocalSet(i uint32) Code { return unsigned(0x21, i) }

// GlobalGet pushes a global.
func GlobalGet(i uint32) Code { return unsigned(0x23, i) }

// GlobalSet pops a global.
func GlobalSet(i uint32) Code { return unsigned(0x24, i) }

// Call calls a function.
func Call(f uint32) Code { return unsigned(0x10, f) }

// Br jumps to the depth-th label outwards.
func Br(depth uint32) Code { return unsigned(0x0c, depth) }

// I32Load pops an address and pushes the i32 at address+offset.
func I32Load(offset uint32) Code { return append(Code{0x28, 0}, leb(uint64(offset))...) }

// I32Store pops a value and an address and stores at address+offset.
func I32Store(offset uint32) Code { return append(Code{0x36, 0}, leb(uint64(offset))...) }

// I64Load pops an address and pushes the i64 at address+offset.
func I64Load(offset uint32) Code { return append(Code{0x29, 0}, leb(uint64(offset))...) }

// MemoryFill pops a size, a byte and an address.
var MemoryFill = Code{0xfc, 0x0b, 0x00}

// Loop is a block without results whose label is its start.
func Loop(body ...Code) Code { return block(0x03, body) }

// If runs its body when the popped i32 is not 0.
func If(body ...Code) Code { return block(0x04, body) }

const (
	blockEmpty = 0x40
	end        = 0x0b
)

func block(op byte, body []Code) Code {
	return append(append(Code{op, blockEmpty}, Seq(body...)...), end)
}

func unsigned(op byte, v uint32) Code { return append(Code{op}, leb(uint64(v))...) }

func signed(op byte, v int64) Code {
	code := Code{op}
	for {
		b := byte(v & 0x7f)
		v >>= 7
		if v == 0 && b&0x40 == 0 || v == -1 && b&0x40 != 0 {
			return append(code, b)
		}
		code = append(code, b|0x80)
	}
}

func leb(v uint64) []byte { return binary.AppendUvarint(nil, v) }
