package tests

// A network in memory: names, addresses and origins that do what a transcript
// tells them.

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
)

// originNet is the block of addresses that the executor may reach (TEST-NET-1,
// RFC 5737).
const originNet = "192.0.2.0/24"

// names of the network. Any other name does not exist.
var names = map[string]string{
	"origin.test": "192.0.2.1",
	"other.test":  "192.0.2.2",
	"closed.test": addrClosed,
	"silent.test": addrSilent,
	"inside.test": "10.0.0.1", // not in originNet
}

// Addresses at which nobody answers: one refuses, one says nothing at all.
const (
	addrClosed = "192.0.2.3"
	addrSilent = "192.0.2.4"
)

// network is an egress.Resolver and has an egress.Connect.
type network struct {
	journal *journal
	wg      sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn // the origins' ends, in the order of dialling
}

// LookupNetIP knows the names of the network.
func (n *network) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	addr, ok := names[host]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return []netip.Addr{netip.MustParseAddr(addr)}, nil
}

func (n *network) connect(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	switch to.Addr().String() {
	case addrClosed:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case addrSilent:
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
	}
	executors, origins := net.Pipe()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.conns = append(n.conns, origins)
	number := len(n.conns)
	n.wg.Go(func() { n.listen(origins, number, to) })
	return executors, nil
}

// listen notes the requests that an origin gets.
func (n *network) listen(conn net.Conn, number int, at netip.AddrPort) {
	r := bufio.NewReader(conn)
	for {
		head := readHead(r)
		if head == "" {
			n.journal.outcome("origin %d: the connection is closed", number)
			return
		}
		req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
		if err != nil {
			n.journal.outcome("origin %d at %s: not a request: %q", number, at, head)
			return
		}
		body := make([]byte, max(req.ContentLength, 0))
		_, _ = io.ReadFull(r, body)
		n.journal.outcome("origin %d at %s: %q", number, at, head+string(body))
	}
}

// send lets an origin send text, as far as the executor reads it.
func (n *network) send(number int, text string) error {
	conn, err := n.conn(number)
	if err != nil {
		return err
	}
	n.wg.Go(func() { _, _ = io.WriteString(conn, text) })
	return nil
}

func (n *network) hangUp(number int) error {
	conn, err := n.conn(number)
	if err != nil {
		return err
	}
	return conn.Close()
}

func (n *network) conn(number int) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if number < 1 || number > len(n.conns) {
		return nil, errors.New("there is no such connection")
	}
	return n.conns[number-1], nil
}

// close hangs up everywhere.
func (n *network) close() {
	n.mu.Lock()
	for _, conn := range n.conns {
		_ = conn.Close()
	}
	n.mu.Unlock()
	n.wg.Wait()
}
