package wasmbin

// A generator of valid modules: every decision is a byte of the input, so that
// the fuzzer steers it; when the bytes run out, it takes the shortest way home.

const (
	genFuncs  = 4
	genDepth  = 5
	genLocals = 4 // i32, i64, i32, i64 after the parameters
)

type generator struct {
	in   []byte
	code []byte
	// self is the function being written; signatures are by function.
	self   int
	labels []labelKind
	budget int
}

// labelKind says what a branch to a label carries.
type labelKind struct {
	loop   bool
	result []ValueType
}

// genSigs are the signatures of the functions; all start with an i32.
var genSigs = [genFuncs]struct{ params, results []ValueType }{
	{[]ValueType{I32, I64}, []ValueType{I64}},
	{[]ValueType{I32}, nil},
	{[]ValueType{I32, I64}, []ValueType{I32, I64}},
	{[]ValueType{I32}, []ValueType{I32}},
}

func (g *generator) pick(n int) int {
	if len(g.in) == 0 {
		return 0
	}
	b := g.in[0]
	g.in = g.in[1:]
	return int(b) % n
}

func (g *generator) emit(b ...byte) { g.code = append(g.code, b...) }

// local picks a local of a type: those of even offset are i32.
func (g *generator) local(t ValueType) byte {
	n := len(genSigs[g.self].params)
	if t == I32 && g.pick(3) == 0 {
		return 0
	}
	base := byte(n + 2*g.pick(genLocals/2))
	if t == I64 {
		base++
	}
	return base
}

func (g *generator) constant(t ValueType) {
	v := int64(int8(g.pick(256)))
	if g.pick(4) == 0 {
		v *= 0x01010101
	}
	if t == I32 {
		g.code = appendSleb(append(g.code, opI32Const), int64(int32(v)))
	} else {
		g.code = appendSleb(append(g.code, opI64Const), v*0x10001)
	}
}

// expr leaves a value of the type on the stack.
func (g *generator) expr(t ValueType, depth int) {
	g.budget--
	if depth <= 0 || g.budget < 0 {
		g.constant(t)
		return
	}
	wide := byte(0)
	if t == I64 {
		wide = 1
	}
	switch g.pick(16) {
	case 0:
		g.constant(t)
	case 1, 2, 3:
		g.emit(opLocalGet, g.local(t))
	case 4:
		g.emit(opGlobalGet, wide)
	case 5, 6, 7: // add to rotr; div and rem may trap
		g.expr(t, depth-1)
		g.expr(t, depth-1)
		if t == I32 {
			g.emit(0x6a + byte(g.pick(15)))
		} else {
			g.emit(0x7c + byte(g.pick(15)))
		}
	case 8: // compare, or widen one
		inner := I32
		if g.pick(2) == 1 {
			inner = I64
		}
		g.expr(inner, depth-1)
		g.expr(inner, depth-1)
		if inner == I32 {
			g.emit(0x46 + byte(g.pick(10)))
		} else {
			g.emit(0x51 + byte(g.pick(10)))
		}
		if t == I64 {
			g.emit(opI64ExtendU)
		}
	case 9: // load, mostly within the page
		g.address(depth)
		if t == I32 {
			g.emit(0x28, 0, byte(g.pick(128)))
		} else {
			g.emit(0x29, 0, byte(g.pick(128)))
		}
	case 10:
		g.expr(t, depth-1)
		g.expr(t, depth-1)
		g.expr(I32, depth-1)
		g.emit(0x1b) // select
	case 11:
		g.expr(t, depth-1)
		g.emit(opLocalTee, g.local(t))
	case 12: // if with a result
		g.expr(I32, depth-1)
		g.block(opIf, []ValueType{t}, func() {
			g.stmts(depth - 2)
			g.expr(t, depth-1)
			g.emit(opElse)
			g.expr(t, depth-1)
		})
	case 13: // block with a result, maybe left early
		g.block(opBlock, []ValueType{t}, func() {
			g.stmts(depth - 2)
			g.expr(t, depth-1)
			if g.pick(2) == 1 {
				g.expr(I32, depth-1)
				g.emit(opBrIf, 0)
			}
		})
	case 14:
		g.call(depth, t)
	default:
		if t == I32 {
			g.expr(I32, depth-1)
			g.emit(0x41 + 4) // i32.eqz
		} else {
			g.expr(I64, depth-1)
			g.emit(0x79 + byte(g.pick(3))) // clz, ctz, popcnt
		}
	}
}

func (g *generator) address(depth int) {
	g.expr(I32, depth-1)
	if g.pick(8) != 0 {
		g.emit(opI32Const, 0xff, 0xff, 1, 0x71) // and 32767
	}
}

func (g *generator) block(op byte, results []ValueType, inside func()) {
	g.emit(op)
	if len(results) == 0 {
		g.emit(blockEmpty)
	} else {
		g.emit(results[0])
	}
	g.labels = append(g.labels, labelKind{op == opLoop, results})
	inside()
	g.labels = g.labels[:len(g.labels)-1]
	g.emit(opEnd)
}

