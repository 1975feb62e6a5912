package main

// The flags that choose what may be reached, and how: the settings of the way
// out.

import (
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/sluice-run/sluice/cmd/sluice/internal/args"
	"github.com/sluice-run/sluice/host/egress"
)

// netFlags are settings of an executor, hence of the commands that run one. Zero
// values are the executor's own defaults.
type netFlags struct {
	AllowNet []string `help:"Allow addresses that are not public: any, a kind of addresses, an address, a block (10.0.0.0/8), a host or host:port. Repeatable." placeholder:"WHAT" sep:"none" group:"Network:"`
	DenyNet  []string `help:"Deny addresses, in the same words, whatever --allow-net says. Repeatable." placeholder:"WHAT" sep:"none" group:"Network:"`

	OriginCAFile           string        `name:"origin-ca-file" help:"Certificate authorities to trust for origins beside the system's, PEM." placeholder:"FILE" group:"Network:"`
	ConnectTimeout         time.Duration `help:"Time for looking up a name and connecting (default 30s)." placeholder:"TIME" group:"Network:"`
	TLSTimeout             time.Duration `name:"tls-timeout" help:"Time for the TLS handshake with an origin (default 10s)." placeholder:"TIME" group:"Network:"`
	FirstByteTimeout       time.Duration `help:"Time from the request's end to the response's head (default: the request's own)." placeholder:"TIME" group:"Network:"`
	MaxRedirects           *int          `help:"Redirects that one request may follow (default 10)." placeholder:"N" group:"Network:"`
	AllowInsecureRedirects bool          `help:"Let a redirect lead from https to http." group:"Network:"`
	MaxResponseHead        args.Size     `help:"Largest head of a response (default 256KiB)." placeholder:"SIZE" group:"Network:"`
}

// Bounds of what the flags may say.
const (
	mostRedirects    = 100
	mostResponseHead = 16 << 20
)

// netHelp lists what --allow-net and --deny-net know by name.
var netHelp = "Only public addresses can be requested unless --allow-net names others. It and --deny-net, which wins, know these kinds of addresses: " +
	strings.Join(egress.NetClasses(), ", ") + "."

// given says that one of the flags was set.
func (f *netFlags) given() bool {
	return len(f.AllowNet)+len(f.DenyNet) > 0 || f.OriginCAFile != "" ||
		f.ConnectTimeout != 0 || f.TLSTimeout != 0 || f.FirstByteTimeout != 0 ||
		f.MaxRedirects != nil || f.AllowInsecureRedirects || f.MaxResponseHead != 0
}

// wayOut reads the flags.
func (f *netFlags) wayOut() (egress.Options, error) {
	rules, err := f.rules()
	if err != nil {
		return egress.Options{}, err
	}
	if err := f.checkBounds(); err != nil {
		return egress.Options{}, err
	}
	roots, err := f.roots()
	if err != nil {
		return egress.Options{}, err
	}
	o := egress.Options{
		Net:                    rules,
		ConnectTimeout:         f.ConnectTimeout,
		TLSHandshakeTimeout:    f.TLSTimeout,
		ResponseHeaderTimeout:  f.FirstByteTimeout,
		AllowInsecureRedirects: f.AllowInsecureRedirects,
		MaxResponseHeaderBytes: int64(f.MaxResponseHead),
		RootCAs:                roots,
	}
	if f.MaxRedirects != nil {
		o.MaxRedirects = *f.MaxRedirects
		if o.MaxRedirects == 0 {
			o.MaxRedirects = egress.NoRedirects
		}
	}
	return o, nil
}

func (f *netFlags) rules() (*egress.NetRules, error) {
	// One list at a time, so that an error names its flag.
	if _, err := egress.ParseNetRules(f.AllowNet); err != nil {
		return nil, usage("--allow-net: %w", err)
	}
	rules, err := egress.ParseNetRules(f.AllowNet, f.DenyNet...)
	if err != nil {
		return nil, usage("--deny-net: %w", err)
	}
	return rules, nil
}

func (f *netFlags) checkBounds() error {
	switch {
	case f.ConnectTimeout < 0, f.TLSTimeout < 0, f.FirstByteTimeout < 0:
		return usage("--connect-timeout, --tls-timeout and --first-byte-timeout must be more than 0")
	case f.MaxRedirects != nil && (*f.MaxRedirects < 0 || *f.MaxRedirects > mostRedirects):
		return usage("--max-redirects must be from 0 to %d", mostRedirects)
	case f.MaxResponseHead > mostResponseHead:
		return usage("--max-response-head is at most %dMiB", mostResponseHead>>20)
	}
	return nil
}

// roots are nil for the system's alone.
func (f *netFlags) roots() (*x509.CertPool, error) {
	if f.OriginCAFile == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(f.OriginCAFile)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, err
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: there is no PEM certificate in it", f.OriginCAFile)
	}
	return roots, nil
}
