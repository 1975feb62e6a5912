//go:build linux && (amd64 || arm64)

package sandbox

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNewImageTakesTheWay(t *testing.T) {
	t.Parallel()
	memory := make([]byte, pageSize)
	for way, works := range map[resetWay]bool{resetScan: scanWorks(), resetPagemap: pagemapWorks()} {
		if !works {
			continue
		}
		image, ok := newImage(memory, way).(*mappedImage)
		require.True(t, ok)
		defer image.close()
		require.Equal(t, way, image.way)
	}
	require.IsType(t, &copiedImage{}, newImage(memory, resetCopy))
	require.IsType(t, &copiedImage{}, newImage(nil, resetBest), "there is nothing to map")
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
