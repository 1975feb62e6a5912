package egress

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
)

// What the policy sees of a URL, whatever its spelling.
func TestReadURL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		raw  string
		want target
	}{
		{"http://example.com", target{"http://example.com/", "http", "example.com", 80, "/", "", "/"}},
		{"https://example.com:8443/a/b?c=d&e#f", target{"https://example.com:8443/a/b?c=d&e", "https", "example.com", 8443, "/a/b", "c=d&e", "/a/b?c=d&e"}},
		{"HTTP://EXAMPLE.com:80/", target{"http://example.com/", "http", "example.com", 80, "/", "", "/"}},
		{"https://example.com:443/?", target{"https://example.com/?", "https", "example.com", 443, "/", "", "/?"}},
		{"  http:\\\\example.com\\a ", target{"http://example.com/a", "http", "example.com", 80, "/a", "", "/a"}},
		{"http:example.com", target{"http://example.com/", "http", "example.com", 80, "/", "", "/"}},
		{"ht\ntp://exa\tmple.com/\r", target{"http://example.com/", "http", "example.com", 80, "/", "", "/"}},
		{"http:///example.com/x", target{"http://example.com/x", "http", "example.com", 80, "/x", "", "/x"}},
		{"http://@example.com/", target{"http://example.com/", "http", "example.com", 80, "/", "", "/"}},
		{"http://ex%61mple.com/", target{"http://example.com/", "http", "example.com", 80, "/", "", "/"}},
		{"http://\uff45xample\u3002com/", target{"http://example.com/", "http", "example.com", 80, "/", "", "/"}},
		{"http://b\u00fccher.example/", target{"http://xn--bcher-kva.example/", "http", "xn--bcher-kva.example", 80, "/", "", "/"}},
		{"http://example.com./", target{"http://example.com./", "http", "example.com.", 80, "/", "", "/"}},
		{"http://a_b.example/", target{"http://a_b.example/", "http", "a_b.example", 80, "/", "", "/"}},
		{"http://127.1/", target{"http://127.0.0.1/", "http", "127.0.0.1", 80, "/", "", "/"}},
		{"http://0x7f.1/", target{"http://127.0.0.1/", "http", "127.0.0.1", 80, "/", "", "/"}},
		{"http://0177.0.0.1/", target{"http://127.0.0.1/", "http", "127.0.0.1", 80, "/", "", "/"}},
		{"http://2130706433/", target{"http://127.0.0.1/", "http", "127.0.0.1", 80, "/", "", "/"}},
		{"http://127.0.0.1./", target{"http://127.0.0.1/", "http", "127.0.0.1", 80, "/", "", "/"}},
		{"http://%31%32%37.1/", target{"http://127.0.0.1/", "http", "127.0.0.1", 80, "/", "", "/"}},
		{"http://\uff11\uff12\uff17.0.0.1/", target{"http://127.0.0.1/", "http", "127.0.0.1", 80, "/", "", "/"}},
		{"http://\u2460\u2461\u2466.\u2460/", target{"http://127.0.0.1/", "http", "127.0.0.1", 80, "/", "", "/"}},
		{"http://0/", target{"http://0.0.0.0/", "http", "0.0.0.0", 80, "/", "", "/"}},
		{"http://0x.0x.0/", target{"http://0.0.0.0/", "http", "0.0.0.0", 80, "/", "", "/"}},
		{"http://[0:0::1]:8080/", target{"http://[::1]:8080/", "http", "[::1]", 8080, "/", "", "/"}},
		{"http://[::ffff:127.0.0.1]/", target{"http://[::ffff:7f00:1]/", "http", "[::ffff:7f00:1]", 80, "/", "", "/"}},
		{"http://h/a/../b/./%2e%2e/c", target{"http://h/c", "http", "h", 80, "/c", "", "/c"}},
		{"http://h/\u00e9 ?\u00e9 '", target{"http://h/%C3%A9%20?%C3%A9%20%27", "http", "h", 80, "/%C3%A9%20", "%C3%A9%20%27", "/%C3%A9%20?%C3%A9%20%27"}},
		{"ftp://h/x", target{"ftp://h/x", "ftp", "h", 21, "/x", "", ""}},
		{"mailto:a@b", target{"mailto:a@b", "mailto", "", 0, "a@b", "", ""}},
		{"x://h:1?q", target{"x://h:1?q", "x", "h", 1, "", "q", ""}},
	}
	for _, tt := range tests {
		got, err := readURL(tt.raw)
		require.Nil(t, err, tt.raw)
		require.Equal(t, tt.want, got, tt.raw)
	}
}

