package wasmbin

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var hook = Func{Name: "on_request", Params: []ValueType{I32, I32}, Results: []ValueType{I64}}

// policy is a module that keeps the contract below.
func policy() build {
	b := build{
		types:    [][]byte{sig(nil, nil), sig([]byte{I32, I32}, []byte{I64}), sig([]byte{I32}, nil)},
		imports:  [][]byte{cat(str("env"), str("log"), []byte{kindFunc, 2})},
		funcs:    [][]byte{{1}, {0}},
		memories: [][]byte{{1, 2, 9}},
		globals:  [][]byte{{I32, 1, opI32Const, 7, opEnd}, {I32, 0, opI32Const, 7, opEnd}},
		start:    []byte{2},
		codes:    [][]byte{fn(nil, opI64Const, 0), fn(nil)},
	}
	b.exports = [][]byte{export("memory", kindMemory, 0), export("on_request", kindFunc, 1), export("other", kindFunc, 2)}
	return b
}

func policyContract() Contract {
	return Contract{
		Imports:  []Func{{Module: "env", Name: "log", Params: []ValueType{I32}}},
		Memory:   "memory",
		Required: []Func{hook},
		Optional: []Func{{Name: "on_body"}},
		Prefix:   "on_",
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	wasm := policy().wasm()
	info, err := Inspect(wasm, DefaultLimits(), policyContract())
	require.NoError(t, err)
	require.Equal(t, &Info{
		Size:      len(wasm),
		CodeBytes: 6,
		Functions: 2,
		Imports:   []Func{{Module: "env", Name: "log", Params: []ValueType{I32}, Results: []ValueType{}}},
		Exports:   []Func{hook, {Name: "other", Params: []ValueType{}, Results: []ValueType{}}},
		Memory:    Memory{Min: 2, Max: 9, HasMax: true},
		Globals:   []Global{{Index: 0, Type: I32, Name: "__sluice_global_0"}},
		HasStart:  true,
	}, info)

	f, ok := info.Exported("on_request")
	require.True(t, ok)
	require.Equal(t, hook, f)
	_, ok = info.Exported("on_body")
	require.False(t, ok)
}

func TestInspectHoldsTheContract(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*build)
		reason Reason
		text   string
	}{
		"unknown import": {func(b *build) {
			b.imports = [][]byte{cat(str("wasi"), str("path_open"), []byte{kindFunc, 2})}
		}, BadImport, `wasm: import section[0] "wasi.path_open": the host has no such function`},
		"import with another signature": {func(b *build) {
			b.imports = [][]byte{cat(str("env"), str("log"), []byte{kindFunc, 1})}
		}, BadImport, `wasm: import section[0] "env.log": imported as func(i32, i32) -> i64, it is func(i32)`},
		"imported memory": {func(b *build) {
			b.imports = append(b.imports, cat(str("env"), str("memory"), []byte{kindMemory, 0, 1}))
			b.memories = nil
		}, BadImport, `wasm: import section[1] "env.memory": only functions may be imported`},
		"imported global": {func(b *build) {
			b.imports = append(b.imports, cat(str("env"), str("g"), []byte{kindGlobal, I32, 1}))
		}, BadImport, `wasm: import section[1] "env.g": only functions may be imported`},
		"missing hook": {func(b *build) {
			b.exports = b.exports[:1]
		}, BadExport, `wasm: export section "on_request": the function is missing`},
		"hook with another signature": {func(b *build) {
			b.exports[1] = export("on_request", kindFunc, 2)
		}, BadExport, `wasm: export section[1] "on_request": exported as func(), it must be func(i32, i32) -> i64`},
		"optional hook with another signature": {func(b *build) {
			b.exports[2] = export("on_body", kindFunc, 1)
		}, BadExport, `wasm: export section[2] "on_body": exported as func(i32, i32) -> i64, it must be func()`},
		"hook that is no function": {func(b *build) {
			b.exports[1] = export("on_request", kindGlobal, 0)
		}, BadExport, `wasm: export section[1] "on_request": it must be a function`},
		"misspelt hook": {func(b *build) {
			b.exports[2] = export("on_requests", kindFunc, 2)
		}, BadExport, `wasm: export section[2] "on_requests": no such hook is known`},
		"missing memory": {func(b *build) {
			b.exports = b.exports[1:]
		}, BadExport, `wasm: export section "memory": the memory is missing`},
		"memory that is none": {func(b *build) {
			b.exports[0] = export("memory", kindGlobal, 0)
		}, BadExport, `wasm: export section "memory": the memory is missing`},
		"the host's own name": {func(b *build) {
			b.exports[2] = export(FuelExport, kindGlobal, 0)
		}, BadExport, `wasm: export section[2] "__sluice_fuel": the name is the host's own`},
		"mutable vector global": {func(b *build) {
			b.globals = append(b.globals, cat([]byte{V128, 1, prefixSIMD, simdConst}, make([]byte, 16), []byte{opEnd}))
		}, NotRestorable, `wasm: global section[2] "v128": a mutable global of this type can not be restored`},
		"mutable reference global": {func(b *build) {
			b.globals = append(b.globals, []byte{FuncRef, 1, opRefNull, FuncRef, opEnd})
		}, NotRestorable, `wasm: global section[2] "funcref": a mutable global of this type can not be restored`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := policy()
			c.change(&b)
			_, err := Inspect(b.wasm(), DefaultLimits(), policyContract())
			require.EqualError(t, err, c.text)
			e, ok := errors.AsType[*Error](err)
			require.True(t, ok)
			require.Equal(t, c.reason, e.Reason)
		})
	}
}

