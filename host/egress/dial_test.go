package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDialJudgesEveryAddress(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, answer("ok"))
	url := "http://name.example:" + port(o) + "/"
	tests := []struct {
		name  string
		rules []string
		addrs []string
		want  string // part of the failure; empty for success
	}{
		{"allowed by class", []string{"loopback"}, []string{"127.0.0.1"}, ""},
		{"mapped", []string{"loopback"}, []string{"::ffff:127.0.0.1"}, ""},
		{"allowed by name and port", []string{"name.example:" + port(o)}, []string{"127.0.0.1"}, ""},
		{"allowed by address and port", []string{"127.0.0.1:" + port(o)}, []string{"127.0.0.1"}, ""},
		{"another name", []string{"other.example:" + port(o)}, []string{"127.0.0.1"}, "address 127.0.0.1 of host name.example is not allowed (loopback)"},
		{"another port", []string{"name.example:1"}, []string{"127.0.0.1"}, "is not allowed (loopback)"},
		{"forbidden", nil, []string{"127.0.0.1"}, "http/request failed: address 127.0.0.1 of host name.example is not allowed (loopback); the operator can allow it with --allow-net"},
		{"metadata", nil, []string{"169.254.169.254"}, "(link-local)"},
		{"translated", nil, []string{"64:ff9b::7f00:1"}, "(loopback)"},
		{"mixed: the forbidden one is left out", []string{"loopback"}, []string{"10.0.0.1", "127.0.0.1", "fd00::1"}, ""},
		{"all forbidden: the first is named", nil, []string{"10.0.0.1", "127.0.0.1"}, "10.0.0.1 of host name.example is not allowed (private)"},
		{"no address", nil, nil, "DNS lookup of name.example found no address"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, Options{Net: rules(t, tt.rules...), Resolver: always(tt.addrs...)})
			if tt.want == "" {
				_, body := do(t, c, get(url))
				require.Equal(t, "ok", body)
				o.request(t)
				return
			}
			e := doFails(t, c, get(url))
			require.Equal(t, Failed, e.Kind)
			require.Contains(t, e.Message, tt.want)
			o.untouched(t)
		})
	}
}

// A name that resolves to something else the second time is judged again.
func TestDialRebinding(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, "HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: /secret\r\n\r\n")
	lookups := 0
	c := newClient(t, Options{
		Net: rules(t, "127.0.0.1"),
		Resolver: resolverFunc(func(host string) ([]netip.Addr, error) {
			require.Equal(t, "rebind.example", host)
			lookups++
			if lookups == 1 {
				return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
			}
			return []netip.Addr{netip.MustParseAddr("127.0.0.2")}, nil
		}),
	})
	e := doFails(t, c, get("http://rebind.example:"+port(o)+"/"))
	require.Equal(t, ReasonAddressNotAllowed, e.Reason)
	require.Contains(t, e.Message, "127.0.0.2")
	require.Equal(t, 2, lookups)
	require.Contains(t, o.request(t), "GET / HTTP/1.1")
	o.untouched(t)
}

func TestDialOwnListeners(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, answer("ok"))
	wildcard := netip.AddrPortFrom(netip.IPv4Unspecified(), o.addr.Port())
	wildcard6 := netip.AddrPortFrom(netip.IPv6Unspecified(), o.addr.Port())
	other := netip.AddrPortFrom(o.addr.Addr(), o.addr.Port()^1)
	tests := []struct {
		name  string
		own   netip.AddrPort
		rules []string
		ok    bool
	}{
		{"itself", o.addr, []string{"any"}, false},
		{"itself on all addresses", wildcard, []string{"any"}, false},
		{"itself on all IPv6 addresses", wildcard6, []string{"loopback"}, false},
		{"named by its address only", o.addr, []string{"127.0.0.1"}, false},
		{"named by host and port", o.addr, []string{o.addr.String()}, true},
		{"another port", other, []string{"loopback"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, Options{
				Net:          rules(t, tt.rules...),
				OwnListeners: func() []netip.AddrPort { return []netip.AddrPort{tt.own} },
			})
			if tt.ok {
				do(t, c, get(o.url))
				o.request(t)
				return
			}
			e := doFails(t, c, get(o.url))
			require.Equal(t, ReasonAddressNotAllowed, e.Reason)
			require.Contains(t, e.Message, "(this executor itself)")
			o.untouched(t)
		})
	}
}

