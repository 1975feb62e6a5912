package main

// sluice request: its flags and its course.

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/sluice-run/sluice/host/client"
)

type requestCmd struct {
	URL string `arg:"" help:"What to request." placeholder:"URL"`

	Method     string        `short:"X" help:"Method; GET if not given, POST with data, HEAD with --head." placeholder:"METHOD" group:"Request:"`
	Header     []string      `short:"H" help:"Header to send. Repeatable." placeholder:"'NAME: VALUE'" sep:"none" group:"Request:"`
	Data       []string      `short:"d" help:"Form fields to send, joined with '&'; @FILE and @- are read without line ends. Repeatable." placeholder:"DATA" sep:"none" xor:"data" group:"Request:"`
	DataRaw    []string      `help:"As --data, but @ has no meaning." placeholder:"DATA" sep:"none" xor:"data" group:"Request:"`
	DataBinary *string       `help:"Body to send byte for byte; @FILE and @- are read." placeholder:"DATA" xor:"data" group:"Request:"`
	Head       bool          `short:"I" help:"Ask for the head only and print it." xor:"data" group:"Request:"`
	Timeout    time.Duration `help:"Time for everything: connecting, redirects, body." placeholder:"TIME" group:"Request:"`
	Redirect   string        `help:"follow or stop (default ${default})." enum:"follow,stop" default:"follow" placeholder:"HOW" group:"Request:"`
	Stream     bool          `help:"Pass the body on as it arrives." group:"Request:"`

	Include bool   `short:"i" help:"Print status and headers, too." group:"Output:"`
	Output  string `short:"o" help:"Write to FILE, which appears when it is whole." placeholder:"FILE" group:"Output:"`
	JSON    bool   `name:"json" help:"Print one JSON object with outcome, status, headers and body." group:"Output:"`
	Fail    bool   `short:"f" help:"Exit with 22 and print no body if the status is 400 or more." group:"Output:"`
	Silent  bool   `short:"s" help:"Show no progress." group:"Output:"`
	Verbose bool   `short:"v" help:"Log to standard error what happens." group:"Output:"`

	executorFlags

	policyFlags
	netFlags
}

// Help is shown below the one-line help.
func (*requestCmd) Help() string {
	return `Sends one request through an executor and prints the body. Without --executor the executor runs within this process, so that a policy can be tried in one line; the flags of policy and network are its settings.

Examples:

    sluice request https://example.com
    sluice request -i -d name=value https://example.com/form
    sluice request --data-binary @body.json -H 'content-type: application/json' https://example.com
    sluice request --stream https://example.com/events
    sluice request --policy-config rules.yaml --allow-net loopback http://127.0.0.1:8080
    sluice request --executor ws://127.0.0.1:4000 -o page.html https://example.com

` + exitHelp
}

// Validate refuses flags that contradict each other.
func (r *requestCmd) Validate() error {
	switch {
	case r.JSON && r.Stream && r.Output == "":
		return errors.New("--json holds the whole body in one object: leave out --stream, or write the body to a file with -o")
	case r.JSON && r.Include:
		return errors.New("--json has the headers already: leave out --include")
	case r.Timeout < 0 || r.Timeout > 0 && r.Timeout < time.Millisecond:
		return errors.New("--timeout must be at least 1ms")
	case r.Executor != "" && (r.policyFlags.given() || r.netFlags.given()):
		return errors.New("the flags of policy and network are settings of an executor: " +
			"give them to the one that --executor names, or leave out --executor")
	}
	return r.checkExecutor()
}

// Run sends and prints.
func (r *requestCmd) Run() error {
	// Before signals are caught: reading standard input can be interrupted.
	req, err := r.build(os.Stdin)
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	err = r.exchange(ctx, req)
	if ctx.Err() != nil && err != nil {
		err = context.Canceled // whatever it broke first
	}
	if r.JSON && err != nil && !errors.Is(err, errReported) {
		return r.printFailure(err)
	}
	return err
}

func (r *requestCmd) exchange(ctx context.Context, req *client.Request) error {
	level := "warn"
	if r.Verbose {
		level = "debug"
	}
	c, closeAll, err := r.connect(ctx, newLogger("text", level))
	if err != nil {
		return err
	}
	defer closeAll()
	started := time.Now()
	res, err := r.send(ctx, c, req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return r.print(res, started)
}
