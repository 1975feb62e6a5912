package wasmbin

// What a module may have at most.

import "math"

// Limits bounds a module before anything is compiled. Each field is the
// largest value that passes.
type Limits struct {
	// ModuleBytes is the size of the whole module.
	ModuleBytes int
	// FunctionBytes is the size of one function's body. Compile time grows
	// faster than linearly in it, and no deadline is obeyed inside a function.
	FunctionBytes int
	// Functions counts the functions the module defines.
	Functions int
	// Types counts function types; Params and Results count within one.
	Types, Params, Results int
	// Locals counts one function's locals without its parameters, TotalLocals
	// those of all functions. A run of them takes two bytes to declare and the
	// compiler allocates for each.
	Locals, TotalLocals int
	// BlockDepth is how deep blocks nest in a function, LoopDepth how deep loops
	// do. Blocks counts all of a function's blocks, loops and ifs.
	BlockDepth, LoopDepth, Blocks int
	// Merges bounds what a compiler may have to reconcile where paths join: for
	// each block of a function all of its locals, parameters, and what the block
	// takes and gives. LoopMerges is the same for its loops alone, which are
	// dearer: 15 KB of nested loops over many locals compile for minutes.
	Merges, LoopMerges int
	// BranchTargets counts the targets of one br_table.
	BranchTargets int
	// Imports and Exports count entries; NameBytes is the length of one name.
	Imports, Exports, NameBytes int
	// Globals counts the module's own globals.
	Globals int
	// Tables counts tables; TableEntries is the declared minimum of one.
	Tables, TableEntries int
	// MemoryPages is the declared minimum of the memory, in pages of 64 KiB.
	// There may be one memory.
	MemoryPages int
	// DataSegments and ElementSegments count segments; Elements counts the
	// entries of all element segments.
	DataSegments, ElementSegments, Elements int
	// CustomSections counts custom sections, CustomBytes is their size in all.
	CustomSections, CustomBytes int
}

// DefaultLimits returns limits that a Go program of some megabytes passes with
// room to spare, and whose worst module still compiles in bounded time and
// memory.
func DefaultLimits() Limits {
	return Limits{
		ModuleBytes:     8 << 20,
		FunctionBytes:   64 << 10,
		Functions:       32 << 10,
		Types:           4 << 10,
		Params:          128,
		Results:         16,
		Locals:          2 << 10,
		TotalLocals:     1 << 20,
		BlockDepth:      2 << 10,
		LoopDepth:       32,
		Blocks:          4 << 10,
		Merges:          512 << 10,
		LoopMerges:      64 << 10,
		BranchTargets:   8 << 10,
		Imports:         256,
		Exports:         1 << 10,
		NameBytes:       512,
		Globals:         1 << 10,
		Tables:          4,
		TableEntries:    64 << 10,
		MemoryPages:     1 << 10,
		DataSegments:    256 << 10,
		ElementSegments: 1 << 10,
		Elements:        64 << 10,
		CustomSections:  64,
		CustomBytes:     8 << 20,
	}
}

// noLimits is for a module that has already passed Inspect, or came out of
// Meter. Counts are still held against the bytes that are there.
var noLimits = Limits{
	ModuleBytes: math.MaxInt, FunctionBytes: math.MaxInt, Functions: math.MaxInt,
	Types: math.MaxInt, Params: math.MaxInt, Results: math.MaxInt,
	Locals: math.MaxInt, TotalLocals: math.MaxInt, BlockDepth: math.MaxInt, LoopDepth: math.MaxInt,
	Blocks: math.MaxInt, Merges: math.MaxInt, LoopMerges: math.MaxInt, BranchTargets: math.MaxInt,
	Imports: math.MaxInt, Exports: math.MaxInt, NameBytes: math.MaxInt,
	Globals: math.MaxInt, Tables: math.MaxInt, TableEntries: math.MaxInt, MemoryPages: math.MaxInt,
	DataSegments: math.MaxInt, ElementSegments: math.MaxInt, Elements: math.MaxInt,
	CustomSections: math.MaxInt, CustomBytes: math.MaxInt,
}
