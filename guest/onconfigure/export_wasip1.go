package onconfigure

import (
	"strings"
	"unsafe"

	"github.com/sluice-run/sluice/guest/internal/exchange"
)

//go:wasmexport sluice_configure
func onConfigure(ptr unsafe.Pointer, size uint32) uint64 {
	// A copy, because a policy keeps parts of it: the next message overwrites
	// the buffer.
	json := strings.Clone(exchange.Input(ptr, size))
	return exchange.Output(exchange.Shared.Text(configure(registered, json)))
}
