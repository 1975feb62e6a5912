package main

// What the audience sees.

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"
)

// SGR sequences (ECMA-48); all are empty without colours.
type colours struct{ bold, dim, green, yellow, off string }

type screen struct {
	w io.Writer
	c colours
}

func newScreen(f *os.File) *screen {
	s := &screen{w: f}
	if term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" {
		s.c = colours{"\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[0m"}
	}
	return s
}

func (s *screen) title(format string, args ...any) {
	fmt.Fprintf(s.w, "\n%s%s%s\n\n", s.c.bold, fmt.Sprintf(format, args...), s.c.off)
}

func (s *screen) fact(name, format string, args ...any) {
	fmt.Fprintf(s.w, "  %-9s %s\n", name, fmt.Sprintf(format, args...))
}

func (s *screen) quote(text string) {
	for line := range strings.Lines(text) {
		fmt.Fprintf(s.w, "            %s%s%s\n", s.c.dim, strings.TrimSuffix(line, "\n"), s.c.off)
	}
}

func (s *screen) scene(number int, title string) {
	fmt.Fprintf(s.w, "\n%s%d  %s%s\n", s.c.bold, number, title, s.c.off)
}

func (s *screen) sends(format string, args ...any) {
	fmt.Fprintf(s.w, "     → %s\n", fmt.Sprintf(format, args...))
}

func (s *screen) headers(when string, h http.Header) {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintf(s.w, "       %s%s%s\n", s.c.dim, when, s.c.off)
	for _, name := range names {
		fmt.Fprintf(s.w, "         %s: %s\n", strings.ToLower(name), strings.Join(h[name], ", "))
	}
}

func (s *screen) good(elapsed time.Duration, format string, args ...any) {
	s.result(s.c.green, "✓", elapsed, fmt.Sprintf(format, args...))
}

func (s *screen) refused(elapsed time.Duration, format string, args ...any) {
	s.result(s.c.yellow, "✗", elapsed, fmt.Sprintf(format, args...))
}

func (s *screen) result(colour, sign string, elapsed time.Duration, text string) {
	fmt.Fprintf(s.w, "%s%9s %s %s%s\n", colour, took(elapsed), sign, text, s.c.off)
}

func (s *screen) note(text string) {
	fmt.Fprintf(s.w, "         %s  %s%s\n", s.c.dim, text, s.c.off)
}

// took gives a duration in milliseconds.
func took(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