func TestInspectHoldsTheLimits(t *testing.T) {
	t.Parallel()
	many := func(n int, entry []byte) [][]byte {
		list := make([][]byte, n)
		for i := range list {
			list[i] = entry
		}
		return list
	}
	code := func(code ...byte) build { return void().one(fn(nil, code...)) }
	for name, c := range map[string]struct {
		limit func(*Limits)
		b     build
		text  string
	}{
		"module":        {func(l *Limits) { l.ModuleBytes = 8 }, void(), "wasm: module: bytes: 14 is over the limit of 8"},
		"body":          {func(l *Limits) { l.FunctionBytes = 3 }, code(opNop, opNop), "wasm: code section[0]: bytes of a body: 4 is over the limit of 3"},
		"functions":     {func(l *Limits) { l.Functions = 1 }, code().one(fn(nil)), "wasm: function section: functions: 2 is over the limit of 1"},
		"types":         {func(l *Limits) { l.Types = 0 }, void(), "wasm: type section: types: 1 is over the limit of 0"},
		"params":        {func(l *Limits) { l.Params = 1 }, build{types: [][]byte{sig(nil, nil), sig([]byte{I32, I32}, nil)}}, "wasm: type section[1]: params: 2 is over the limit of 1"},
		"results":       {func(l *Limits) { l.Results = 1 }, build{types: [][]byte{sig(nil, []byte{I32, I32})}}, "wasm: type section[0]: results: 2 is over the limit of 1"},
		"locals":        {func(l *Limits) { l.Locals = 2 }, void().one(fn(cat([]byte{2, 2, I32, 1, I64}))), "wasm: code section[0]: locals: 3 is over the limit of 2"},
		"all locals":    {func(l *Limits) { l.TotalLocals = 3 }, void().one(fn(local(2, I32))).one(fn(local(2, F64))), "wasm: code section[1]: locals in all: 4 is over the limit of 3"},
		"block depth":   {func(l *Limits) { l.BlockDepth = 1 }, code(opBlock, blockEmpty, opIf, blockEmpty), "wasm: code section[0]: nested blocks: 2 is over the limit of 1"},
		"blocks":        {func(l *Limits) { l.Blocks = 1 }, code(opBlock, blockEmpty, opEnd, opBlock, blockEmpty, opEnd), "wasm: code section[0]: blocks: 2 is over the limit of 1"},
		"loop depth":    {func(l *Limits) { l.LoopDepth = 1 }, code(opLoop, blockEmpty, opBlock, blockEmpty, opLoop, blockEmpty), "wasm: code section[0]: nested loops: 2 is over the limit of 1"},
		"merges":        {func(l *Limits) { l.Merges = 4 }, void().one(fn(local(4, I32), opBlock, blockEmpty, opEnd)), "wasm: code section[0]: merges: 5 is over the limit of 4"},
		"loop merges":   {func(l *Limits) { l.LoopMerges = 4 }, void().one(fn(local(2, I32), opLoop, blockEmpty, opEnd, opLoop, blockEmpty, opEnd)), "wasm: code section[0]: merges in loops: 6 is over the limit of 4"},
		"br_table":      {func(l *Limits) { l.BranchTargets = 1 }, code(opI32Const, 0, opBrTable, 2, 0, 0, 0), "wasm: code section[0]: targets of br_table: 2 is over the limit of 1"},
		"imports":       {func(l *Limits) { l.Imports = 1 }, build{types: many(1, sig(nil, nil)), imports: many(2, cat(str("a"), str("b"), []byte{0, 0}))}, "wasm: import section: imports: 2 is over the limit of 1"},
		"exports":       {func(l *Limits) { l.Exports = 0 }, build{memories: [][]byte{{0, 0}}, exports: [][]byte{export("m", kindMemory, 0)}}, "wasm: export section: exports: 1 is over the limit of 0"},
		"name":          {func(l *Limits) { l.NameBytes = 3 }, build{memories: [][]byte{{0, 0}}, exports: [][]byte{export("name", kindMemory, 0)}}, "wasm: export section[0]: bytes in a name: 4 is over the limit of 3"},
		"globals":       {func(l *Limits) { l.Globals = 1 }, build{globals: many(2, []byte{I32, 0, opI32Const, 0, opEnd})}, "wasm: global section: globals: 2 is over the limit of 1"},
		"tables":        {func(l *Limits) { l.Tables = 1 }, build{tables: many(2, []byte{FuncRef, 0, 0})}, "wasm: table section: tables: 2 is over the limit of 1"},
		"table entries": {func(l *Limits) { l.TableEntries = 4 }, build{tables: [][]byte{{FuncRef, 0, 5}}}, "wasm: table section[0]: table entries: 5 is over the limit of 4"},
		"memory":        {func(l *Limits) { l.MemoryPages = 4 }, build{memories: [][]byte{{0, 5}}}, "wasm: memory section[0]: pages of memory: 5 is over the limit of 4"},
		"data segments": {func(l *Limits) { l.DataSegments = 1 }, build{datas: many(2, []byte{1, 0})}, "wasm: data section: segments: 2 is over the limit of 1"},
		"elem segments": {func(l *Limits) { l.ElementSegments = 1 }, build{elems: many(2, []byte{1, 0, 0})}, "wasm: element section: segments: 2 is over the limit of 1"},
		"elements": {func(l *Limits) { l.Elements = 3 }, build{types: many(1, sig(nil, nil)), funcs: many(1, []byte{0}), codes: many(1, fn(nil)),
			elems: many(2, []byte{1, 0, 2, 0, 0})}, "wasm: element section[1]: elements in all: 4 is over the limit of 3"},
		"custom sections": {func(l *Limits) { l.CustomSections = 1 }, build{custom: many(2, str("x"))}, "wasm: custom section: sections: 2 is over the limit of 1"},
		"custom bytes":    {func(l *Limits) { l.CustomBytes = 3 }, build{custom: many(2, str("x"))}, "wasm: custom section[1]: bytes in all: 4 is over the limit of 3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wasm := c.b.wasm()
			limits := DefaultLimits()
			_, err := Inspect(wasm, limits, Contract{})
			if err != nil {
				e, ok := errors.AsType[*Error](err)
				require.True(t, ok)
				require.NotEqual(t, OverLimit, e.Reason, "the defaults let it pass")
			}
			c.limit(&limits)
			_, err = Inspect(wasm, limits, Contract{})
			require.EqualError(t, err, c.text)
			e, ok := errors.AsType[*Error](err)
			require.True(t, ok)
			require.Equal(t, OverLimit, e.Reason)
			require.Greater(t, e.Value, e.Limit)
		})
	}
}

