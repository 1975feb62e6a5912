// Package progress shows on a terminal how far a download is.
//
// A [Meter] counts the bytes that are written to it and draws one line, which
// it overwrites as it goes and wipes at the end. It draws nothing within the
// first second: short downloads leave no trace.
package progress

import (
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	// quiet is how long a download may take before anything is drawn.
	quiet = time.Second
	// interval is the time between two drawings.
	interval = 200 * time.Millisecond
	// barCells is the width of the bar; the longest line stays below 80 columns.
	barCells = 20
	// wipe goes to the start of the line and erases it (ECMA-48 EL).
	wipe = "\r\x1b[K"
)

// Meter is an io.Writer that counts. It is for one goroutine.
type Meter struct {
	w     io.Writer
	total int64
	done  int64
	start time.Time
	drawn time.Time // zero if nothing stands on the terminal
}

// New starts to measure a download of total bytes, -1 if that is not known, and
// draws on w.
func New(w io.Writer, total int64) *Meter {
	return &Meter{w: w, total: total, start: time.Now()}
}

// Write counts p. It never fails: a terminal that is gone stops no download.
func (m *Meter) Write(p []byte) (int, error) {
	m.done += int64(len(p))
	now := time.Now()
	if now.Sub(m.start) >= quiet && now.Sub(m.drawn) >= interval {
		m.drawn = now
		_, _ = io.WriteString(m.w, wipe+m.line(now))
	}
	return len(p), nil
}

// Close wipes the line.
func (m *Meter) Close() error {
	if !m.drawn.IsZero() {
		_, _ = io.WriteString(m.w, wipe)
	}
	return nil
}

// line is what is drawn: bar, amount, rate and, if the total is known, the time
// that is left.
func (m *Meter) line(now time.Time) string {
	rate := float64(m.done) / now.Sub(m.start).Seconds()
	if m.total <= 0 || m.done > m.total {
		return fmt.Sprintf("%s  %s/s", bytesText(float64(m.done)), bytesText(rate))
	}
	share := float64(m.done) / float64(m.total)
	line := fmt.Sprintf("[%s] %3.0f%%  %s of %s  %s/s",
		bar(share), 100*share, bytesText(float64(m.done)), bytesText(float64(m.total)), bytesText(rate))
	if rate > 0 {
		left := time.Duration(float64(m.total-m.done) / rate * float64(time.Second))
		line += "  " + left.Round(time.Second).String() + " left"
	}
	return line
}

func bar(share float64) string {
	full := int(share * barCells)
	return strings.Repeat("=", full) + strings.Repeat(" ", barCells-full)
}

// bytesText gives an amount in three or four digits.
func bytesText(n float64) string {
	unit := 0
	units := [...]string{"B", "KiB", "MiB", "GiB", "TiB"}
	for n >= 1000 && unit < len(units)-1 {
		n /= 1024
		unit++
	}
	if unit == 0 {
		return fmt.Sprintf("%.0f B", n)
	}
	return fmt.Sprintf("%.1f %s", n, units[unit])
}
