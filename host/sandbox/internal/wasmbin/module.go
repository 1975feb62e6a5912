package wasmbin

// A module as its sections tell it, zero-copy: slices point into the binary.

import "bytes"

// ValueType is the binary format's code of a value type; wazero's
// api.ValueType has the same values.
type ValueType = byte

// The value types.
const (
	I32       ValueType = 0x7f
	I64       ValueType = 0x7e
	F32       ValueType = 0x7d
	F64       ValueType = 0x7c
	V128      ValueType = 0x7b
	FuncRef   ValueType = 0x70
	ExternRef ValueType = 0x6f
)

// Section ids. The data count section (12) stands between element and code.
const (
	idCustom = iota
	idType
	idImport
	idFunction
	idTable
	idMemory
	idGlobal
	idExport
	idStart
	idElement
	idCode
	idData
	idDataCount
	idTag
)

var sectionNames = [...]string{"custom", "type", "import", "function", "table", "memory",
	"global", "export", "start", "element", "code", "data", "data count", "tag"}

// sectionRank is the order in which sections have to stand.
var sectionRank = [...]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10, 0}

var header = []byte("\x00asm\x01\x00\x00\x00")

// The kinds of imports and exports.
const (
	kindFunc = iota
	kindTable
	kindMemory
	kindGlobal
	kindTag
)

// A funcType is a signature; params and results point into the binary.
type funcType struct {
	params, results []ValueType
}

func (t funcType) equal(o funcType) bool {
	return bytes.Equal(t.params, o.params) && bytes.Equal(t.results, o.results)
}

type importEntry struct {
	module, name string
	kind         byte
	index        uint32 // within the kind's index space
}

type exportEntry struct {
	name  string
	kind  byte
	index uint32
}

type tableType struct {
	elem ValueType
	min  uint32
}

type memoryType struct {
	min, max uint32
	hasMax   bool
}

type global struct {
	typ     ValueType
	mutable bool
	init    []byte // the initialiser with its end; nil if imported
}

// A funcBody is one entry of the code section.
type funcBody struct {
	entry  []byte // locals and code, without the size before it
	code   []byte // the instructions, with the last end
	locals uint32
	// localBytes is what the locals take in native memory.
	localBytes uint32
}

// A dataSegment keeps its mode: active segments are spent once the module has
// started.
type dataSegment struct {
	active          bool
	entry           []byte
	offset, content []byte // parts of entry; a passive segment has no offset
}

type section struct {
	id      byte
	payload []byte
}

// A module is a decoded binary. Index spaces hold imports first.
type module struct {
	size     int
	sections []section // without custom ones
	types    []funcType
	imports  []importEntry
	funcs    []uint32 // type indices
	tables   []tableType
	memories []memoryType
	globals  []global
	exports  []exportEntry
	start    int64 // function index, or -1
	elements int   // element segments
	data     []dataSegment
	// dataCount is the data count section's value, -1 without one.
	dataCount int64
	bodies    []funcBody
	// importedFuncs and importedGlobals are the first of funcs and globals.
	importedFuncs, importedGlobals int
	codeBytes                      int
}

// typeOf returns the signature of a function.
func (m *module) typeOf(fn uint32) funcType { return m.types[m.funcs[fn]] }

// section returns the payload of a section, nil if there is none.
func (m *module) section(id byte) []byte {
	for _, s := range m.sections {
		if s.id == id {
			return s.payload
		}
	}
	return nil
}
