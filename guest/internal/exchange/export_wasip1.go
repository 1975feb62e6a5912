package exchange

import "unsafe"

// Shared is the guest's one pair of buffers: a guest runs on one thread, and
// one call at a time.
var Shared Memory

//go:wasmexport sluice_abi_v1
func version() {}

//go:wasmexport sluice_buffer
func buffer(size uint32) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(Shared.Reserve(size)))
}

// Input gives the message that the host wrote at ptr. A host that writes
// elsewhere than where it was told to is broken; the trap tells it so.
func Input(ptr unsafe.Pointer, size uint32) string {
	if size > 0 && ptr != unsafe.Pointer(unsafe.SliceData(Shared.in)) {
		panic("the message is not in the buffer that was reserved for it")
	}
	return Shared.View(size)
}

// Output packs where an answer stands into a hook's result; 0 for an empty one.
func Output(answer []byte) uint64 {
	if len(answer) == 0 {
		return 0
	}
	ptr := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(answer))))
	return ptr<<32 | uint64(len(answer))
}
