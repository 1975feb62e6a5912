package wasmbin

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

func TestZZ(t *testing.T) {
	files, _ := filepath.Glob("/tmp/h6/mods/*.wasm")
	for _, f := range files {
		wasm, _ := os.ReadFile(f)
		m, err := decode(wasm, &noLimits)
		require.NoError(t, err)
		c := Contract{Memory: "memory"}
		for _, e := range m.imports {
			ty := m.typeOf(e.index)
			c.Imports = append(c.Imports, Func{e.module, e.name, ty.params, ty.results})
		}
		t0 := time.Now()
		info, err := Inspect(wasm, DefaultLimits(), c)
		d := time.Since(t0)
		if err != nil {
			fmt.Println(f, err)
			continue
		}
		t0 = time.Now()
		out, err := Meter(wasm, MeterOptions{1 << 50, 16 << 20})
		require.NoError(t, err)
		d2 := time.Since(t0)
		fmt.Println(filepath.Base(f), "inspect", d, "meter", d2, len(wasm), len(out), info.Globals, info.Memory, len(info.Imports), info.HasStart)
		var res [2][]uint64
		for i, w := range [][]byte{wasm, out} {
			ctx := context.Background()
			r := wazero.NewRuntime(ctx)
			wasi_snapshot_preview1.MustInstantiate(ctx, r)
			mod, err := r.InstantiateWithConfig(ctx, w, wazero.NewModuleConfig().WithStartFunctions("_initialize"))
			require.NoError(t, err)
			buf := mod.ExportedFunction("sluice_buffer")
			if buf == nil {
				continue
			}
			for k := 0; k < 100; k++ {
				b, err := buf.Call(ctx, 40)
				require.NoError(t, err)
				mod.Memory().Write(uint32(b[0]), []byte("abc.def.ghi.host55.example/path/to/there"))
				for _, n := range []string{"scan", "tok", "sluice_on_request"} {
					if fn := mod.ExportedFunction(n); fn != nil {
						x, err := fn.Call(ctx, b[0], 40)
						require.NoError(t, err)
						res[i] = append(res[i], x...)
					}
				}
			}
			if g := mod.ExportedGlobal(FuelExport); g != nil {
				fmt.Println("  fuel per round", (1<<50-g.Get())/100, "stack", g.(api.MutableGlobal).String(), mod.ExportedGlobal(StackExport).Get() == 16<<20)
			}
			if buf := mod.ExportedFunction("recurse"); buf != nil && i == 1 {
				_, err := buf.Call(ctx, 1000)
				require.NoError(t, err)
				lo, hi := 1000, 1_000_000
				for hi-lo > 10000 {
					mid := (lo + hi) / 2
					mod.ExportedGlobal(StackExport).(api.MutableGlobal).Set(16 << 20)
					_, err := buf.Call(ctx, uint64(mid))
					if err != nil {
						hi = mid; r.Close(ctx); r = wazero.NewRuntime(ctx); wasi_snapshot_preview1.MustInstantiate(ctx, r); mod, err = r.InstantiateWithConfig(ctx, w, wazero.NewModuleConfig().WithStartFunctions("_initialize")); buf = mod.ExportedFunction("recurse")
						fmt.Println("   recurse", mid, trapText(err), int64(mod.ExportedGlobal(StackExport).Get()))

					} else {
						lo = mid
					}
				}
			}
			r.Close(ctx)
		}
		require.Equal(t, res[0], res[1])
		fmt.Println("  same results", len(res[0]))
	}
}