// call calls a function that gives the type, or a constant if there is none.
// Calls go directly or through the table, now and then to the function itself
// or one before it.
func (g *generator) call(depth int, t ValueType) {
	callee := map[ValueType]int{I64: 0, I32: 3}[t]
	if callee <= g.self && g.pick(8) != 1 {
		g.emit(opLocalGet, g.local(t))
		return
	}
	g.arguments(callee, depth)
	switch g.pick(4) {
	case 0:
		g.emit(opI32Const, byte(callee), opCallIndirect, byte(callee), 0)
	case 1:
		g.expr(I32, depth-2)
		g.emit(opI32Const, 3, 0x71, opCallIndirect, byte(callee), 0)
	default:
		g.emit(opCall, byte(callee))
	}
}

func (g *generator) arguments(callee, depth int) {
	for _, p := range genSigs[callee].params {
		g.expr(p, depth-2)
	}
}

func (g *generator) stmts(depth int) {
	for n := g.pick(5); n > 0 && g.budget > 0; n-- {
		g.stmt(depth)
	}
}

func (g *generator) stmt(depth int) {
	g.budget--
	if depth <= 0 {
		g.emit(opNop)
		return
	}
	switch g.pick(16) {
	case 0, 1:
		t := []ValueType{I32, I64}[g.pick(2)]
		g.expr(t, depth-1)
		g.emit(0x21, g.local(t))
	case 2:
		g.expr(I32, depth-1)
		g.emit(opGlobalSet, 0)
	case 3:
		g.address(depth)
		g.expr(I64, depth-1)
		g.emit(0x37, 0, byte(g.pick(128)))
	case 4:
		g.expr(I32, depth-1)
		g.block(opIf, nil, func() { g.stmts(depth - 1) })
	case 5:
		g.expr(I32, depth-1)
		g.block(opIf, nil, func() {
			g.stmts(depth - 1)
			g.emit(opElse)
			g.stmts(depth - 1)
		})
	case 6:
		g.block(opBlock, nil, func() { g.stmts(depth - 1) })
	case 7, 8: // a loop while an expression holds
		g.block(opLoop, nil, func() {
			g.stmts(depth - 1)
			g.expr(I32, depth-1)
			g.emit(opBrIf, 0)
		})
	case 9:
		g.branch(depth)
	case 10: // switch over three blocks
		g.block(opBlock, nil, func() {
			g.block(opBlock, nil, func() {
				g.block(opBlock, nil, func() {
					g.expr(I32, depth-1)
					g.emit(opBrTable, 2, 0, 1, 2)
				})
				g.stmts(depth - 1)
			})
			g.stmts(depth - 1)
		})
	case 11, 12: // a function without a result, or with two
		if callee := 1 + g.pick(2); callee > g.self || g.pick(8) == 1 {
			g.arguments(callee, depth)
			g.emit(opCall, byte(callee))
			for range genSigs[callee].results {
				g.emit(opDrop)
			}
		}
	case 13:
		g.expr(I32, depth-1)
		g.emit(opI32Const, 1, 0x71, opMemoryGrow, 0, opDrop)
	case 14:
		g.address(depth)
		g.address(depth)
		g.expr(I32, depth-1)
		g.emit(opI32Const, 0xff, 7, 0x71) // and 1023
		if g.pick(2) == 0 {
			g.emit(prefixBulk, 10, 0, 0)
		} else {
			g.emit(prefixBulk, 11, 0)
		}
	default:
		if g.pick(4) == 0 {
			g.emit(opUnreachable)
		} else {
			g.emit(opMemorySize, 0, opDrop)
		}
	}
}

// branch leaves to a label, or returns; what stands after it is dead code.
func (g *generator) branch(depth int) {
	to := g.pick(len(g.labels) + 1)
	g.expr(I32, depth-1)
	g.emit(opIf, blockEmpty)
	g.labels = append(g.labels, labelKind{})
	if to == 0 {
		for _, t := range genSigs[g.self].results {
			g.expr(t, depth-1)
		}
		g.emit(opReturn)
	} else {
		l := g.labels[len(g.labels)-1-to]
		if !l.loop {
			for _, t := range l.result {
				g.expr(t, depth-1)
			}
		}
		g.emit(opBr, byte(to))
	}
	g.stmts(depth - 2)
	g.labels = g.labels[:len(g.labels)-1]
	g.emit(opEnd)
}

// generate makes a module that exports f and everything that it can change.
func generate(in []byte) build {
	b := build{
		memories: [][]byte{{1, 1, 4}},
		tables:   [][]byte{{FuncRef, 0, genFuncs}},
		elems:    [][]byte{{0, opI32Const, 0, opEnd, genFuncs, 0, 1, 2, 3}},
		globals:  [][]byte{{I32, 1, opI32Const, 3, opEnd}, {I64, 1, opI64Const, 4, opEnd}},
		exports: [][]byte{export("memory", kindMemory, 0), export("f", kindFunc, 0),
			export("g0", kindGlobal, 0), export("g1", kindGlobal, 1)},
		datas: [][]byte{cat([]byte{0, opI32Const, 0, opEnd}, str("some bytes to begin with"))},
	}
	g := generator{in: in}
	for i, s := range genSigs {
		b.types = append(b.types, sig(s.params, s.results))
		b.funcs = append(b.funcs, []byte{byte(i)})
		g.self, g.code, g.budget = i, nil, 250
		g.labels = []labelKind{{result: s.results}}
		g.stmts(genDepth)
		for _, t := range s.results {
			g.expr(t, genDepth)
		}
		locals := []byte{genLocals, 1, I32, 1, I64, 1, I32, 1, I64}
		b.codes = append(b.codes, fn(locals, g.code...))
	}
	return b
}
