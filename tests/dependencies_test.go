package tests

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every module that is required directly has its reason in RATIONALE.md.
func TestEveryDependencyHasAReason(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	rationale, err := os.ReadFile("../RATIONALE.md")
	require.NoError(t, err)
	_, reasons, found := strings.Cut(string(rationale), "## Dependencies")
	require.True(t, found)
	direct := regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(string(mod), -1)
	require.NotEmpty(t, direct)
	for _, match := range direct {
		require.Contains(t, reasons, match[1])
	}
}
