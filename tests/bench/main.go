// Command bench measures Sluice beside the reference's exec-server and plain
// net/http, all on loopback, in turns within one run, and prints medians and
// ratios. Run it with "make bench".
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	sluice := flag.String("sluice", "bin/sluice", "the sluice command")
	reference := flag.String("reference", "", "the reference's codex command; without it that column is empty")
	rounds := flag.Int("rounds", 5, "how often each figure is taken")
	quick := flag.Bool("quick", false, "do a tenth of the work, to see that everything runs")
	out := flag.String("o", "", "file to write the report to; standard output if empty")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *sluice, *reference, *rounds, *quick, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, sluice, reference string, rounds int, quick bool, out string) error {
	o, err := startOrigin()
	if err != nil {
		return err
	}
	defer o.close()
	b := &bench{origin: o.url, scale: 1}
	if quick {
		b.scale = 10
	}
	sides, closeSides, err := startSides(ctx, sluice, reference)
	if err != nil {
		return err
	}
	defer closeSides()

	report := newReport(sides, rounds)
	for _, row := range rows {
		fmt.Fprintf(os.Stderr, "%-40s", row.name)
		for round := range rounds {
			for _, side := range sides {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				value, err := row.measure(ctx, b, side)
				if err != nil {
					return fmt.Errorf("%s, %s, round %d: %w", row.name, side.name, round+1, err)
				}
				report.add(row, side, value)
			}
			fmt.Fprint(os.Stderr, ".")
		}
		fmt.Fprintln(os.Stderr)
	}
	return report.write(out)
}
