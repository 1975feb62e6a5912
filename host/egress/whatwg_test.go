package egress

// The web platform's own URL tests, which the parser's module carries: whatever
// host the policy sees is the host that is looked up or dialled.

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
)

// urlCase is one entry of urltestdata.json.
type urlCase struct {
	Input    string  `json:"input"`
	Base     *string `json:"base"`
	Failure  bool    `json:"failure"`
	Href     string  `json:"href"`
	Hostname string  `json:"hostname"`
	Username string  `json:"username"`
	Password string  `json:"password"`
	Port     string  `json:"port"`
	Protocol string  `json:"protocol"`
}

func urlCases(t *testing.T) []urlCase {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/nlnwa/whatwg-url").Output()
	require.NoError(t, err)
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "testdata", "urltestdata.json"))
	require.NoError(t, err)
	var entries []json.RawMessage
	require.NoError(t, json.Unmarshal(data, &entries))
	var cases []urlCase
	for _, entry := range entries {
		var c urlCase
		if json.Unmarshal(entry, &c) == nil { // the others are comments
			cases = append(cases, c)
		}
	}
	require.Greater(t, len(cases), 700)
	return cases
}

// journey is what became of one URL.
type journey struct {
	host     string // as the policy saw it
	port     uint16
	lookedUp string
	dialled  netip.AddrPort
}

// TestJudgedHostIsDialledHost sends every URL of the tests that stands alone.
func TestJudgedHostIsDialledHost(t *testing.T) {
	t.Parallel()
	errNoNetwork := errors.New("no network")
	var got journey
	c := newClient(t, Options{
		Net: rules(t, "any"),
		Policy: policyFuncs{request: func(r *abi.Request, _ *abi.Decision) error {
			got.host, got.port = r.Host, r.Port
			return nil
		}},
		Resolver: resolverFunc(func(host string) ([]netip.Addr, error) {
			got.lookedUp = host
			return always("192.0.2.1").LookupNetIP(t.Context(), "ip", host)
		}),
		Connect: func(_ context.Context, to netip.AddrPort) (net.Conn, error) {
			got.dialled = to
			return nil, errNoNetwork
		},
	})
	dialled := 0
	for _, tt := range urlCases(t) {
		if tt.Base != nil {
			continue
		}
		got = journey{}
		_, err := c.Do(t.Context(), get(tt.Input))
		require.Error(t, err, tt.Input)
		if !got.dialled.IsValid() {
			require.Empty(t, got.lookedUp, "%q was looked up although it is refused", tt.Input)
			continue
		}
		dialled++
		require.False(t, tt.Failure, "%q is no URL", tt.Input)
		require.Equal(t, tt.Hostname, got.host, tt.Input)
		require.Equal(t, got.port, got.dialled.Port(), tt.Input)
		if addr, err := netip.ParseAddr(strings.Trim(got.host, "[]")); err == nil {
			require.Equal(t, addr.Unmap(), got.dialled.Addr(), tt.Input)
			require.Empty(t, got.lookedUp, tt.Input)
		} else {
			require.Equal(t, got.host, got.lookedUp, tt.Input)
		}
	}
	require.Greater(t, dialled, 60, "most URLs of the tests are good")
}

// What the tests call a failure is one, and what is read is read alike, but for
// what is refused on purpose.
func TestURLsAreReadAsTheWebReadsThem(t *testing.T) {
	t.Parallel()
	agreed := 0
	for _, tt := range urlCases(t) {
		base := ""
		if tt.Base != nil {
			base = *tt.Base
		}
		got, problem := parseURL(tt.Input, base)
		switch {
		case tt.Failure:
			require.NotEmpty(t, problem, "%q at %q", tt.Input, base)
		case !strings.HasPrefix(tt.Protocol, "http"):
			continue
		case problem != "":
			onPurpose := tt.Username+tt.Password != "" || tt.Port == "0" ||
				problem == "invalid domain character" || problem == "invalid UTF-8"
			require.True(t, onPurpose, "%q at %q: %s", tt.Input, base, problem)
		default:
			href, _, _ := strings.Cut(tt.Href, "#")
			require.Equal(t, href, got.url, "%q at %q", tt.Input, base)
			require.Equal(t, tt.Hostname, got.host, "%q at %q", tt.Input, base)
			agreed++
		}
	}
	require.Greater(t, agreed, 150)
}
