package tests

// What the documents list (codes, reasons, limits) against the constants.

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/egress"
	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/wire"
)

// constants gives the values of the string and number constants of a package
// whose names begin with prefix.
func constants(t *testing.T, pkg, prefix string) (values []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", pkg, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, prefix) {
				return true
			}
			if value, ok := literal(spec.Values[0]); ok {
				values = append(values, value)
			}
			return true
		})
	}
	require.NotEmpty(t, values, "%s has no constant %s…", pkg, prefix)
	return values
}

func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return e.Value, true
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.UnaryExpr:
		value, ok := literal(e.X)
		return e.Op.String() + value, ok
	}
	return "", false
}

// section is what stands below a heading, up to the next one of its level.
func section(t *testing.T, name, title string) string {
	t.Helper()
	_, rest, found := strings.Cut(document(t, name), "\n## "+title+"\n")
	require.True(t, found, "%s has no section %s", name, title)
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

var row = regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]*) \|`)

// rows gives the first two cells of the tables in text.
func rows(text string) [][]string {
	list := row.FindAllStringSubmatch(text, -1)
	for i := range list {
		list[i] = list[i][1:]
	}
	return list
}

var quotedWord = regexp.MustCompile("`([a-z]+(?:_[a-z]+)+|[a-z]+)`")

// words gives the quoted words of text.
func words(text string) (list []string) {
	for _, found := range quotedWord.FindAllStringSubmatch(text, -1) {
		list = append(list, found[1])
	}
	return list
}

func TestDocsErrorCodes(t *testing.T) {
	t.Parallel()
	var listed []string
	for _, cells := range rows(section(t, "docs/protocol.md", "Errors")) {
		if _, err := strconv.Atoi(cells[0]); err == nil {
			listed = append(listed, cells[0])
		}
	}
	require.ElementsMatch(t, constants(t, "host/wire", "Code"), listed)
}

// Each reason that a caller may meet is in docs/protocol.md, and the reasons of
// its tables exist.
func TestDocsReasons(t *testing.T) {
	t.Parallel()
	known := constants(t, "host/egress", "Reason")
	for pkg, prefix := range map[string]string{"host/policy": "Reason", "host/executor": "reason", "guest/policies/standard": "reason"} {
		known = append(known, constants(t, pkg, prefix)...)
	}
	errors := section(t, "docs/protocol.md", "Errors")
	said := words(errors)
	said = append(said, words(document(t, "docs/policy.md"))...)
	for _, reason := range known {
		require.True(t, slices.Contains(said, reason), "%s is in neither docs/protocol.md nor docs/policy.md", reason)
	}
	for _, text := range []string{errors, section(t, "docs/policy.md", "Reasons")} {
		for _, cells := range rows(text) {
			for _, reason := range words(cells[0]) {
				require.True(t, reason == "reason" || slices.Contains(known, reason), "there is no reason %s", reason)
			}
		}
	}
	for _, reason := range constants(t, "guest/policies/standard", "reason") {
		require.True(t, slices.Contains(words(document(t, "docs/policy.md")), reason), "%s is not in docs/policy.md", reason)
	}
}

func TestDocsLimits(t *testing.T) {
	t.Parallel()
	const kib, mib = 1 << 10, 1 << 20
	for name, want := range map[string]map[string]string{
		"docs/protocol.md": {
			"message to an executor":                     unit(wire.MaxMessage, mib),
			"message to Sluice's client":                 unit(wire.MaxResult, mib),
			"decoded bytes of a delta":                   unit(wire.MaxDelta, mib),
			"nesting of JSON":                            unit(wire.MaxDepth, 1),
			"members of an object":                       unit(wire.MaxMembers, 1),
			"headers of a request or response":           unit(wire.MaxHeaders, 1),
			"URL, method":                                unit(egress.MaxURL, kib) + ", " + unit(egress.MaxMethod, 1),
			"name and value of a request header":         unit(egress.MaxHeaderName, kib) + ", " + unit(egress.MaxHeaderValue, kib) + "; all together " + unit(egress.MaxHeaderBytes, kib),
			"head of a response":                         unit(egress.DefaultMaxResponseHeaderBytes, kib),
			"redirects":                                  unit(egress.DefaultMaxRedirects, 1),
			"buffered response body":                     unit(executor.DefaultMaxBufferedBody, mib),
			"requests of a connection: running, waiting": unit(executor.DefaultConcurrentRequests, 1) + ", " + unit(executor.DefaultMaxWaiting, 1),
			"streams of a connection":                    unit(executor.DefaultMaxStreams, 1),
			"connections, sessions":                      unit(executor.DefaultMaxConnections, 1) + ", " + unit(executor.DefaultMaxSessions, 1),
		},
		"docs/abi.md": {
			"a message, either way, and the configuration": unit(abi.MaxMessage, mib),
			"headers in a message":                         unit(abi.MaxHeaders, 1),
			"reason":                                       unit(abi.MaxReason, 1),
			"message, log line, configuration error":       unit(abi.MaxText, 1),
		},
	} {
		listed := rows(section(t, name, "Limits"))
		for what, value := range want {
			i := slices.IndexFunc(listed, func(cells []string) bool { return cells[0] == what })
			require.GreaterOrEqual(t, i, 0, "%s does not list %q", name, what)
			require.Regexp(t, "^"+regexp.QuoteMeta(value)+`\b`, listed[i][1], "%s: %s", name, what)
		}
	}
}

// unit writes a limit in the unit that the documents have it in.
func unit(n, in int) string {
	name := map[int]string{1: "", 1 << 10: " KiB", 1 << 20: " MiB"}[in]
	if n%in != 0 {
		return fmt.Sprint(n, " bytes")
	}
	return strconv.Itoa(n/in) + name
}
