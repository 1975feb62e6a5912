//go:build interop

package interop

// The case files: their cases and steps, and what a frame's ${...} stand for.

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// group is one case file.
type group struct {
	name string
	// flags are added to both servers' command lines.
	flags []string
	cases []wireCase
}

// wireCase is one section of a case file.
type wireCase struct {
	name  string
	steps []step
}

// short is the case's name within its group.
func (c wireCase) short() string {
	_, name, _ := strings.Cut(c.name, "/")
	return name
}

// step is one line of a case.
type step struct {
	line int
	conn string // the connection's name; empty for the first
	verb string
	arg  string
}

// verbs lists the steps and whether they take an argument.
var verbs = map[string]bool{
	"serve": true, "hello": false, ">": true, ">b": true, ">x": true, ">bx": true,
	"answer": true, "stream": true, "close": false, "silence": true,
	"drop": false, "bye": false, "unordered": false, "upgrade": true, "get": true,
}

func readGroups(t *testing.T) []group {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "cases", "*.txtar"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	testdata, err := filepath.Abs("testdata") // flags that name files want whole paths
	require.NoError(t, err)
	groups := make([]group, 0, len(files))
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		whole := strings.ReplaceAll(string(text), "${TESTDATA}", testdata)
		g, err := parseGroup(strings.TrimSuffix(filepath.Base(file), ".txtar"), whole)
		require.NoError(t, err, file)
		groups = append(groups, g)
	}
	return groups
}

func parseGroup(name, text string) (group, error) {
	g := group{name: name}
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " \t")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "-- ") && strings.HasSuffix(line, " --"):
			c := wireCase{name: name + "/" + line[3:len(line)-3]}
			if seen[c.name] {
				return g, fmt.Errorf("line %d: a second case %q", i+1, c.name)
			}
			seen[c.name] = true
			g.cases = append(g.cases, c)
		case len(g.cases) == 0:
			flags, ok := strings.CutPrefix(line, "flags ")
			if !ok {
				return g, fmt.Errorf("line %d: %q before the first case", i+1, line)
			}
			g.flags = append(g.flags, strings.Fields(flags)...)
		default:
			s, err := parseStep(line)
			if err != nil {
				return g, fmt.Errorf("line %d: %w", i+1, err)
			}
			s.line = i + 1
			c := &g.cases[len(g.cases)-1]
			c.steps = append(c.steps, s)
		}
	}
	return g, nil
}

func parseStep(line string) (step, error) {
	var s step
	if rest, ok := strings.CutPrefix(line, "@"); ok {
		s.conn, line, _ = strings.Cut(rest, " ")
	}
	s.verb, s.arg, _ = strings.Cut(line, " ")
	takes, known := verbs[s.verb]
	if !known {
		return s, fmt.Errorf("unknown step %q", s.verb)
	}
	if !takes && s.arg != "" {
		return s, fmt.Errorf("step %q takes no argument", s.verb)
	}
	return s, nil
}

var placeholder = regexp.MustCompile(`\$\{(\w+)(?::([^}]*))?\}`)

// expand replaces the ${...} of a frame by the given names and the
// generators.
func expand(text string, names func(name, arg string) (string, bool)) (string, error) {
	var failed error
	out := placeholder.ReplaceAllStringFunc(text, func(match string) string {
		part := placeholder.FindStringSubmatch(match)
		if value, ok := names(part[1], part[2]); ok {
			return value
		}
		n, _ := strconv.Atoi(part[2])
		switch part[1] {
		case "fill":
			return strings.Repeat("a", n)
		case "base64":
			return base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a", n)))
		case "headers":
			var lines strings.Builder
			for i := range n {
				fmt.Fprintf(&lines, "x-%d: v\\r\\n", i)
			}
			return lines.String()
		case "nest":
			return strings.Repeat("[", n) + strings.Repeat("]", n)
		case "b":
			return base64.StdEncoding.EncodeToString([]byte(part[2]))
		}
		failed = fmt.Errorf("unknown placeholder %s", match)
		return match
	})
	return out, failed
}
