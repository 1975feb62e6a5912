package wasmbin

// Metering: rewriting a module so that it pays for what it does.

import "strconv"

// Names of the exports that Meter adds.
const (
	// PrivatePrefix begins the names of all exports that Meter adds. Inspect
	// refuses a module that has such a name of its own.
	PrivatePrefix = "__sluice_"
	// FuelExport is the mutable i64 global that holds what fuel is left. After a
	// trap a negative value means that the fuel was exhausted.
	FuelExport = PrivatePrefix + "fuel"
	// StackExport is the mutable i64 global that holds how many bytes of stack
	// are left. After a trap a negative value means that recursion went too
	// deep.
	StackExport = PrivatePrefix + "stack"
	// StartExport is the module's start function, if it has one. Instantiation
	// does not run it: the host calls it, and can tell how it failed.
	StartExport = PrivatePrefix + "start"
)

func globalName(index uint32) string {
	return PrivatePrefix + "global_" + strconv.Itoa(int(index))
}

// MeterOptions are the balances that a module starts with, which everything
// before the host's first write draws on.
type MeterOptions struct {
	// Fuel is in units; one plain instruction costs one.
	Fuel int64
	// Stack is in bytes. Frames are counted by an upper bound of what they may
	// take, several times more than most do.
	Stack int64
	// WithoutData leaves out what Info.Data lists: the host writes it.
	WithoutData bool
}

// Meter rewrites a module that passed Inspect: it charges its fuel, bounds its
// recursion, exports its mutable globals and its start function, and drops its
// custom sections. What the module computes stays the same.
//
// A module that runs out of either balance executes an unreachable instruction,
// and the balance is negative from then on; the instance is of no more use.
// Both balances are deterministic: the same call on the same state needs the
// same amount everywhere.
func Meter(wasm []byte, opts MeterOptions) ([]byte, error) {
	m, err := decode(wasm, &noLimits)
	if err != nil {
		return nil, err
	}
	w := &meterWriter{
		m:     m,
		fuel:  uint32(len(m.globals)),
		stack: uint32(len(m.globals)) + 1,
		types: len(m.types),
	}
	code, err := w.codeSection()
	if err != nil {
		return nil, err
	}
	return w.assemble(len(wasm), code, opts), nil
}

// meterWriter writes the metered module.
type meterWriter struct {
	m           *module
	fuel, stack uint32 // globals
	// What is added to the type section.
	types      int // with the module's own
	addedTypes []byte
	wraps      map[string]uint32 // results to the type () -> results
	// helpers are the functions added, by the kind of edit that calls them, less
	// editPages; 0 is none.
	helpers     [3]uint32
	helperCodes [][]byte
	helperType  uint32
}

// codeSection writes the payload of the code section, helpers last.
func (w *meterWriter) codeSection() ([]byte, error) {
	p := newPlanner(w.m)
	var code, scratch []byte
	code = make([]byte, 0, w.m.codeBytes+w.m.codeBytes/2)
	for i := range w.m.bodies {
		plan, err := p.make(i)
		if err != nil {
			return nil, err
		}
		scratch = w.function(scratch[:0], i, plan)
		code = appendUleb(code, uint64(len(scratch)))
		code = append(code, scratch...)
	}
	for _, helper := range w.helperCodes {
		code = appendUleb(code, uint64(len(helper)))
		code = append(code, helper...)
	}
	return code, nil
}

// function writes one body after its plan. A function that calls others is
// wrapped in a block, so that every way out of it passes the epilogue.
func (w *meterWriter) function(b []byte, body int, p *plan) []byte {
	f := &w.m.bodies[body]
	b = append(b, f.entry[:len(f.entry)-len(f.code)]...)
	if p.calls {
		b = w.prologue(b, p)
		b = append(b, opBlock)
		b = w.wrapType(b, w.m.typeOf(uint32(w.m.importedFuncs+body)))
	} else {
		b = w.charge(b, &p.edits[0])
	}
	done := 0
	for i := range p.edits[1:] {
		e := &p.edits[1+i]
		b = append(b, f.code[done:e.at]...)
		done = e.at
		switch e.kind {
		case editCharge, editCheck:
			b = w.charge(b, e)
		case editReturn:
			if p.calls {
				b = appendUleb(append(b, opBr), uint64(e.value))
				done++
			}
		default:
			b = appendUleb(append(b, opCall), uint64(w.helper(e.kind)))
		}
	}
	b = append(b, f.code[done:]...)
	if p.calls {
		b = w.add(b, w.stack, opI64Add, int64(p.frame))
		b = append(b, opEnd)
	}
	return b
}

// add writes: balance = balance op n.
func (w *meterWriter) add(b []byte, balance uint32, op byte, n int64) []byte {
	b = appendUleb(append(b, opGlobalGet), uint64(balance))
	b = appendSleb(append(b, opI64Const), n)
	return appendUleb(append(b, op, opGlobalSet), uint64(balance))
}

// trapIfNegative writes: trap if the i64 on the stack is below zero.
func trapIfNegative(b []byte) []byte {
	return append(b, opI64Const, 0, opI64LtS, opIf, blockEmpty, opUnreachable, opEnd)
}

func (w *meterWriter) charge(b []byte, e *edit) []byte {
	if e.value > 0 {
		b = w.add(b, w.fuel, opI64Sub, int64(e.value))
	}
	if e.kind == editCheck {
		b = appendUleb(append(b, opGlobalGet), uint64(w.fuel))
		b = trapIfNegative(b)
	}
	return b
}

