package progress

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// download writes one MiB every step, n times, and gives what was drawn.
func download(t *testing.T, total int64, n int, step time.Duration) []string {
	t.Helper()
	var drawn bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		m := New(&drawn, total)
		for range n {
			time.Sleep(step)
			written, err := m.Write(make([]byte, 1<<20))
			require.NoError(t, err)
			require.Equal(t, 1<<20, written)
		}
		require.NoError(t, m.Close())
	})
	return strings.Split(drawn.String(), wipe)[1:]
}

func TestShortDownloadDrawsNothing(t *testing.T) {
	t.Parallel()
	require.Empty(t, strings.Join(download(t, 10<<20, 10, 99*time.Millisecond), ""))
}

func TestKnownTotal(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		"[==========          ]  50%  1.0 MiB of 2.0 MiB  1.0 MiB/s  1s left",
		"[====================] 100%  2.0 MiB of 2.0 MiB  1.0 MiB/s  0s left",
		"", // wiped
	}, download(t, 2<<20, 2, time.Second))
}

func TestUnknownTotal(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"1.0 MiB  512.0 KiB/s", "2.0 MiB  512.0 KiB/s", ""}, download(t, -1, 2, 2*time.Second))
}

func TestMoreThanPromisedDrawsNoBar(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"1.0 MiB  1.0 MiB/s", ""}, download(t, 100, 1, time.Second))
}

func TestDrawsFiveTimesASecondAtMost(t *testing.T) {
	t.Parallel()
	lines := download(t, -1, 200, 10*time.Millisecond)
	require.Len(t, lines, 6+1, "one second of 100 writes, and the wipe")
}

func TestLineFitsATerminal(t *testing.T) {
	t.Parallel()
	now := time.Now()
	m := &Meter{total: 999 << 40, done: 998 << 40, start: now.Add(-99 * time.Hour)}
	require.Less(t, len(m.line(now)), 80)
	m = &Meter{total: 999 << 40, done: 1 << 30, start: now.Add(-time.Second)}
	require.Less(t, len(m.line(now)), 80)
}

func TestBytesText(t *testing.T) {
	t.Parallel()
	for n, want := range map[float64]string{0: "0 B", 999: "999 B", 1000: "1.0 KiB", 1 << 20: "1.0 MiB", 1e6: "976.6 KiB", 5 << 50: "5120.0 TiB"} {
		require.Equal(t, want, bytesText(n))
	}
}
