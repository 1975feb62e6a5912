package main

// sluice policy check: does a policy load, and what is it?

import (
	"context"
	"fmt"
)

type policyCheckCmd struct {
	File         string `arg:"" help:"Policy module; the standard policy if not given." optional:"" placeholder:"FILE.wasm"`
	PolicyConfig string `help:"The policy's configuration, YAML or JSON." placeholder:"FILE"`

	cacheFlags
}

// Help is shown below the one-line help.
func (*policyCheckCmd) Help() string {
	return `Goes through everything that "sluice serve" does with a policy before the first request: inspects, compiles, starts and configures it. Exit code 0 means that it works, 1 that it does not.

Examples:

    sluice policy check mine.wasm
    sluice policy check --policy-config rules.yaml`
}

// Run loads and tells.
func (c *policyCheckCmd) Run() error {
	ctx, stop := interruptible()
	defer stop()
	flags := policyFlags{Policy: c.File, PolicyConfig: c.PolicyConfig, cacheFlags: c.cacheFlags}
	loaded, err := flags.load(ctx, newLogger("text", "warn"))
	if err != nil {
		return err
	}
	defer loaded.Close(context.WithoutCancel(ctx))
	_, err = fmt.Printf("policy  %s\nsha256  %s\n", loaded.Name(), loaded.SHA256())
	return err
}
