package security

// Names that lie: an executor within the process, a DNS server that changes its
// mind, and a network that notes where connections go.

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/egress"
	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// Addresses of the public internet, at which the tests' network answers.
const (
	public  = "93.184.216.34"
	public2 = "93.184.216.35"
	public6 = "2606:2800:220:1::1"
)

// zone is what the DNS server knows: for each name the answers to one question
// after the other, the last one for good. An answer is records separated by
// commas, an IPv4 or IPv6 address or a name (CNAME), or an error's name.
type zone map[string][]string

// allowAll is a policy without objections.
type allowAll struct{}

func (allowAll) OnRequest(context.Context, *abi.Request, *abi.Decision) error   { return nil }
func (allowAll) OnResponse(context.Context, *abi.Response, *abi.Decision) error { return nil }

// lab is an executor with its own DNS and network.
type lab struct {
	client *client.Client
	origin *origin
	dns    *dnsServer

	mu      sync.Mutex
	dialled []string
}

func newLab(t *testing.T, z zone, allow ...string) *lab {
	t.Helper()
	l := &lab{origin: newOrigin(t), dns: startDNS(t, z)}
	rules, err := egress.ParseNetRules(allow)
	require.NoError(t, err)
	exec := executor.New(executor.Options{Policy: allowAll{}, Egress: egress.Options{
		Net:      rules,
		Resolver: l.dns.resolver(),
		Connect:  l.connect,
	}})
	t.Cleanup(exec.Close)
	ours, theirs := rpc.Pipe()
	go exec.ServeChannel(theirs, "test")
	l.client, err = client.New(t.Context(), ours, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.client.Close() })
	return l
}

// connect notes the address and leads to the origin, whatever it is.
func (l *lab) connect(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	l.mu.Lock()
	l.dialled = append(l.dialled, to.Addr().String())
	l.mu.Unlock()
	var d net.Dialer
	return d.DialContext(ctx, "tcp", l.origin.hostPort)
}

func (l *lab) get(t *testing.T, url string) error {
	t.Helper()
	_, err := l.client.Do(t.Context(), &client.Request{Method: "GET", URL: url})
	return err
}

// reached gives the addresses that were dialled since it was last asked.
func (l *lab) reached() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.dialled
	l.dialled = nil
	return list
}

func requireReason(t *testing.T, err error, reason string, why ...any) {
	t.Helper()
	var e *wire.Error
	require.True(t, errors.As(err, &e), "%v: %v", why, err)
	require.Equal(t, reason, e.Reason, why...)
}

