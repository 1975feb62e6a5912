package guest

// hostLog is the host's own function.
//
//go:wasmimport sluice log
func hostLog(level uint32, line string)