func TestInspectRefusesFeaturesByName(t *testing.T) {
	t.Parallel()
	code := func(code ...byte) build {
		b := void().one(fn(nil, code...))
		b.memories = [][]byte{{0, 1}}
		b.tables = [][]byte{{FuncRef, 0, 1}}
		return b
	}
	for name, c := range map[string]struct {
		b    build
		text string
	}{
		"try":             {code(0x06, blockEmpty, opEnd), `wasm: code section[0] "exceptions": feature is not supported`},
		"throw":           {code(0x08, 0), `wasm: code section[0] "exceptions": feature is not supported`},
		"try_table":       {code(0x1f, blockEmpty, 0, opEnd), `wasm: code section[0] "exceptions": feature is not supported`},
		"tag import":      {build{types: [][]byte{sig(nil, nil)}, imports: [][]byte{cat(str("a"), str("b"), []byte{kindTag, 0, 0})}}, `wasm: import section[0] "exceptions (tag import)": feature is not supported`},
		"return_call":     {code(0x12, 0), `wasm: code section[0] "tail calls": feature is not supported`},
		"call_ref":        {code(0x14, 0), `wasm: code section[0] "typed function references": feature is not supported`},
		"struct.new":      {code(0xfb, 0, 0), `wasm: code section[0] "garbage collection": feature is not supported`},
		"struct type":     {build{types: [][]byte{{0x5f, 1, I32, 0}}}, `wasm: type section[0] "type form 0x5f (garbage collection)": feature is not supported`},
		"atomics":         {code(0xfe, 0x03, 0), `wasm: code section[0] "threads (atomics)": feature is not supported`},
		"shared memory":   {build{memories: [][]byte{{3, 1, 1}}}, `wasm: memory section[0] "threads (shared)": feature is not supported`},
		"memory64":        {build{memories: [][]byte{{4, 1}}}, `wasm: memory section[0] "memory64": feature is not supported`},
		"table64":         {build{tables: [][]byte{{FuncRef, 4, 1}}}, `wasm: table section[0] "table64": feature is not supported`},
		"two memories":    {build{memories: [][]byte{{0, 1}, {0, 1}}}, `wasm: memory section[1] "multi-memory": feature is not supported`},
		"access to 2nd":   {code(opI32Const, 0, 0x28, 0x42, 1, 0), `wasm: code section[0] "multi-memory": feature is not supported`},
		"size of 2nd":     {code(opMemorySize, 1), `wasm: code section[0] "multi-memory": feature is not supported`},
		"relaxed SIMD":    {code(prefixSIMD, 0x80, 0x02), `wasm: code section[0] "relaxed SIMD (opcode 0xfd 0x100)": feature is not supported`},
		"wide arithmetic": {code(prefixBulk, 19), `wasm: code section[0] "opcode 0xfc 0x13": feature is not supported`},
		"extended const":  {build{globals: [][]byte{{I32, 0, opI32Const, 1, opI32Const, 1, 0x6a, opEnd}}}, `wasm: global section[0] "extended constant expression": feature is not supported`},
		"typed table":     {build{tables: [][]byte{{0x64, 0x70, 0, 1}}}, `wasm: table section[0] "table of 0x64": feature is not supported`},
		"opcode":          {code(0x27), `wasm: code section[0] "opcode 0x27": feature is not supported`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Inspect(c.b.wasm(), DefaultLimits(), Contract{})
			require.EqualError(t, err, c.text)
			e, ok := errors.AsType[*Error](err)
			require.True(t, ok)
			require.Equal(t, Unsupported, e.Reason)
		})
	}
}

