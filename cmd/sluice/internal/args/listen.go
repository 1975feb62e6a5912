package args

// Where an executor listens.

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// stdio is the word for standard input and output.
const stdio = "stdio"

// Listen is where an executor takes its callers from: a websocket address, or
// standard input and output.
type Listen struct {
	// Stdio is true for standard input and output; TLS and Addr count otherwise.
	Stdio bool
	TLS   bool // wss
	Addr  netip.AddrPort
}

// ParseListen reads ws://IP:PORT, wss://IP:PORT or stdio. Port 0 lets the system choose.
func ParseListen(s string) (Listen, error) {
	if s == stdio {
		return Listen{Stdio: true}, nil
	}
	scheme, rest, found := strings.Cut(s, "://")
	switch {
	case !found && strings.EqualFold(s, stdio):
		return Listen{}, errors.New("write stdio in lower case")
	case !found:
		return Listen{}, errors.New("write ws://IP:PORT, such as ws://127.0.0.1:4000, or stdio")
	case scheme != "ws" && scheme != "wss":
		return Listen{}, errors.New("the scheme must be ws or wss: write ws://IP:PORT")
	}
	addr, err := parseAddrPort(rest)
	if err != nil {
		return Listen{}, err
	}
	return Listen{TLS: scheme == "wss", Addr: addr}, nil
}

func parseAddrPort(s string) (netip.AddrPort, error) {
	if i := strings.IndexAny(s, "/?#@"); i >= 0 {
		return netip.AddrPort{}, fmt.Errorf("nothing but IP:PORT may follow the scheme, no %q", s[i])
	}
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 || strings.HasSuffix(s, "]") {
		return netip.AddrPort{}, errors.New("the port is missing; :0 lets the system choose one")
	}
	addr, err := parseHost(s[:colon])
	if err != nil {
		return netip.AddrPort{}, err
	}
	port, err := strconv.ParseUint(s[colon+1:], 10, 16)
	if err != nil || strconv.FormatUint(port, 10) != s[colon+1:] {
		return netip.AddrPort{}, errors.New("the port must be a number from 0 to 65535")
	}
	return netip.AddrPortFrom(addr, uint16(port)), nil
}

func parseHost(host string) (netip.Addr, error) {
	if host == "" {
		return netip.Addr{}, errors.New("the IP address is missing; 127.0.0.1 is reachable from this machine only")
	}
	if strings.EqualFold(host, "localhost") {
		return netip.Addr{}, errors.New("localhost is a name: write 127.0.0.1 or [::1]")
	}
	bare, bracketed := strings.CutPrefix(host, "[")
	if bracketed {
		bare, bracketed = strings.CutSuffix(bare, "]")
	}
	addr, err := netip.ParseAddr(bare)
	switch {
	case err != nil || bracketed && addr.Is4():
		return netip.Addr{}, errors.New("the host must be an IP address, such as 127.0.0.1 or [::1]")
	case addr.Is6() && !bracketed:
		return netip.Addr{}, fmt.Errorf("an IPv6 address stands in brackets: [%s]", addr)
	case addr.Zone() != "":
		return netip.Addr{}, errors.New("an address with a zone cannot stand in a URL")
	}
	return addr.Unmap(), nil
}

// UnmarshalText is ParseListen.
func (l *Listen) UnmarshalText(text []byte) error {
	var err error
	*l, err = ParseListen(string(text))
	return err
}

// String gives what ParseListen reads.
func (l Listen) String() string {
	if l.Stdio {
		return stdio
	}
	if l.TLS {
		return "wss://" + l.Addr.String()
	}
	return "ws://" + l.Addr.String()
}

// Local says that only this machine's processes can reach it.
func (l Listen) Local() bool { return l.Stdio || l.Addr.Addr().IsLoopback() }
