//go:build interop

package interop

// The list of intended differences between the reference and Sluice.

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

// differences is testdata/differences.yaml.
type differences struct {
	Everywhere []*rule      `yaml:"everywhere"`
	Cases      []difference `yaml:"cases"`
}

// rule is a difference that shows in many cases: what matches is replaced in
// both transcripts before they are compared.
type rule struct {
	Match   string `yaml:"match"`
	Replace string `yaml:"replace"`
	Why     string `yaml:"why"`

	pattern *regexp.Regexp
	used    atomic.Bool
}

// difference is what is left of one case.
type difference struct {
	Case string `yaml:"case"`
	Why  string `yaml:"why"`
	// Diff holds the lines only in the reference's transcript ("- ") and only
	// in Sluice's ("+ ").
	Diff string `yaml:"diff"`
}

var differencesFile = filepath.Join("testdata", "differences.yaml")

func readDifferences(t *testing.T) *differences {
	t.Helper()
	text, err := os.ReadFile(differencesFile)
	require.NoError(t, err)
	d := &differences{}
	require.NoError(t, yaml.Unmarshal(text, d))
	for _, r := range d.Everywhere {
		r.pattern, err = regexp.Compile(r.Match)
		require.NoError(t, err)
		require.NotEmpty(t, r.Why, "the rule %s has no reason", r.Match)
	}
	return d
}

// byCase gives the entries by their cases.
func (d *differences) byCase(t *testing.T) map[string]difference {
	t.Helper()
	byCase := make(map[string]difference, len(d.Cases))
	for _, entry := range d.Cases {
		require.NotContains(t, byCase, entry.Case, "listed twice")
		byCase[entry.Case] = entry
	}
	return byCase
}

// level gives the lines after the rules.
func (d *differences) level(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		for _, r := range d.Everywhere {
			if sent(line) || !r.pattern.MatchString(line) {
				continue
			}
			r.used.Store(true)
			line = r.pattern.ReplaceAllString(line, r.Replace)
		}
		out[i] = line
	}
	return out
}

// writeCases replaces the entries of the file; what stands before them stays.
func writeCases(t *testing.T, list []difference) {
	t.Helper()
	old, err := os.ReadFile(differencesFile)
	require.NoError(t, err)
	head, _, found := strings.Cut(string(old), "\ncases:")
	require.True(t, found, "%s has no cases", differencesFile)
	var out strings.Builder
	out.WriteString(head + "\ncases:\n")
	for _, d := range list {
		fmt.Fprintf(&out, "\n- case: %s\n  why: %q\n  diff: |-\n", d.Case, d.Why)
		for line := range strings.SplitSeq(d.Diff, "\n") {
			out.WriteString("    " + line + "\n")
		}
	}
	require.NoError(t, os.WriteFile(differencesFile, []byte(out.String()), 0o644))
}