// prologue charges for the entry's segment and the frame; one check does for
// both, by the sign that either gives their union.
func (w *meterWriter) prologue(b []byte, p *plan) []byte {
	b = w.add(b, w.fuel, opI64Sub, int64(p.edits[0].value))
	b = w.add(b, w.stack, opI64Sub, int64(p.frame))
	b = appendUleb(append(b, opGlobalGet), uint64(w.fuel))
	b = appendUleb(append(b, opGlobalGet), uint64(w.stack))
	return trapIfNegative(append(b, opI64Or))
}

// wrapType writes the type of a block with a function's results.
func (w *meterWriter) wrapType(b []byte, t funcType) []byte {
	switch len(t.results) {
	case 0:
		return append(b, blockEmpty)
	case 1:
		return append(b, t.results[0])
	}
	index, ok := w.wraps[string(t.results)]
	if !ok {
		if w.wraps == nil {
			w.wraps = map[string]uint32{}
		}
		index = w.addType(funcType{nil, t.results})
		w.wraps[string(t.results)] = index
	}
	return appendSleb(b, int64(index))
}

// addType adds a type to the module; types may be there twice.
func (w *meterWriter) addType(t funcType) uint32 {
	b := append(w.addedTypes, 0x60)
	b = append(appendUleb(b, uint64(len(t.params))), t.params...)
	w.addedTypes = append(appendUleb(b, uint64(len(t.results))), t.results...)
	w.types++
	return uint32(w.types - 1)
}

// helper returns the function that charges for the i32 it is given, and gives
// it back.
func (w *meterWriter) helper(kind uint8) uint32 {
	index := &w.helpers[kind-editPages]
	if *index != 0 {
		return *index
	}
	if len(w.helperCodes) == 0 {
		w.helperType = w.addType(funcType{[]ValueType{I32}, []ValueType{I32}})
	}
	*index = uint32(len(w.m.funcs) + len(w.helperCodes))

	b := []byte{0} // no locals
	b = appendUleb(append(b, opGlobalGet), uint64(w.fuel))
	b = append(b, opLocalGet, 0, opI64ExtendU)
	switch kind {
	case editPages:
		b = append(appendSleb(append(b, opI64Const), UnitsPerPage), opI64Mul)
	case editBytes:
		b = append(appendSleb(append(b, opI64Const), bytesPerUnitLog), opI64ShrU)
	}
	b = appendUleb(append(b, opI64Sub, opGlobalSet), uint64(w.fuel))
	b = appendUleb(append(b, opGlobalGet), uint64(w.fuel))
	b = append(trapIfNegative(b), opLocalGet, 0, opEnd)
	w.helperCodes = append(w.helperCodes, b)
	return *index
}

// assemble puts the sections together in their order.
func (w *meterWriter) assemble(size int, code []byte, opts MeterOptions) []byte {
	m := w.m
	helpers := len(w.helperCodes)
	out := make([]byte, 0, size+len(code)-m.codeBytes+4<<10)
	out = append(out, header...)
	for _, id := range sectionOrder {
		payload := m.section(id)
		switch id {
		case idType:
			payload = extended(payload, w.types-len(m.types), w.addedTypes)
		case idFunction:
			var types []byte
			for range helpers {
				types = appendUleb(types, uint64(w.helperType))
			}
			payload = extended(payload, helpers, types)
		case idGlobal:
			payload = extended(payload, 2, balances(opts))
		case idExport:
			entries, n := w.exports()
			payload = extended(payload, n, entries)
		case idData:
			if opts.WithoutData {
				payload = m.spentData()
			}
		case idCode:
			payload = append(appendUleb(nil, uint64(len(m.bodies)+helpers)), code...)
		}
		if payload != nil {
			out = appendSection(out, id, payload)
		}
	}
	return out
}

// sectionOrder is the order in which sections have to stand.
var sectionOrder = [...]byte{idType, idImport, idFunction, idTable, idMemory, idGlobal,
	idExport, idElement, idDataCount, idCode, idData}

// balances writes the two global entries.
func balances(opts MeterOptions) (b []byte) {
	for _, v := range [...]int64{opts.Fuel, opts.Stack} {
		b = append(b, I64, 1, opI64Const)
		b = append(appendSleb(b, v), opEnd)
	}
	return b
}

// exports writes the export entries of the balances, all mutable globals and the
// start function.
func (w *meterWriter) exports() (b []byte, n int) {
	list := append(w.m.mutableGlobals(), Global{w.fuel, I64, FuelExport}, Global{w.stack, I64, StackExport})
	for _, g := range list {
		b = append(appendName(b, g.Name), kindGlobal)
		b = appendUleb(b, uint64(g.Index))
	}
	n = len(list)
	if w.m.start >= 0 {
		b = append(appendName(b, StartExport), kindFunc)
		b = appendUleb(b, uint64(w.m.start))
		n++
	}
	return b, n
}

// spentData is the data section as it stands after instantiation: active
// segments are empty, passive ones whole. Indices stay, for memory.init.
func (m *module) spentData() []byte {
	if m.dataCount < 0 { // without it, nothing names a segment
		return nil
	}
	b := appendUleb(nil, uint64(len(m.data)))
	for _, s := range m.data {
		if s.active {
			b = append(b, 1, 0)
		} else {
			b = append(b, s.entry...)
		}
	}
	return b
}