func TestInspectRefusesWhatCanNotBeRestored(t *testing.T) {
	t.Parallel()
	for name, code := range map[string][]byte{
		"table.set":  {opI32Const, 0, opRefNull, FuncRef, opTableSet, 0},
		"table.init": {opI32Const, 0, opI32Const, 0, opI32Const, 0, prefixBulk, 12, 0, 0},
		"elem.drop":  {prefixBulk, 13, 0},
		"table.copy": {opI32Const, 0, opI32Const, 0, opI32Const, 0, prefixBulk, 14, 0, 0},
		"table.grow": {opRefNull, FuncRef, opI32Const, 0, prefixBulk, 15, 0, opDrop},
		"table.fill": {opI32Const, 0, opRefNull, FuncRef, opI32Const, 0, prefixBulk, 17, 0},
		"data.drop":  {prefixBulk, 9, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := void().one(fn(nil)).one(fn(nil, code...))
			b.tables, b.elems, b.datas, b.dataCount = [][]byte{{FuncRef, 0, 1}}, [][]byte{{1, 0, 0}}, [][]byte{{1, 0}}, true
			_, err := Inspect(b.wasm(), DefaultLimits(), Contract{})
			require.EqualError(t, err, `wasm: code section[1] "`+name+`": what this instruction changes can not be restored`)
		})
	}
}

