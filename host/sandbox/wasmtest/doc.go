// Package wasmtest assembles small WebAssembly modules for tests: hostile ones,
// broken ones, and the smallest that work. It writes what it is told and checks
// nothing, so that invalid modules can be expressed too.
//
//	var m wasmtest.Module
//	m.Memory(1, 1)
//	hook := m.Func(wasmtest.I32+wasmtest.I32, wasmtest.I64, "", wasmtest.Unreachable)
//	m.Export("sluice_on_request", hook)
//	wasm := m.Bytes()
//
// Sizes are those of the binary format's 32-bit numbers; there are no other
// limits. Source: WebAssembly Core Specification 2.0, section 5.
package wasmtest
