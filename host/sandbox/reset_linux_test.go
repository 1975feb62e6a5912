//go:build linux && (amd64 || arm64)

package sandbox

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// The ways that the kernel has are found to work, and taken.
func TestNewImageTakesTheWay(t *testing.T) {
	t.Parallel()
	memory := make([]byte, pageSize)
	require.IsType(t, &copiedImage{}, newImage(memory, resetCopy))
	require.IsType(t, &copiedImage{}, newImage(nil, resetBest), "there is nothing to map")

	if _, err := os.Stat("/proc/self/pagemap"); err != nil {
		t.Skip("there is no pagemap here")
	}
	ways := []resetWay{resetPagemap}
	if kernelSince(t, 6, 7) {
		ways = append(ways, resetScan)
	}
	for _, way := range ways {
		image, ok := newImage(memory, way).(*mappedImage)
		require.True(t, ok, way)
		defer image.close()
		require.Equal(t, way, image.way)
	}
	best, ok := newImage(memory, resetBest).(*mappedImage)
	require.True(t, ok)
	defer best.close()
	require.Equal(t, ways[len(ways)-1], best.way)
}

func kernelSince(t *testing.T, major, minor int) bool {
	var name unix.Utsname
	require.NoError(t, unix.Uname(&name))
	var gotMajor, gotMinor int
	_, err := fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &gotMajor, &gotMinor)
	require.NoError(t, err)
	return gotMajor > major || gotMajor == major && gotMinor >= minor
}

// Nothing of a module is left once it is closed, whatever its calls did.
func TestNothingLeaks(t *testing.T) {
	count := func() (mappings, files int) {
		maps, err := os.ReadFile("/proc/self/maps")
		require.NoError(t, err)
		entries, err := os.ReadDir("/proc/self/fd")
		require.NoError(t, err)
		return strings.Count(string(maps), "sluice-snapshot"), len(entries)
	}
	load := func(way resetWay) {
		m, h := poolModuleWith(t, 3, way)
		for range 5 {
			_, _ = m.Call(context.Background(), h, []byte("trap"), nil)
			_, _ = m.Call(context.Background(), h, []byte("good"), nil)
		}
		require.NoError(t, m.Close(context.Background()))
	}
	load(resetBest) // what is opened once
	mappings, files := count()
	for range 10 {
		for _, way := range resetWays {
			load(way.way)
		}
	}
	gotMappings, gotFiles := count()
	require.Equal(t, mappings, gotMappings)
	require.Equal(t, files, gotFiles)
}
