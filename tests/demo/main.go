// Command demo shows Sluice at work, with real processes and real sockets: it
// starts the sluice binary as an executor on loopback, an HTTP server as the
// origin, and sends requests through the one to the other.
//
//	go run ./tests/demo bin/sluice
//
// It exits with 0 only if every request ended as it should. Colours appear on a
// terminal only, and not if NO_COLOR is set.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/sluice-run/sluice/host/client"
)

//go:embed rules.yaml
var rules string

// patience bounds the whole demo; it takes about a second.
const patience = time.Minute

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: demo PATH-OF-SLUICE")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := run(ctx, os.Args[1], newScreen(os.Stdout)); err != nil {
		fmt.Fprintf(os.Stderr, "demo: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, sluice string, out *screen) error {
	out.title("Sluice: an HTTP request executor behind a WebAssembly policy")
	origin, err := startOrigin()
	if err != nil {
		return err
	}
	defer origin.close()

	started := time.Now()
	exec, err := startExecutor(ctx, sluice, origin.addr)
	if err != nil {
		return err
	}
	defer exec.kill()
	ready := time.Since(started)
	c, err := client.Dial(ctx, exec.url, &client.Options{ClientName: "demo"})
	if err != nil {
		return err
	}
	defer c.Close()
	out.fact("origin", "http://%s, an HTTP server in this process", origin.addr)
	out.fact("executor", "%s, process %d, ready after %s", exec.url, exec.pid(), took(ready))
	out.fact("policy", "the standard one, WebAssembly, with these rules:")
	out.quote(rules)

	started = time.Now()
	s := &stage{client: c, origin: origin, out: out}
	for i, scene := range scenes {
		out.scene(i+1, scene.title)
		if err := scene.play(ctx, s); err != nil {
			return fmt.Errorf("scene %d, %s: %w", i+1, scene.title, err)
		}
	}
	if err := exec.stop(); err != nil {
		return err
	}
	out.title("All %d as expected, in %s.", len(scenes), took(time.Since(started)))
	return nil
}
