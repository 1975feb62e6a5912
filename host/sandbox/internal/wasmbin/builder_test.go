package wasmbin

// A small writer of modules for the tests.

// A build is a module in parts: for each section its entries.
type build struct {
	types, imports, funcs, tables, memories, globals, exports, elems, codes, datas [][]byte
	start                                                                          []byte
	dataCount                                                                      bool
	custom                                                                         [][]byte
}

func cat(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

func uleb32(v uint32) []byte { return appendUleb(nil, uint64(v)) }

func vector(entries [][]byte) []byte {
	return append(uleb32(uint32(len(entries))), cat(entries...)...)
}

func sized(b []byte) []byte { return append(uleb32(uint32(len(b))), b...) }

func str(s string) []byte { return sized([]byte(s)) }

// sig is the entry of a function type.
func sig(params, results []ValueType) []byte {
	return cat([]byte{0x60}, sized(params), sized(results))
}

// fn is the entry of a function body: groups of locals, then instructions
// without the last end.
func fn(locals []byte, code ...byte) []byte {
	if locals == nil {
		locals = []byte{0}
	}
	return sized(cat(locals, code, []byte{opEnd}))
}

// local declares n locals of one type.
func local(n uint32, t ValueType) []byte { return cat([]byte{1}, uleb32(n), []byte{t}) }

func export(name string, kind byte, index uint32) []byte {
	return cat(str(name), []byte{kind}, uleb32(index))
}

// one adds a function of type 0.
func (b build) one(code []byte) build {
	b.funcs = append(b.funcs, []byte{0})
	b.codes = append(b.codes, code)
	return b
}

func (b build) wasm() []byte {
	out := append([]byte{}, header...)
	for _, c := range b.custom {
		out = appendSection(out, idCustom, c)
	}
	for _, s := range []struct {
		id      byte
		entries [][]byte
	}{
		{idType, b.types}, {idImport, b.imports}, {idFunction, b.funcs}, {idTable, b.tables},
		{idMemory, b.memories}, {idGlobal, b.globals}, {idExport, b.exports}, {idStart, nil},
		{idElement, b.elems}, {idDataCount, nil}, {idCode, b.codes}, {idData, b.datas},
	} {
		switch {
		case s.id == idStart && b.start != nil:
			out = appendSection(out, s.id, b.start)
		case s.id == idDataCount && b.dataCount:
			out = appendSection(out, s.id, uleb32(uint32(len(b.datas))))
		case len(s.entries) > 0:
			out = appendSection(out, s.id, vector(s.entries))
		}
	}
	return out
}

// void is a module with the type func() and nothing else.
func void() build { return build{types: [][]byte{sig(nil, nil)}} }
