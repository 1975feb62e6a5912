package sandbox_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/sluice-run/sluice/host/sandbox"
	"github.com/sluice-run/sluice/host/sandbox/wasmtest"
)

// A guest that echoes its input, and traps if there is none.
func Example() {
	var g wasmtest.Module
	g.Memory(1, 1)
	g.ExportMemory("memory")
	g.Export("buffer", g.Func(wasmtest.I32, wasmtest.I32, "", wasmtest.I32Const(1024)))
	g.Export("hook", g.Func(wasmtest.I32+wasmtest.I32, wasmtest.I64, "",
		wasmtest.LocalGet(1), wasmtest.I32Eqz, wasmtest.If(wasmtest.Unreachable),
		wasmtest.LocalGet(0), wasmtest.I64ExtendU, wasmtest.I64Const(32), wasmtest.I64Shl,
		wasmtest.LocalGet(1), wasmtest.I64ExtendU, wasmtest.I64Or))

	ctx := context.Background()
	m, err := sandbox.Load(ctx, g.Bytes(), nil, sandbox.Options{
		Name: "echo",
		ABI:  sandbox.ABI{Buffer: "buffer", Hooks: []string{"hook"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close(ctx)

	hook, _ := m.Hook("hook")
	out, err := m.Call(ctx, hook, []byte("hello"), nil)
	fmt.Println(string(out), err)
	_, err = m.Call(ctx, hook, nil, nil)
	fmt.Println(err, errors.Is(err, sandbox.Trap))
	// Output:
	// hello <nil>
	// module `echo`: hook: trap: unreachable true
}
