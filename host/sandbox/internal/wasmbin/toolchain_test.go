package wasmbin

// Modules as compilers write them: they pass with the default limits, and do the
// same after Meter.

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

func TestModulesOfToolchains(t *testing.T) {
	t.Parallel()
	for name, build := range map[string]func(t *testing.T, out string){
		"Go": func(t *testing.T, out string) {
			if testing.Short() {
				t.Skip("building a Go guest takes some seconds")
			}
			command(t, []string{"GOOS=wasip1", "GOARCH=wasm"},
				"go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", out, "./testdata/goguest")
		},
		"C":                func(t *testing.T, out string) { buildC(t, out, "-O2") },
		"C, not optimised": func(t *testing.T, out string) { buildC(t, out, "-O0") },
		"C, all features": func(t *testing.T, out string) {
			buildC(t, out, "-O3", "-mbulk-memory", "-msimd128", "-msign-ext", "-mnontrapping-fptoint", "-mmultivalue")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "guest.wasm")
			build(t, out)
			wasm, err := os.ReadFile(out)
			require.NoError(t, err)
			info, err := Inspect(wasm, DefaultLimits(), Contract{
				Imports:  importsOf(t, wasm),
				Memory:   "memory",
				Required: []Func{{Name: "hash", Params: []ValueType{I32, I32}, Results: []ValueType{I64}}},
			})
			require.NoError(t, err)
			require.NotEmpty(t, info.Globals, "at least a stack pointer")
			plain := startGuest(t, wasm)
			rewritten, err := Meter(wasm, MeterOptions{Fuel: testFuel, Stack: 16 << 20})
			require.NoError(t, err)
			metered := startGuest(t, rewritten)
			for _, text := range []string{"", "a word", "api.example.com and api.example.org", "e.e a.a"} {
				require.Equal(t, hash(t, plain, text), hash(t, metered, text), text)
			}
			require.Less(t, int64(metered.ExportedGlobal(FuelExport).Get()), int64(testFuel))
			require.Equal(t, uint64(16<<20), metered.ExportedGlobal(StackExport).Get())
		})
	}
}

func command(t *testing.T, env []string, name string, args ...string) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func buildC(t *testing.T, out string, flags ...string) {
	for _, tool := range []string{"clang", "wasm-ld"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s here to build a C guest with", tool)
		}
	}
	object := out + ".o"
	command(t, nil, "clang", append(flags, "--target=wasm32", "-nostdlib", "-c", "-o", object, "testdata/cguest/guest.c")...)
	command(t, nil, "wasm-ld", "--no-entry", "-o", out, object)
}

// importsOf offers a module all that it asks for.
func importsOf(t *testing.T, wasm []byte) []Func {
	m, err := decode(wasm, &noLimits)
	require.NoError(t, err)
	return m.info().Imports
}

func startGuest(t *testing.T, wasm []byte) api.Module {
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	t.Cleanup(func() { require.NoError(t, r.Close(ctx)) })
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	mod, err := r.InstantiateWithConfig(ctx, wasm, wazero.NewModuleConfig().WithStartFunctions("_initialize"))
	require.NoError(t, err)
	return mod
}

func hash(t *testing.T, mod api.Module, text string) uint64 {
	ctx := context.Background()
	at, err := mod.ExportedFunction("buffer").Call(ctx, uint64(len(text)))
	require.NoError(t, err)
	require.True(t, mod.Memory().Write(uint32(at[0]), []byte(text)))
	got, err := mod.ExportedFunction("hash").Call(ctx, at[0], uint64(len(text)))
	require.NoError(t, err)
	return got[0]
}
