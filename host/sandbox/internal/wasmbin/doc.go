// Package wasmbin reads and rewrites WebAssembly binaries, so that a module by
// anybody can be given to a compiler, made to pay for what it does, and put back
// to where it began. All functions are pure: bytes in, bytes out.
//
// # From a stranger's bytes to a bounded module
//
//	info, err := wasmbin.Inspect(wasm, wasmbin.DefaultLimits(), contract)
//	if err != nil {
//		return err // *wasmbin.Error: section, index, name, limit
//	}
//	metered, err := wasmbin.Meter(wasm, wasmbin.MeterOptions{Fuel: 1e9, Stack: 16 << 20})
//
// [Inspect] comes before everything: some modules of less than 50 bytes take a
// compiler down. [Meter] expects a module that passed it.
//
// # Fuel
//
// A metered module holds its balance in the exported global [FuelExport]. The
// host sets it before each call and reads it after. One plain instruction costs
// one unit, structure (block, loop, else, end, nop) nothing, a call 3 more on
// each side, a bulk operation 8 and one for each 8 bytes or each table entry,
// memory.grow [UnitsPerPage] for each page it asks for.
//
// A charge covers a run of instructions and is made where the run begins. A run
// that is left early by a branch has been paid in full, so fuel is an upper
// bound of the instructions executed, and mostly close to it. The balance is
// looked at on function entries and loop headers and after sized operations, so
// a module can overdraw by one function's straight code.
//
// # Recursion
//
// [StackExport] holds the native stack that is left, in bytes. Each function that
// calls others takes an upper bound of its frame from it (64 bytes, 8 for each
// parameter, result, local and intermediate value, 16 for a vector) and gives it
// back on the way out. A frame is mostly a fraction of that.
//
// # Traps
//
// Out of either, the module executes unreachable. The host tells it from other
// traps by the balance: it is negative. The instance is then of no more use; the
// balances of one that trapped for another reason are not restored either.
//
// # State
//
// Memory and globals are all the state there is in a module that passed Inspect:
// table.set, table.init, table.copy, table.grow, table.fill, elem.drop and
// data.drop are refused, and mutable globals of reference and vector types, which
// the host could not set. Meter exports every mutable global under the name in
// [Info.Globals]. A host that keeps an image of the memory need not have each
// instance write its data first: [MeterOptions.WithoutData].
//
// # Features
//
// WebAssembly 2.0: sign extension, saturating conversions, multiple values, bulk
// memory, reference types, fixed-width SIMD, mutable globals. Threads, tail
// calls, exceptions, 64-bit and several memories, garbage collection, typed
// function references, relaxed SIMD and extended constants are refused by name.
//
// # Limits and errors
//
// Every limit is a field of [Limits]. Every error is an [*Error].
//
// # Sources
//
// WebAssembly Core Specification 2.0, chapter 5 (binary format) and section 3.4
// (modules).
package wasmbin