func TestNames(t *testing.T) {
	t.Parallel()
	const refused, unknown = "address_not_allowed", "dns_failed"
	for name, tt := range map[string]struct {
		zone  zone
		allow string // a network rule
		want  string // an address that is dialled, or a reason
	}{
		"public":                     {zone{"a.test.": {public}}, "", public},
		"public IPv6":                {zone{"a.test.": {public6}}, "", public6},
		"loopback":                   {zone{"a.test.": {"127.0.0.1"}}, "", refused},
		"another loopback":           {zone{"a.test.": {"127.127.127.127"}}, "", refused},
		"IPv6 loopback":              {zone{"a.test.": {"::1"}}, "", refused},
		"unspecified":                {zone{"a.test.": {"0.0.0.0"}}, "", refused},
		"IPv6 unspecified":           {zone{"a.test.": {"::"}}, "", refused},
		"private":                    {zone{"a.test.": {"10.0.0.1"}}, "", refused},
		"unique local":               {zone{"a.test.": {"fd00::1"}}, "", refused},
		"metadata":                   {zone{"a.test.": {"169.254.169.254"}}, "", refused},
		"carrier-grade NAT":          {zone{"a.test.": {"100.100.100.200"}}, "", refused},
		"cloud platform":             {zone{"a.test.": {"168.63.129.16"}}, "", refused},
		"multicast":                  {zone{"a.test.": {"224.0.0.1"}}, "", refused},
		"broadcast":                  {zone{"a.test.": {"255.255.255.255"}}, "", refused},
		"link-local IPv6":            {zone{"a.test.": {"fe80::1"}}, "", refused},
		"mapped":                     {zone{"a.test.": {"::ffff:127.0.0.1"}}, "", refused},
		"mapped metadata":            {zone{"a.test.": {"::ffff:169.254.169.254"}}, "", refused},
		"compatible":                 {zone{"a.test.": {"::127.0.0.1"}}, "", refused},
		"NAT64 to loopback":          {zone{"a.test.": {"64:ff9b::127.0.0.1"}}, "", refused},
		"NAT64 to public":            {zone{"a.test.": {"64:ff9b::5db8:d822"}}, "", "64:ff9b::5db8:d822"},
		"6to4":                       {zone{"a.test.": {"2002:7f00:1::"}}, "", refused},
		"forbidden beside public":    {zone{"a.test.": {"127.0.0.1," + public + ",10.0.0.1,::1"}}, "", public},
		"only forbidden ones":        {zone{"a.test.": {"127.0.0.1,10.0.0.1,::1,fe80::1"}}, "", refused},
		"alias of public":            {zone{"a.test.": {"b.test."}, "b.test.": {public}}, "", public},
		"alias of loopback":          {zone{"a.test.": {"b.test."}, "b.test.": {"127.0.0.1"}}, "", refused},
		"alias of an alias":          {zone{"a.test.": {"b.test."}, "b.test.": {"c.test."}, "c.test.": {"::1"}}, "", refused},
		"alias of itself":            {zone{"a.test.": {"a.test."}}, "", unknown},
		"no such name":               {zone{}, "", unknown},
		"server failure":             {zone{"a.test.": {"SERVFAIL"}}, "", unknown},
		"no address":                 {zone{"a.test.": {""}}, "", unknown},
		"a hundred forbidden ones":   {zone{"a.test.": {strings.Repeat("10.0.0.1,", 100) + "10.0.0.2"}}, "", refused},
		"allowed by name":            {zone{"a.test.": {"10.0.0.1"}}, "a.test", "10.0.0.1"},
		"allowed by name and port":   {zone{"a.test.": {"127.0.0.1"}}, "a.test:80", "127.0.0.1"},
		"allowed on another port":    {zone{"a.test.": {"127.0.0.1"}}, "a.test:81", refused},
		"another name is allowed":    {zone{"a.test.": {"b.test."}, "b.test.": {"10.0.0.1"}}, "b.test", refused},
		"allowed by address":         {zone{"a.test.": {"10.0.0.1"}}, "10.0.0.0/8", "10.0.0.1"},
		"allowed address and others": {zone{"a.test.": {"127.0.0.1,10.0.0.1"}}, "10.0.0.1", "10.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var allow []string
			if tt.allow != "" {
				allow = append(allow, tt.allow)
			}
			l := newLab(t, tt.zone, allow...)
			err := l.get(t, "http://a.test/")
			if tt.want == refused || tt.want == unknown {
				requireReason(t, err, tt.want)
				require.Empty(t, l.reached())
				return
			}
			require.NoError(t, err)
			require.Equal(t, []string{tt.want}, l.reached())
			require.Contains(t, l.origin.got(t).headers, "Host: a.test")
		})
	}
}

// What was looked up is what is dialled: no second question in between whose
// answer could differ.
func TestOneLookupForOneConnection(t *testing.T) {
	t.Parallel()
	l := newLab(t, zone{"a.test.": {public, "127.0.0.1"}})
	require.NoError(t, l.get(t, "http://a.test/"))
	require.Equal(t, []string{public}, l.reached())
	require.Equal(t, 1, l.dns.asked("a.test.", dns.TypeA))
}

// The name turns to this machine between two requests: the next connection is
// judged anew.
func TestRebinding(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1", "::1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "::ffff:127.0.0.1"} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, zone{"a.test.": {public, address, public2}})
			require.NoError(t, l.get(t, "http://a.test/"))
			requireReason(t, l.get(t, "http://a.test/"), "address_not_allowed")
			require.NoError(t, l.get(t, "http://a.test/"))
			require.Equal(t, []string{public, public2}, l.reached())
		})
	}
}

// The same between two hops of one request.
func TestRebindingByRedirect(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"/again", "http://a.test/again", "//a.test/again", "http://a.test:80/", "http://a.test./", "http://b.test/", "http://127.0.0.1/", "http://[::1]/"} {
		t.Run(location, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, zone{"a.test.": {public, "127.0.0.1"}, "b.test.": {"10.0.0.1"}})
			l.origin.location.Store(&location)
			err := l.get(t, "http://a.test/redirect")
			requireReason(t, err, "address_not_allowed")
			require.Equal(t, []string{public}, l.reached())
		})
	}
}

// A rule for a name holds for requests by that name alone, and what is denied
// by its name is not even looked up.
func TestDeniedNameIsNotLookedUp(t *testing.T) {
	t.Parallel()
	z := zone{"a.test.": {public}}
	server := startDNS(t, z)
	rules, err := egress.ParseNetRules(nil, "a.test")
	require.NoError(t, err)
	c := egress.New(egress.Options{Policy: allowAll{}, Net: rules, Resolver: server.resolver()})
	defer c.Close()
	for _, host := range []string{"a.test", "A.TEST", "a.test.", "%61.test"} {
		_, err := c.Do(t.Context(), &egress.Request{Method: "GET", URL: "http://" + host + "/"})
		var e *egress.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, egress.ReasonAddressNotAllowed, e.Reason, host)
	}
	require.Zero(t, server.asked("a.test.", dns.TypeA))
}
