package egress

// From a host name to a connection: every address is judged after the lookup,
// and the judged address itself is dialled.

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// maxAddresses is how many addresses of one name are looked at.
const maxAddresses = 64

// minAttempt is what one address gets at least of the time that is left, so
// that many dead addresses do not starve each other.
const minAttempt = 2 * time.Second

// A dialer opens connections for the transport.
type dialer struct {
	resolver Resolver
	rules    *NetRules
	own      func() []netip.AddrPort
	timeout  time.Duration
	// connectTo opens one connection to a judged address.
	connectTo Connect
}

// connectTCP keeps net's defaults: no Nagle delay, keep-alive probes.
func connectTCP(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", to.String())
}

// dial opens a connection to host:port as the transport asks for it; the host
// is canonical, since it comes from a target.
func (d *dialer) dial(ctx context.Context, _, hostPort string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	host, portText, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, failed(ReasonConnectionFailed, "the host cannot be dialled", err)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, failed(ReasonConnectionFailed, "the port cannot be dialled", err)
	}
	if d.rules.deniesName(canonicalHost(host), uint16(port)) {
		return nil, failed(ReasonAddressNotAllowed, "host "+host+" is denied by the operator's --deny-net", nil)
	}
	addrs, err := d.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	allowed, err := d.judge(host, addrs, uint16(port))
	if err != nil {
		return nil, err
	}
	return d.connect(ctx, host, allowed)
}

func (d *dialer) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	addrs, err := d.resolver.LookupNetIP(ctx, "ip", host)
	switch {
	case err != nil:
		return nil, lookupFailure(ctx, host, err)
	case len(addrs) == 0:
		return nil, failed(ReasonDNSFailed, "DNS lookup of "+host+" found no address", nil)
	}
	return addrs[:min(len(addrs), maxAddresses)], nil
}

func lookupFailure(ctx context.Context, host string, err error) *Error {
	dns, ok := errors.AsType[*net.DNSError](err)
	switch {
	case ok && dns.IsNotFound:
		return failed(ReasonDNSFailed, "DNS lookup of "+host+" failed: no such host", err)
	case ok && dns.IsTimeout || ctx.Err() != nil:
		return failed(ReasonTimedOut, "DNS lookup of "+host+" timed out", err)
	}
	return failed(ReasonDNSFailed, "DNS lookup of "+host+" failed", err)
}

// judge keeps the addresses that may be dialled, in the resolver's order. A
// forbidden address beside allowed ones is left out; if nothing remains, the
// first is named.
func (d *dialer) judge(host string, addrs []netip.Addr, port uint16) ([]netip.AddrPort, error) {
	var refusal *Error
	allowed := make([]netip.AddrPort, 0, len(addrs))
	for _, a := range addrs {
		to := netip.AddrPortFrom(a.Unmap(), port)
		if why := d.objection(host, to); why == "" {
			allowed = append(allowed, to)
		} else if refusal == nil {
			refusal = addressRefusal(host, to, why)
		}
	}
	if len(allowed) == 0 {
		return nil, refusal
	}
	return allowed, nil
}

// objection says why an address may not be dialled; empty is no objection.
func (d *dialer) objection(host string, to netip.AddrPort) string {
	host = canonicalHost(host)
	switch {
	case d.rules.deniesAddress(to):
		return "denied by the operator's --deny-net"
	case d.rules.namesPort(host, to):
		return ""
	case d.own != nil && isOwn(d.own(), to):
		return "not allowed (this executor itself); the operator can allow it with --allow-net HOST:PORT"
	case d.rules.allowsName(host, to.Port()):
		return ""
	}
	if c, ok := d.rules.allows(to.Addr()); !ok {
		return "not allowed (" + string(c) + "); the operator can allow it with --allow-net"
	}
	return ""
}

func addressRefusal(host string, to netip.AddrPort, why string) *Error {
	addr := to.Addr().String()
	what := "address " + addr
	if host != addr {
		what += " of host " + host
	}
	return failed(ReasonAddressNotAllowed, what+" is "+why, nil)
}

// isOwn says whether to is where one of our listeners listens. A listener on the
// unspecified address listens on all of the machine's.
func isOwn(listeners []netip.AddrPort, to netip.AddrPort) bool {
	for _, l := range listeners {
		switch at := l.Addr().Unmap().WithZone(""); {
		case l.Port() != to.Port():
		case at == to.Addr().WithZone(""):
			return true
		case at.IsUnspecified() && isMachines(to.Addr()):
			return true
		}
	}
	return false
}

// isMachines says whether a is an address of this machine. When the machine does
// not tell, any address may be.
func isMachines(a netip.Addr) bool {
	if a.IsLoopback() || a.IsUnspecified() {
		return true
	}
	local, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, l := range local {
		p, err := netip.ParsePrefix(l.String())
		if err == nil && p.Addr().Unmap() == a.WithZone("") {
			return true
		}
	}
	return false
}

// connect tries one address after the other; each gets its share of the time.
func (d *dialer) connect(ctx context.Context, host string, addrs []netip.AddrPort) (net.Conn, error) {
	var first error
	for i, to := range addrs {
		conn, err := d.attempt(ctx, to, len(addrs)-i)
		if err == nil {
			return conn, nil
		}
		if first == nil {
			first = connectFailure(host, to.Port(), err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, first
}

func (d *dialer) attempt(ctx context.Context, to netip.AddrPort, left int) (net.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok && left > 1 {
		share := max(time.Until(deadline)/time.Duration(left), minAttempt)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, share)
		defer cancel()
	}
	return d.connectTo(ctx, to)
}
