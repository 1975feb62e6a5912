package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

type report struct {
	sides  []*side
	rounds int
	values map[string]map[string][]float64 // row, side
}

func newReport(sides []*side, rounds int) *report {
	return &report{sides: sides, rounds: rounds, values: map[string]map[string][]float64{}}
}

func (r *report) add(row row, s *side, value float64) {
	if r.values[row.name] == nil {
		r.values[row.name] = map[string][]float64{}
	}
	r.values[row.name][s.name] = append(r.values[row.name][s.name], value)
}

func (r *report) median(row row, s *side) float64 {
	values := slices.Clone(r.values[row.name][s.name])
	slices.Sort(values)
	return values[len(values)/2]
}

// best is the better of the reference's two settings.
func (r *report) best(row row) float64 {
	best := math.NaN()
	for _, s := range r.sides {
		if !strings.HasPrefix(s.name, "reference") {
			continue
		}
		if v := r.median(row, s); math.IsNaN(best) || row.less == (v < best) {
			best = v
		}
	}
	return best
}

func (r *report) write(file string) error {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\nMade by `make bench`: every side in turn within one run, on loopback, the standard policy on, each call in\n" +
		"its pristine state. Machines differ; the ratio holds better than the figures.\n\n")
	fmt.Fprintf(&b, "%s, %d cores for callers, executors and origin together; %s; medians of %d rounds.\n", machine(), runtime.NumCPU(), versions(r.sides), r.rounds)
	b.WriteString("\"times better\" compares Sluice with the better setting of the reference.\n\n| | unit |")
	for _, s := range r.sides {
		b.WriteString(" " + s.name + " |")
	}
	b.WriteString(" times better |\n|---|---|" + strings.Repeat("---:|", len(r.sides)+1) + "\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s | %s |", row.name, row.unit)
		for _, s := range r.sides {
			b.WriteString(" " + number(r.median(row, s)) + " |")
		}
		ratio := r.median(row, r.sides[0]) / r.best(row)
		if row.less {
			ratio = 1 / ratio
		}
		b.WriteString(" " + number(ratio) + " |\n")
	}
	if file == "" {
		fmt.Print(b.String())
		return nil
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}

func number(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case math.Abs(v) >= 100:
		return fmt.Sprintf("%.0f", v)
	case math.Abs(v) >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

func machine() string {
	name := runtime.GOOS + "/" + runtime.GOARCH
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return name
	}
	for line := range strings.Lines(string(info)) {
		if rest, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(rest, "\t :")) + ", " + name
		}
	}
	return name
}

func versions(sides []*side) string {
	list := []string{runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "github.com/coder/websocket" {
				list = append(list, "coder/websocket "+d.Version)
			}
		}
	}
	for _, s := range sides {
		if !strings.HasPrefix(s.name, "reference") {
			continue
		}
		if out, err := exec.Command(s.command(context.Background()).Path, "--version").Output(); err == nil {
			list = append(list, strings.TrimSpace(string(out)))
		}
		break
	}
	return strings.Join(list, ", ")
}
