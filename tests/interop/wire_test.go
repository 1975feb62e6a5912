//go:build interop

package interop

// The comparison of Sluice with the reference, case by case.

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	update      = flag.Bool("update", false, "rewrite testdata/differences.yaml from what is seen")
	transcripts = flag.String("transcripts", "", "folder to write the full transcripts to")
)

// TestWireCases plays every case against the reference and against Sluice. The
// transcripts must be equal but for the listed differences, and each listed
// difference must still be there.
func TestWireCases(t *testing.T) {
	executable(t, "SLUICE_REFERENCE")
	executable(t, "SLUICE_BIN")
	listed := readDifferences(t)
	byCase := listed.byCase(t)
	groups := readGroups(t)
	unplayed := map[string]bool{}
	for _, g := range groups {
		for _, c := range g.cases {
			unplayed[c.name] = true
		}
	}
	for name := range byCase {
		require.Contains(t, unplayed, name, "a difference is listed for what is no case")
	}
	var mu sync.Mutex
	var seen []difference

	// The groups run in a test of their own, so that all are done after it.
	t.Run("group", func(t *testing.T) {
		for _, g := range groups {
			t.Run(g.name, func(t *testing.T) {
				t.Parallel()
				reference := startReference(t, g.flags...)
				sluice := startSluice(t, g.flags...)
				for _, c := range g.cases {
					t.Run(c.short(), func(t *testing.T) {
						want := playCase(t, c, reference)
						got := playCase(t, c, sluice)
						writeTranscripts(t, c.name, want, got)
						diff := strings.Join(diffLines(listed.level(want), listed.level(got)), "\n")
						entry, isListed := byCase[c.name]
						mu.Lock()
						defer mu.Unlock()
						delete(unplayed, c.name)
						if *update {
							if diff != "" {
								seen = append(seen, difference{Case: c.name, Why: entry.Why, Diff: diff})
							}
							return
						}
						require.Equal(t, entry.Diff, diff, "expected is the listed difference, actual the one seen; - reference, + sluice")
						require.Equal(t, isListed, entry.Diff != "", "an empty difference is listed")
						require.Equal(t, isListed, entry.Why != "", "a difference is listed without a reason")
					})
				}
			})
		}
	})
	if t.Failed() || len(unplayed) > 0 && !*update {
		return
	}
	require.Zero(t, len(unplayed), "-update needs all cases")
	for _, r := range listed.Everywhere {
		assert.True(t, r.used.Load(), "the rule %s is of no use any more", r.Match)
	}
	if *update {
		slices.SortFunc(seen, func(a, b difference) int { return strings.Compare(a.Case, b.Case) })
		writeCases(t, seen)
	}
}

// writeTranscripts writes the transcripts of both servers where -transcripts
// says.
func writeTranscripts(t *testing.T, name string, reference, sluice []string) {
	t.Helper()
	if *transcripts == "" {
		return
	}
	for server, lines := range map[string][]string{"reference": reference, "sluice": sluice} {
		file := filepath.Join(*transcripts, server, strings.ReplaceAll(name, " ", "-")+".txt")
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	}
}