func TestReadURLRefuses(t *testing.T) {
	t.Parallel()
	const (
		relative = "relative URL without a base"
		empty    = "empty host"
		port     = "invalid port number"
		ipv4     = "invalid IPv4 address"
		ipv6     = "invalid IPv6 address"
		domain   = "invalid international domain name"
	)
	tests := []struct{ raw, want string }{
		{"", relative}, {"/x", relative}, {"foo", relative}, {"//h/", relative}, {"?q", relative},
		{"http://", empty}, {"https://:80/", empty}, {"http://user@/", empty},
		{"http://h:b/", port}, {"http://h:0/", port}, {"https://h:000/", port}, {"http://h:65536/", port}, {"http://h:-1/", port}, {"http://h:80:80/", port}, {"http://h:+1/", port},
		{"http://1.2.3.4.5/", ipv4}, {"http://256.1.1.1/", ipv4}, {"http://0x100000000/", ipv4}, {"http://a.b.1/", ipv4}, {"http://999999999999999999999/", ipv4},
		{"http://[::1", ipv6}, {"http://[1::2::3]/", ipv6}, {"http://[::1%25eth0]/", ipv6}, {"http://[1:2:3]/", ipv6}, {"http://[::1.2.3]/", ipv6},
		{"http://[::1]]/", ipv6}, {"http://[[::1]]/", ipv6}, {"http://[::1]]:80/", ipv6},
		{"http://a b/", domain}, {"http://a<b/", domain}, {"http://%zz/", domain}, {"http://%00/", domain}, {"http://xn--a/", domain},
		{"http://a\"b/", "invalid domain character"}, {"http://a{b/", "invalid domain character"},
		{"x://a b/", "invalid domain character"},
		{"http://user@h/", urlCredentials}, {"http://:pw@h/", urlCredentials}, {"ftp://u:p@h/", urlCredentials},
		{"http://" + strings.Repeat("a@", 8000) + "h/", "host or path is too long"},
		{"http://h/" + strings.Repeat("\\", 8000), "host or path is too long"},
		{"http://" + strings.Repeat("a", maxHost+1) + "/", "host or path is too long"},
		{"http://" + strings.Repeat("%61", maxHost+1) + "/", "host or path is too long"},
		{"http://h/\xff", "invalid UTF-8"},
		{"http://h/" + strings.Repeat("a", MaxURL), "URL is too long"},
		{"http://h/" + strings.Repeat(" ", MaxURL/2) + "x", "URL is too long"},
	}
	for _, tt := range tests {
		_, err := readURL(tt.raw)
		require.NotNil(t, err, tt.raw)
		require.Equal(t, Invalid, err.Kind, tt.raw)
		require.Equal(t, urlPrefix+tt.want, err.Message, tt.raw)
	}
}

// The parser's time over hostile input is bounded by what is refused up front.
func TestReadURLIsQuick(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"a@", "@", "../", "%61", "\u00e9", "a.", "'", "[", ":", "\\", "\t@"} {
		for _, prefix := range []string{"http://", "http:", "x://", "http://h/", "http://h/?", "http://["} {
			raw := prefix + strings.Repeat(part, (MaxURL-len(prefix))/len(part))
			start := time.Now()
			_, _ = readURL(raw)
			require.Less(t, time.Since(start), time.Second, "%.20q", raw)
		}
	}
}

