package wasmbin

// The WebAssembly core test suite, run on original and metered modules side by
// side. wazero's module carries the suite's binaries.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// specDir finds the suite in the module cache, where it lies beside the engine.
func specDir(t *testing.T) string {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	if err != nil {
		t.Fatalf("the WebAssembly test suite is not at hand: go list: %v", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "internal", "integration_test", "spectest")
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("the WebAssembly test suite is not at hand: %v", err)
	}
	return dir
}

type specScript struct {
	Commands []specCommand `json:"commands"`
}

type specCommand struct {
	Type       string `json:"type"`
	Line       int    `json:"line"`
	Name       string `json:"name"`
	As         string `json:"as"`
	Filename   string `json:"filename"`
	ModuleType string `json:"module_type"`
	Action     struct {
		Type   string      `json:"type"`
		Module string      `json:"module"`
		Field  string      `json:"field"`
		Args   []specValue `json:"args"`
	} `json:"action"`
}

type specValue struct {
	Type     string `json:"type"`
	LaneType string `json:"lane_type"`
	Value    any    `json:"value"`
}

// stackSlots gives the value as the runtime takes it.
func (v specValue) stackSlots() []uint64 {
	lanes, ok := v.Value.([]any)
	if !ok {
		return []uint64{number(v.Type, v.Value)}
	}
	width := 128 / len(lanes)
	slots := make([]uint64, 2)
	for i, lane := range lanes {
		bit := i * width
		slots[bit/64] |= number(v.LaneType, lane) & (math.MaxUint64 >> (64 - width)) << (bit % 64)
	}
	return slots
}

func number(typ string, value any) uint64 {
	text, _ := value.(string)
	switch {
	case text == "" || text == "null":
		return 0
	case typ == "externref":
		n, _ := strconv.ParseUint(text, 10, 64)
		return n + 1 // 0 is null
	case strings.HasPrefix(text, "-"):
		n, _ := strconv.ParseInt(text, 10, 64)
		if strings.HasSuffix(typ, "32") {
			return uint64(uint32(n))
		}
		return uint64(n)
	default:
		n, _ := strconv.ParseUint(text, 10, 64)
		return n
	}
}

// A world is one runtime with the modules of one script.
type world struct {
	runtime wazero.Runtime
	named   map[string]api.Module
	last    api.Module
	modules int
}

func newWorld(t *testing.T, features api.CoreFeatures, spectest []byte) *world {
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCoreFeatures(features))
	t.Cleanup(func() { require.NoError(t, r.Close(ctx)) })
	_, err := r.InstantiateWithConfig(ctx, spectest, wazero.NewModuleConfig())
	require.NoError(t, err)
	return &world{runtime: r, named: map[string]api.Module{}}
}

func (w *world) instantiate(wasm []byte, as string) error {
	if wasm == nil {
		return errors.New("refused")
	}
	mod, err := w.runtime.InstantiateWithConfig(context.Background(), wasm,
		wazero.NewModuleConfig().WithName(as).WithStartFunctions())
	if err != nil {
		return err
	}
	if start := mod.ExportedFunction(StartExport); start != nil {
		if _, err := start.Call(context.Background()); err != nil {
			return err
		}
	}
	w.last = mod
	return nil
}

func (w *world) do(c *specCommand) ([]uint64, error) {
	mod := w.last
	if c.Action.Module != "" {
		mod = w.named[c.Action.Module]
	}
	if c.Action.Type == "get" {
		return []uint64{mod.ExportedGlobal(c.Action.Field).Get()}, nil
	}
	var args []uint64
	for _, a := range c.Action.Args {
		args = append(args, a.stackSlots()...)
	}
	return mod.ExportedFunction(c.Action.Field).Call(context.Background(), args...)
}

const testFuel, testStack = 1 << 60, 64 << 20

// meterValid meters a module if it can be read.
func meterValid(wasm []byte) []byte {
	out, err := Meter(wasm, MeterOptions{Fuel: testFuel, Stack: testStack})
	if err != nil {
		return nil
	}
	return out
}

func TestCoreTestSuite(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the WebAssembly test suite takes some seconds")
	}
	dir := specDir(t)
	spectest, err := os.ReadFile(filepath.Join(dir, "testdata", "spectest.wasm"))
	require.NoError(t, err)
	scripts, err := filepath.Glob(filepath.Join(dir, "v2", "testdata", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			var script specScript
			require.NoError(t, json.Unmarshal(raw, &script))
			runScript(t, filepath.Dir(path), &script,
				newWorld(t, api.CoreFeaturesV2, spectest), newWorld(t, api.CoreFeaturesV2, spectest))
		})
	}
}

func runScript(t *testing.T, dir string, script *specScript, plain, metered *world) {
	as := ""
	for i := range script.Commands {
		c := &script.Commands[i]
		line := fmt.Sprintf("line %d: %s", c.Line, c.Type)
		switch c.Type {
		case "module":
			as = ""
			if i+1 < len(script.Commands) && script.Commands[i+1].Type == "register" {
				as = script.Commands[i+1].As
			}
			wasm := readWasm(t, dir, c)
			require.NoError(t, checkValid(wasm), line)
			require.NoError(t, plain.instantiate(wasm, as), line)
			require.NoError(t, metered.instantiate(meterValid(wasm), as), line)
			if c.Name != "" {
				plain.named[c.Name], metered.named[c.Name] = plain.last, metered.last
			}
		case "register":
			// Modules are instantiated under the name of the register that follows.
		case "action", "assert_return", "assert_trap":
			want, wantErr := plain.do(c)
			got, gotErr := metered.do(c)
			require.Equal(t, want, got, line)
			require.Equal(t, trapText(wantErr), trapText(gotErr), line)
		case "assert_exhaustion":
			_, err := metered.do(c)
			require.Error(t, err, line)
			stack := metered.last.ExportedGlobal(StackExport).(api.MutableGlobal)
			require.Negative(t, int64(stack.Get()), line)
			stack.Set(testStack)
		case "assert_invalid", "assert_malformed":
			if c.ModuleType != "binary" {
				continue
			}
			wasm := readWasm(t, dir, c)
			if metered.instantiate(meterValid(wasm), "") == nil {
				// The export of a start function makes it one that ref.func may name.
				require.ErrorContains(t, plain.instantiate(wasm, ""), "undeclared function", line)
				require.NotNil(t, metered.last.ExportedFunction(StartExport), line)
			}
		case "assert_unlinkable", "assert_uninstantiable":
			wasm := readWasm(t, dir, c)
			wantErr := plain.instantiate(wasm, "")
			require.Equal(t, trapText(wantErr), trapText(metered.instantiate(meterValid(wasm), "")), line)
		default:
			t.Fatalf("%s: unknown command", line)
		}
	}
}

// checkValid inspects a module without the policies that a valid one may break.
func checkValid(wasm []byte) error {
	m, err := decode(wasm, &noLimits)
	if err != nil {
		return err
	}
	err = checkCode(m, &noLimits)
	if e, ok := errors.AsType[*Error](err); ok && e.Reason == NotRestorable {
		return nil
	}
	return err
}

func readWasm(t *testing.T, dir string, c *specCommand) []byte {
	wasm, err := os.ReadFile(filepath.Join(dir, c.Filename))
	require.NoError(t, err)
	return wasm
}

var startFailed = regexp.MustCompile(`^start function\[\d+\] failed: `)

// trapText is the first line of a trap, without the stack trace and without what
// only instantiation says: metered, the start function is called after it.
func trapText(err error) string {
	if err == nil {
		return ""
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return startFailed.ReplaceAllString(text, "")
}