func TestIsOwn(t *testing.T) {
	t.Parallel()
	own := []netip.AddrPort{netip.MustParseAddrPort("[::]:80"), netip.MustParseAddrPort("[::ffff:10.0.0.1]:81")}
	require.True(t, isOwn(own, netip.MustParseAddrPort("127.0.0.1:80")))
	require.True(t, isOwn(own, netip.MustParseAddrPort("0.0.0.0:80")))
	require.True(t, isOwn(own, netip.MustParseAddrPort("10.0.0.1:81")))
	require.False(t, isOwn(own, netip.MustParseAddrPort("10.0.0.1:82")))
	require.False(t, isOwn(own, netip.MustParseAddrPort("192.0.2.1:80")))
	local, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, a := range local {
		p := netip.MustParsePrefix(a.String())
		require.True(t, isOwn(own, netip.AddrPortFrom(p.Addr(), 80)), a)
	}
}

// A dead address does not keep the next from being tried.
func TestDialFallsBack(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, answer("ok"))
	// Nothing listens on 127.0.0.2 with this port.
	c := newClient(t, Options{Resolver: always("127.0.0.2", "127.0.0.1")})
	_, body := do(t, c, get("http://name.example:"+port(o)+"/"))
	require.Equal(t, "ok", body)
}

func TestDialRefused(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	l.Close()
	e := doFails(t, newClient(t, Options{}), get("http://"+addr+"/x?secret"))
	require.Equal(t, ReasonConnectionRefused, e.Reason)
	require.Equal(t, "http/request failed: connection refused by "+addr, e.Message)
}

func TestDialLookupFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		err    error
		reason string
		want   string
	}{
		{"not found", &net.DNSError{Err: "x", Name: "h", IsNotFound: true}, ReasonDNSFailed, "DNS lookup of h.example failed: no such host"},
		{"timeout", &net.DNSError{Err: "x", Name: "h", IsTimeout: true}, ReasonTimedOut, "DNS lookup of h.example timed out"},
		{"server", &net.DNSError{Err: "server misbehaving", Server: "10.9.8.7:53"}, ReasonDNSFailed, "DNS lookup of h.example failed"},
		{"other", errors.New("secret"), ReasonDNSFailed, "DNS lookup of h.example failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, Options{Resolver: resolverFunc(func(string) ([]netip.Addr, error) { return nil, tt.err })})
			e := doFails(t, c, get("http://h.example/?secret"))
			require.Equal(t, tt.reason, e.Reason)
			require.Equal(t, failedPrefix+tt.want, e.Message)
			require.ErrorIs(t, e, tt.err)
		})
	}
}

// The lookup and all attempts share one bound, and each attempt has its part.
func TestDialTimeouts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var attempts []time.Duration
		start := time.Now()
		d := dialer{
			rules:   rules(t, "any"),
			timeout: 9 * time.Second,
			resolver: resolverFunc(func(string) ([]netip.Addr, error) {
				time.Sleep(time.Second)
				return []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.3")}, nil
			}),
		}
		d.connectTo = func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
			<-ctx.Done()
			attempts = append(attempts, time.Since(start))
			return nil, &net.OpError{Op: "dial", Err: context.DeadlineExceeded}
		}
		_, err := d.dial(t.Context(), "tcp", "h.example:80")
		e := asError(t, err)
		require.Equal(t, ReasonTimedOut, e.Reason)
		require.Equal(t, "http/request failed: connecting to h.example:80 timed out", e.Message)
		require.Equal(t, 9*time.Second, time.Since(start))
		require.Len(t, attempts, 3)
		require.InDelta(t, 3.67, attempts[0].Seconds(), 0.01)
		require.InDelta(t, 6.33, attempts[1].Seconds(), 0.01)
	})
}

func TestDialManyAddresses(t *testing.T) {
	t.Parallel()
	addrs := make([]string, maxAddresses+10)
	for i := range addrs {
		addrs[i] = "10.0.0.1"
	}
	d := dialer{resolver: always(addrs...)}
	got, err := d.lookup(t.Context(), "h")
	require.NoError(t, err)
	require.Len(t, got, maxAddresses)
	_, err = d.dial(t.Context(), "tcp", strings.Repeat("x", 10))
	require.Error(t, err)
}