// Whatever the spelling of an address, the policy is asked about the one that is
// dialled.
func TestWeirdSpellingsAreJudgedAsDialled(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, answer("ok"))
	for _, host := range []string{
		"127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "017700000001", "2130706433", "127.0.0.1.",
		"%31%32%37.0.0.1", "\uff11\uff12\uff17\uff0e0\uff0e0\uff0e1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			var seen abi.Request
			c := newClient(t, Options{Policy: policyFuncs{request: func(r *abi.Request, _ *abi.Decision) error {
				seen = *r
				return nil
			}}})
			_, body := do(t, c, get("http://"+host+":"+port(o)+"/"))
			require.Equal(t, "ok", body)
			require.Equal(t, netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr(strings.Trim(seen.Host, "[]")).Unmap())
			require.Equal(t, o.addr.Port(), seen.Port)

			strict := newClient(t, Options{Net: rules(t)})
			e := doFails(t, strict, get("http://"+host+":"+port(o)+"/"))
			require.Equal(t, ReasonAddressNotAllowed, e.Reason)
			require.Contains(t, e.Message, "(loopback)")
		})
	}
}

func port(o *origin) string {
	_, p, _ := net.SplitHostPort(o.addr.String())
	return p
}

func TestUnsendablePath(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, answer("ok"))
	e := doFails(t, newClient(t, Options{}), get(o.url+"//a|b"))
	require.Equal(t, Invalid, e.Kind)
	require.Contains(t, e.Message, "two slashes")
}

func FuzzReadURL(f *testing.F) {
	for _, seed := range []string{
		"http://example.com/", "https://a.b:8443/c?d#e", "http://0x7f.1/", "http://[::ffff:1.2.3.4]:80/", "http://a@b/", "http:\\\\h",
		"http://h/a/%2e%2E/b", "http://h//a|b", "http://\uff11.1/", "http://1.-1/", "mailto:x", "http://h/.a/..b/%2f", "http://a--b/", "http://xn--bcher-kva/",
		"http://a.b.c-d/e.f/~g?h'i", "http://[1:2:3:4:5:6:7.8.9.10]/", "http://[1:2:3:4:5:6:7:8.9.10.11]/", "http://h:0/", "http://h:00080/", "http://1.2.3.4./",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, failure := readURL(raw)
		slow, problem := parseURL(raw, "")
		if failure != nil {
			require.NotEmpty(t, problem, "refused one way and read the other")
			return
		}
		require.Empty(t, problem)
		require.Equal(t, slow, got, "the short way reads another URL")
		if !got.isHTTP() {
			return
		}
		again, problem := parseURL(got.url, "")
		require.Empty(t, problem, "the canonical URL does not read")
		require.Equal(t, got, again, "the canonical URL reads differently")
		u, failure := got.sendable()
		if failure != nil {
			return
		}
		require.Equal(t, got.uri, u.RequestURI())
		// What the transport asks the dialer for is what the policy saw.
		hostPort := net.JoinHostPort(strings.Trim(got.host, "[]"), strconv.Itoa(int(got.port)))
		require.Equal(t, hostPort, dialled(t, &got))
	})
}

// dialled runs the transport up to the dial and gives the place it wanted.
func dialled(t testing.TB, tg *target) string {
	t.Helper()
	u, failure := tg.sendable()
	require.Nil(t, failure)
	var place string
	c := newClient(t, Options{})
	c.transport.DialContext = func(_ context.Context, _, hostPort string) (net.Conn, error) {
		place = hostPort
		return nil, failed(ReasonClosed, "enough", nil)
	}
	x := exchange{client: c, ctx: t.Context()}
	_, failure = x.send(&sent{method: "GET", target: *tg, header: map[string][]string{}})
	require.NotNil(t, failure)
	require.Equal(t, failedPrefix+"enough", failure.Message, "%s", u)
	return place
}

func FuzzReadPlainURL(f *testing.F) {
	f.Add("h", "80", "/a", "b")
	f.Add("a-b.c", "", "/.a/%2e", "?'")
	f.Add("1.2.3.4", "443", "//", "%")
	f.Add("0x1", "0", "/..", "#")
	f.Fuzz(func(t *testing.T, host, port, path, query string) {
		for _, raw := range []string{"http://" + host + path, "https://" + host + ":" + port + "/" + path + "?" + query} {
			got, ok := readPlainURL(raw)
			if !ok {
				continue
			}
			slow, problem := parseURL(raw, "")
			require.Empty(t, problem)
			require.Equal(t, slow, got)
		}
	})
}
