package main

import (
	"context"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/egress"
)

type allowAll struct{}

func (allowAll) OnRequest(context.Context, *abi.Request, *abi.Decision) error   { return nil }
func (allowAll) OnResponse(context.Context, *abi.Response, *abi.Decision) error { return nil }

func TestDocsListKindsOfAddresses(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/cli.md")
	require.NoError(t, err)
	for _, class := range egress.NetClasses() {
		require.Contains(t, string(doc), "`"+class+"`", "docs/cli.md")
	}
}

// An origin whose certificate nobody else knows is trusted if its authority is
// named.
func TestOriginCAFile(t *testing.T) {
	t.Parallel()
	origin := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(origin.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: origin.Certificate().Raw}
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))

	get := func(f netFlags) error {
		f.AllowNet = []string{"loopback"}
		out, err := f.wayOut()
		require.NoError(t, err)
		out.Policy = allowAll{}
		c := egress.New(out)
		defer c.Close()
		res, err := c.Do(t.Context(), &egress.Request{Method: "GET", URL: origin.URL})
		if err == nil {
			_ = res.Body.Close()
		}
		return err
	}
	require.ErrorContains(t, get(netFlags{}), "is not trusted")
	require.NoError(t, get(netFlags{OriginCAFile: file}))
}