func TestInspectRefusesMalformed(t *testing.T) {
	t.Parallel()
	code := func(code ...byte) []byte {
		b := void().one(fn(nil, code...))
		b.memories = [][]byte{{0, 1}}
		return b.wasm()
	}
	section := func(id byte, payload ...byte) []byte { return appendSection(bytes.Clone(header), id, payload) }
	most := []byte{0xff, 0xff, 0xff, 0xff, 0x0f}
	for name, c := range map[string]struct {
		wasm []byte
		text string
	}{
		"empty":                  {nil, "wasm: module: not a WebAssembly 1 core module"},
		"component":              {[]byte("\x00asm\x0d\x00\x01\x00"), "wasm: module: not a WebAssembly 1 core module"},
		"section beyond the end": {append(bytes.Clone(header), idType, 9, 0), "wasm: module: unexpected end"},
		"section size cut":       {append(bytes.Clone(header), idType, 0x80), "wasm: module: bad or truncated LEB128 number"},
		"section size overlong":  {append(bytes.Clone(header), idType, 0x80, 0x80, 0x80, 0x80, 0x80, 0), "wasm: module: bad or truncated LEB128 number"},
		"section too long":       {section(idType, 0, 0), "wasm: type section: the section is longer than its contents"},
		"unknown section":        {section(14), "wasm: module: unknown section id 14"},
		"twice":                  {append(section(idType, 0), idType, 1, 0), "wasm: type section: section is out of order or there twice"},
		"out of order":           {append(section(idFunction, 0), idType, 1, 0), "wasm: type section: section is out of order or there twice"},
		"data count after code":  {append(section(idCode, 0), idDataCount, 1, 0), "wasm: data count section: section is out of order or there twice"},
		"types without bytes":    {section(idType, 0x80, 0x20), "wasm: type section: types: more than the section has bytes for"},
		"functions w/o bytes":    {section(idFunction, 0x80, 0x20), "wasm: function section: functions: more than the section has bytes for"},
		"bodies without bytes":   {section(idCode, 0x80, 0x20), "wasm: code section: functions: more than the section has bytes for"},
		"4 G types":              {section(idType, most...), "wasm: type section: types: 4294967295 is over the limit of 4096"},
		"custom name":            {section(idCustom, 9), "wasm: custom section[0]: bytes in a name: more than the section has bytes for"},
		"custom name in Latin 1": {section(idCustom, 1, 0xe4), "wasm: custom section[0]: name is not UTF-8"},
		"body missing":           {append(section(idType, 1, 0x60, 0, 0), idFunction, 2, 1, 0), "wasm: code section: 1 functions are declared, 0 have bodies"},
		"data missing":           {section(idDataCount, 1), "wasm: data count section: 1 segments are announced, 0 are there"},
		"type of function":       {section(idFunction, 1, 0), "wasm: function section[0]: type 0 does not exist"},
		"start":                  {section(idStart, 0), "wasm: start section: function 0 does not exist"},
		"start with parameters":  {func() []byte { b := program(1, fn(nil)); b.start = []byte{0}; return b.wasm() }(), "wasm: start section: the start function is func(i32), it must be func()"},
		"export of nothing":      {section(idExport, 1, 1, 'a', 0, 0), "wasm: export section[0]: exported item 0 does not exist"},
		"kind of export":         {section(idExport, 1, 1, 'a', 4, 0), "wasm: export section[0]: unknown kind of export"},
		"export twice":           {build{memories: [][]byte{{0, 1}}, exports: [][]byte{export("m", 2, 0), export("m", 2, 0)}}.wasm(), "wasm: export section[1]: the same name is exported twice"},
		"memory upside down":     {section(idMemory, 1, 1, 2, 1), "wasm: memory section[0]: the maximum is below the minimum"},
		"memory of 4 GiB and":    {section(idMemory, 1, 1, 1, 0x81, 0x80, 0x04), "wasm: memory section[0]: memory is larger than 4 GiB"},
		"mutability":             {section(idGlobal, 1, I32, 2, opI32Const, 0, opEnd), "wasm: global section[0]: bad mutability"},
		"own global as constant": {section(idGlobal, 1, I32, 0, opGlobalGet, 0, opEnd), "wasm: global section[0]: imported global 0 does not exist"},
		"local":                  {code(opLocalGet, 0, opDrop), "wasm: code section[0]: local 0 does not exist"},
		"global":                 {code(opGlobalGet, 0, opDrop), "wasm: code section[0]: global 0 does not exist"},
		"function":               {code(opCall, 1), "wasm: code section[0]: function 1 does not exist"},
		"table":                  {code(opI32Const, 0, opCallIndirect, 0, 0), "wasm: code section[0]: table 0 does not exist"},
		"label":                  {code(opBr, 1), "wasm: code section[0]: label 1 does not exist"},
		"block type":             {code(opBlock, 1, opEnd), "wasm: code section[0]: bad type of a block"},
		"else without if":        {code(opBlock, blockEmpty, opElse, opEnd), "wasm: code section[0]: else without if"},
		"else twice":             {code(opI32Const, 0, opIf, blockEmpty, opElse, opElse, opEnd), "wasm: code section[0]: else without if"},
		"code after the end":     {code(opEnd), "wasm: code section[0]: instructions after the end of the function"},
		"no end":                 {void().one([]byte{2, 0, opNop}).wasm(), "wasm: code section[0]: unexpected end"},
		"alignment":              {code(opI32Const, 0, 0x28, 5, 0, opDrop), "wasm: code section[0]: bad alignment"},
		"no memory":              {void().one(fn(nil, opMemorySize, 0, opDrop)).wasm(), "wasm: code section[0]: there is no memory"},
		"no data count":          {code(prefixBulk, 9, 0), "wasm: code section[0]: a data segment is used without a data count section"},
		"padded SIMD opcode":     {code(prefixSIMD, 0x8c, 0x00), "wasm: code section[0]: opcode is not in its shortest form"},
		"more than 2^32 locals":  {void().one(fn(cat([]byte{2}, most, []byte{I32, 1, I32}))).wasm(), "wasm: code section[0]: locals: 4294967296 is over the limit of 2048"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Inspect(c.wasm, DefaultLimits(), Contract{})
			require.EqualError(t, err, c.text)
		})
	}
}

