package tests

// Which package may import which: the table that keeps the layers apart.

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const modulePath = "github.com/sluice-run/sluice"

// layers says for each package, which stands for those below it as well, what of
// our own its code may import. The longest name that fits counts; what fits none
// has no place yet. Tests may import anything.
var layers = map[string][]string{
	"abi":            {},
	"guest":          {"abi"},
	"guest/policies": {"guest", "abi"},
	"host":           {},
	"host/wire":      {},
	"host/rpc":       {"host/wire"},
	"host/delta":     {"host/wire"},
	"host/sandbox":   {},
	"host/policy":    {"abi", "host/sandbox"},
	"host/egress":    {"abi"},
	"host/executor":  {"abi", "host/wire", "host/rpc", "host/delta", "host/sandbox", "host/policy", "host/egress"},
	"host/client":    {"host/wire", "host/rpc", "host/delta"},
	"host/peertest":  {"host/wire", "host/rpc"},
	"cmd/sluice":     {"abi", "host"},
	"tests":          {"abi", "guest", "host", "tests"},
}

func TestLayers(t *testing.T) {
	t.Parallel()
	files := 0
	walkGo(t, "..", func(file string) {
		files++
		pkg := path.Dir(file)
		for _, imported := range imports(t, filepath.Join("..", file)) {
			if problem := judgeImport(pkg, imported); problem != "" {
				t.Errorf("%s: %s", file, problem)
			}
		}
	})
	require.Greater(t, files, 50, "the walk has found the code")
}

// judgeImport says what is wrong with an import of our own; empty is nothing.
// Both packages are named from the module's root.
func judgeImport(pkg, imported string) string {
	layer := layerOf(pkg)
	if layer == "" {
		return "package " + pkg + " has no layer: add it to the table"
	}
	if imported == "" || within(imported, layer) {
		return ""
	}
	for _, allowed := range layers[layer] {
		if within(imported, allowed) {
			return ""
		}
	}
	return "package " + layer + " must not import " + imported
}

// layerOf is the longest name of the table that pkg stands at or below. A
// package at the root of others does not stand for those: each part of the host
// has a line of its own.
func layerOf(pkg string) string {
	best := ""
	for name := range layers {
		if within(pkg, name) && len(name) > len(best) && (name != "host" || pkg == name) {
			best = name
		}
	}
	return best
}

func within(pkg, root string) bool { return pkg == root || strings.HasPrefix(pkg, root+"/") }

// walkGo visits the module's Go files that are not tests, by slash-separated
// names from root on.
func walkGo(t *testing.T, root string, visit func(file string)) {
	t.Helper()
	require.NoError(t, fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && skipped(root, name):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			visit(name)
		}
		return nil
	}))
}

// skipped is true for what the go command skips, and for nested modules.
func skipped(root, dir string) bool {
	base := path.Base(dir)
	if base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_' {
		return true
	}
	_, err := os.Stat(filepath.Join(root, dir, "go.mod"))
	return err == nil
}

// imports gives a file's imports of our own, from the module's root; one empty
// name if there are none, so that its place is looked at all the same.
func imports(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	require.NoError(t, err)
	ours := []string{""}
	for _, spec := range parsed.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		if within(name, modulePath) {
			ours = append(ours, strings.TrimPrefix(strings.TrimPrefix(name, modulePath), "/"))
		}
	}
	return ours
}

// The judge itself: a table that lets everything pass would be no wall.
func TestJudgeImport(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ pkg, imported, problem string }{
		{"host/rpc", "host/wire", ""},
		{"host/wire", "", ""},
		{"host/sandbox", "host/sandbox/internal/wasmbin", ""},
		{"host/executor", "host/policy", ""},
		{"cmd/sluice", "host/executor", ""},
		{"guest/policies/standard", "guest", ""},
		{"host/wire", "host/rpc", "package host/wire must not import host/rpc"},
		{"host/sandbox/internal/wasmbin", "abi", "package host/sandbox must not import abi"},
		{"host/executor", "host/client", "package host/executor must not import host/client"},
		{"host/egress", "host/policy", "package host/egress must not import host/policy"},
		{"guest/policies/standard", "host/wire", "package guest/policies must not import host/wire"},
		{"abi", "guest", "package abi must not import guest"},
		{"host/novelty", "", "package host/novelty has no layer: add it to the table"},
		{"novelty", "", "package novelty has no layer: add it to the table"},
	} {
		require.Equal(t, tc.problem, judgeImport(tc.pkg, tc.imported), "%s imports %s", tc.pkg, tc.imported)
	}
}
