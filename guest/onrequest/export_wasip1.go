package onrequest

import (
	"unsafe"

	"github.com/sluice-run/sluice/guest/internal/exchange"
)

//go:wasmexport sluice_on_request
func onRequest(ptr unsafe.Pointer, size uint32) uint64 {
	return exchange.Output(exchange.Shared.Answer(registered.decide(exchange.Input(ptr, size))))
}
