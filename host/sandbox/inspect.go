// The first look at a module's bytes, before any compiler sees them.

package sandbox

import (
	"bytes"
	"fmt"
)

// inspect refuses what the compiler must not be given.
func inspect(wasm []byte, opts *Options) error {
	invalid := func(format string, args ...any) error {
		return opts.fail(Invalid, "load", fmt.Sprintf(format, args...))
	}
	switch {
	case len(wasm) > opts.MaxModule:
		return invalid("%d bytes are over the limit of %d", len(wasm), opts.MaxModule)
	case len(wasm) == 0:
		return invalid("it is empty")
	case !bytes.HasPrefix(wasm, []byte("\x00asm")):
		return invalid("it is not WebAssembly: the magic number is missing")
	case bytes.HasPrefix(wasm, []byte("\x00asm\x0d\x00\x01\x00")):
		return invalid("it is a component; a core module is needed")
	case !bytes.HasPrefix(wasm, []byte("\x00asm\x01\x00\x00\x00")):
		return invalid("it is not of WebAssembly version 1")
	}
	return nil
}
