package security

// The two ends of the way out: an origin that keeps every byte, and a trap that
// nothing may reach.

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// origin answers one request on each connection and then reads until the other
// side closes, so that no byte escapes it.
type origin struct {
	hostPort string
	port     string
	records  chan record
	// location is where a request for /redirect is sent.
	location atomic.Pointer[string]
}

// record is all that came over one connection.
type record struct {
	first   string   // the request line
	headers []string // sorted lines
	body    string   // everything behind the head
}

func newOrigin(t *testing.T) *origin {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	o := &origin{hostPort: l.Addr().String(), records: make(chan record, 64)}
	_, o.port, _ = net.SplitHostPort(o.hostPort)
	serve(t, l, func(conn net.Conn) { o.records <- o.converse(conn) })
	return o
}

// serve takes connections until the test ends.
func serve(t *testing.T, l net.Listener, handle func(net.Conn)) {
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(patience))
				handle(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
}

// answer is what the origin says to a request line.
func (o *origin) answer(first string) string {
	const end = "Connection: close\r\nContent-Length: 0\r\n\r\n"
	if first == "GET /redirect HTTP/1.1" {
		return "HTTP/1.1 307 Temporary Redirect\r\nLocation: " + *o.location.Load() + "\r\n" + end
	}
	return "HTTP/1.1 200 OK\r\n" + end
}

// converse reads a head and the body that it announces, answers, and reads
// whatever else comes.
func (o *origin) converse(conn net.Conn) record {
	var all bytes.Buffer
	r := bufio.NewReader(io.TeeReader(conn, &all))
	length, first := 0, ""
	for {
		line, err := r.ReadString('\n')
		if first == "" {
			first = strings.TrimSuffix(line, "\r\n")
		}
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "content-length") {
			length, _ = strconv.Atoi(strings.TrimSpace(value))
		}
		if err != nil || line == "\r\n" {
			break
		}
	}
	_, _ = io.CopyN(io.Discard, r, int64(length))
	_, _ = io.WriteString(conn, o.answer(first))
	_, _ = io.Copy(io.Discard, r)
	head, body, _ := strings.Cut(all.String(), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	slices.Sort(lines[1:])
	return record{first: first, headers: lines[1:], body: body}
}

// got waits for the end of the next connection.
func (o *origin) got(t *testing.T) record {
	t.Helper()
	select {
	case r := <-o.records:
		return r
	case <-time.After(patience):
		t.Fatal("the origin got no request")
		return record{}
	}
}

func (o *origin) untouched(t *testing.T) {
	t.Helper()
	select {
	case r := <-o.records:
		t.Fatalf("the origin got a request: %+v", r)
	default:
	}
}

// trap listens on one port of all addresses of the machine.
type trap struct {
	port string
	hits atomic.Int64
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	l, err := net.Listen("tcp", ":0")
	require.NoError(t, err)
	p := &trap{}
	_, p.port, _ = net.SplitHostPort(l.Addr().String())
	serve(t, l, func(net.Conn) { p.hits.Add(1) })
	return p
}

func (p *trap) untouched(t *testing.T) {
	t.Helper()
	require.Zero(t, p.hits.Load(), "somebody got through to the trap")
}
