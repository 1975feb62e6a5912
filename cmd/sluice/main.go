// Command sluice makes HTTP requests that a WebAssembly policy allows: as an
// executor for callers that speak the exec-server protocol (sluice serve), or
// one request at a time (sluice request).
//
// The command parses, prints and wires; what it wires lives in host/... Exit
// codes are listed in exit.go and in docs/cli.md.
package main

import (
	"fmt"
	"os"
	"strings"
	"unicode"

	"github.com/alecthomas/kong"
)

const description = `Makes HTTP requests that a WebAssembly policy allows.

Start with "sluice serve" on the machine whose network is to be used, or try a policy in one line with "sluice request".`

// cli is the command line.
type cli struct {
	Serve   serveCmd   `cmd:"" help:"Serve callers as an executor."`
	Request requestCmd `cmd:"" help:"Make one request and print the response."`
	Policy  struct {
		Check policyCheckCmd `cmd:"" help:"Load a policy and say what it is."`
	} `cmd:"" help:"Look at policies."`
	Version versionCmd `cmd:"" help:"Print versions."`
}

func main() { os.Exit(run(os.Args[1:])) }

// run is the whole command and gives the exit code.
func run(args []string) int {
	parser := kong.Must(&cli{},
		kong.Name("sluice"),
		kong.Description(description),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if len(args) == 0 {
		args = []string{"--help"}
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "sluice: %s\nRun \"sluice --help\" for usage.\n", printable(err.Error()))
		return exitUsage
	}
	if err := ctx.Run(); err != nil {
		return report(err)
	}
	return exitDone
}

// printable keeps a text from steering the terminal: it may hold what a remote
// side or a policy wrote.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
