package main

// The flags that name an executor and say how to reach it.

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"

	"github.com/sluice-run/sluice/cmd/sluice/internal/args"
	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/executor/auth"
)

// tokenVariable has the token if no file is named. There is no flag for it: other
// users can see those.
const tokenVariable = "SLUICE_TOKEN"

type executorFlags struct {
	Executor  string `short:"e" help:"Executor to ask; without one the request leaves from this process." placeholder:"ws://HOST:PORT" group:"Executor:"`
	TokenFile string `help:"Bearer token for the executor; without a file it is taken from $$SLUICE_TOKEN." placeholder:"FILE" group:"Executor:"`
	CAFile    string `name:"ca-file" help:"Certificate authorities to trust for a wss:// executor, PEM; the system's if not given." placeholder:"FILE" group:"Executor:"`
}

func (f *executorFlags) checkExecutor() error {
	if f.Executor == "" {
		if f.TokenFile != "" || f.CAFile != "" {
			return usage("--token-file and --ca-file need --executor")
		}
		return nil
	}
	if err := args.CheckExecutorURL(f.Executor); err != nil {
		return usage("--executor: %w", err)
	}
	if f.CAFile != "" && !strings.HasPrefix(strings.ToLower(f.Executor), "wss:") {
		return usage("--ca-file has no meaning without TLS: --executor must be a wss:// URL")
	}
	return nil
}

// dialing gives the settings of the connection.
func (f *executorFlags) dialing() (*client.Options, error) {
	o := &client.Options{Token: strings.TrimSpace(os.Getenv(tokenVariable))}
	if f.TokenFile != "" {
		token, err := auth.ReadSecret(f.TokenFile)
		if err != nil {
			return nil, err
		}
		o.Token = string(token)
	}
	if f.CAFile != "" {
		pem, err := os.ReadFile(f.CAFile)
		if err != nil {
			return nil, err
		}
		o.TLS = &tls.Config{RootCAs: x509.NewCertPool()}
		if !o.TLS.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: there is no PEM certificate in it", f.CAFile)
		}
	}
	return o, nil
}