func TestErrorsCutNames(t *testing.T) {
	t.Parallel()
	b := policy()
	b.exports[2] = export("on_"+strings.Repeat("\n", 400), kindFunc, 2)
	_, err := Inspect(b.wasm(), DefaultLimits(), policyContract())
	require.Error(t, err)
	require.Less(t, len(err.Error()), 250)
	require.NotContains(t, err.Error(), "\n")
}

// attacks are modules that take a compiler down, or cost a reader dearly that
// believes their numbers.
func attacks() map[string][]byte {
	most := []byte{0xff, 0xff, 0xff, 0xff, 0x0f}
	return map[string][]byte{
		"4 G locals in under 50 bytes": void().one(fn(cat([]byte{1}, most, []byte{I32}))).wasm(),
		"100 000 functions": func() []byte {
			b := void()
			for range 100_000 {
				b = b.one(fn(nil))
			}
			return b.wasm()
		}(),
		"10 000 nested blocks": void().one(fn(nil, cat(bytes.Repeat([]byte{opBlock, blockEmpty}, 10_000),
			bytes.Repeat([]byte{opEnd}, 10_000))...)).wasm(),
		"loops over locals": void().one(fn(local(2000, I32), cat(bytes.Repeat([]byte{opLoop, blockEmpty}, 500),
			bytes.Repeat([]byte{opEnd}, 500))...)).wasm(),
		"a giant table": build{tables: [][]byte{cat([]byte{FuncRef, 0}, most)}}.wasm(),
		"4 G elements":  build{tables: [][]byte{{FuncRef, 0, 1}}, elems: [][]byte{cat([]byte{0, opI32Const, 0, opEnd}, most)}}.wasm(),
		"4 G data":      build{memories: [][]byte{{0, 1}}, datas: [][]byte{cat([]byte{1}, most)}}.wasm(),
		"4 G imports":   appendSection(bytes.Clone(header), idImport, most),
		"4 G exports":   appendSection(bytes.Clone(header), idExport, most),
	}
}

// TestInspectBelievesNoNumber holds that a refusal allocates by what is there.
func TestInspectBelievesNoNumber(t *testing.T) {
	for name, wasm := range attacks() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Inspect(wasm, DefaultLimits(), Contract{})
		runtime.ReadMemStats(&after)
		require.Error(t, err, name)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<10+4*len(wasm)), name)
	}
}
