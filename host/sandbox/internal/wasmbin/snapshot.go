package wasmbin

// A module that begins where another one stands: the code of the metered module
// with the globals of a started instance. The memory's contents come from the
// host, which maps the image that it took.

import (
	"encoding/binary"
	"fmt"
)

// Image is the state of an instance besides the contents of its memory.
type Image struct {
	// Pages is the size of its memory, in pages of 64 KiB.
	Pages uint32
	// Globals holds the values of mutable globals by index, as raw bits. Those
	// that are missing keep their initialisers.
	Globals map[uint32]uint64
}

// Snapshot rewrites a module so that a new instance has the image's globals and
// memory size, writes nothing into its memory, and starts nothing: without a
// start function, and with spent data segments in place of those that would be
// copied to memory. Tables are set up anew by their element segments.
func Snapshot(wasm []byte, image Image) ([]byte, error) {
	m, err := decode(wasm, &noLimits)
	if err != nil {
		return nil, err
	}
	out := append(make([]byte, 0, len(wasm)+1<<10), header...)
	for _, s := range m.sections {
		payload := s.payload
		switch s.id {
		case idStart:
			continue
		case idMemory:
			payload, err = m.imageMemory(image.Pages)
		case idGlobal:
			payload, err = m.imageGlobals(image.Globals)
		case idData:
			if m.dataCount < 0 {
				continue
			}
			payload = m.spentData()
		}
		if err != nil {
			return nil, err
		}
		out = appendSection(out, s.id, payload)
	}
	return out, nil
}

// imageMemory is the memory section with another minimum.
func (m *module) imageMemory(pages uint32) ([]byte, error) {
	if len(m.memories) == 0 {
		return []byte{0}, nil
	}
	memory := m.memories[0]
	if pages < memory.min || pages > maxPages || memory.hasMax && pages > memory.max {
		return nil, malformed("memory", 0, fmt.Sprintf("an image of %d pages does not fit", pages))
	}
	if !memory.hasMax {
		return appendUleb([]byte{1, 0}, uint64(pages)), nil
	}
	return appendUleb(appendUleb([]byte{1, 1}, uint64(pages)), uint64(memory.max)), nil
}

// imageGlobals is the global section with the values as initialisers.
func (m *module) imageGlobals(values map[uint32]uint64) ([]byte, error) {
	own := m.globals[m.importedGlobals:]
	b := appendUleb(nil, uint64(len(own)))
	for i, g := range own {
		index := m.importedGlobals + i
		value, given := values[uint32(index)]
		if !given {
			b = append(append(b, g.typ, flag(g.mutable)), g.init...)
			continue
		}
		if !g.mutable || !restorable(g.typ) {
			return nil, malformed("global", index, "an image has no value for this global")
		}
		b = append(appendConst(append(b, g.typ, 1), g.typ, value), opEnd)
	}
	return b, nil
}

func flag(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// appendConst writes a constant instruction from raw bits.
func appendConst(b []byte, t ValueType, bits uint64) []byte {
	switch t {
	case I32:
		return appendSleb(append(b, opI32Const), int64(int32(uint32(bits))))
	case I64:
		return appendSleb(append(b, opI64Const), int64(bits))
	case F32:
		return binary.LittleEndian.AppendUint32(append(b, opF32Const), uint32(bits))
	default:
		return binary.LittleEndian.AppendUint64(append(b, opF64Const), bits)
	}
}

// spentData is the data section as it stands after instantiation: active
// segments are empty, passive ones whole. Indices stay, for memory.init.
func (m *module) spentData() []byte {
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
