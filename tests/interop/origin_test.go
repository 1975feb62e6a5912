//go:build interop

package interop

// The origin of the wire cases: a raw TCP server that answers with the very
// bytes a case gives it, and records what reached it.

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// maxOriginBody bounds what the origin reads of a request's body.
const maxOriginBody = 16 << 20

// recorder keeps what the origins of one case received, in the order of
// arrival.
type recorder struct {
	mu      sync.Mutex
	records []string
}

func (r *recorder) add(record string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records = append(r.records, record)
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.records)
}

// origin answers from a table of raw responses.
type origin struct {
	listener net.Listener
	name     string // how records call it: "origin", "other"

	log     *recorder
	stopped chan struct{}

	mu       sync.Mutex
	served   map[string]string
	conns    map[net.Conn]struct{}
	handlers sync.WaitGroup
}

func startOrigin(t *testing.T, name string, log *recorder) *origin {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	o := &origin{
		listener: listener, name: name, log: log, stopped: make(chan struct{}),
		served: map[string]string{}, conns: map[net.Conn]struct{}{},
	}
	o.handlers.Go(o.accept)
	t.Cleanup(o.stop)
	return o
}

func (o *origin) addr() string { return o.listener.Addr().String() }

func (o *origin) port() string {
	return strconv.Itoa(o.listener.Addr().(*net.TCPAddr).Port)
}

func (o *origin) serve(path, response string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.served[path] = response
}

func (o *origin) stop() {
	close(o.stopped)
	o.listener.Close()
	o.mu.Lock()
	for conn := range o.conns {
		conn.Close()
	}
	o.mu.Unlock()
	o.handlers.Wait()
}

func (o *origin) accept() {
	for {
		conn, err := o.listener.Accept()
		if err != nil {
			return
		}
		o.handlers.Go(func() {
			defer conn.Close()
			if o.enter(conn) {
				o.converse(conn)
				o.leave(conn)
			}
		})
	}
}

// enter takes a connection into the list of those that stop closes; it refuses
// when the origin is stopping.
func (o *origin) enter(conn net.Conn) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case <-o.stopped:
		return false
	default:
		o.conns[conn] = struct{}{}
		return true
	}
}

func (o *origin) leave(conn net.Conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.conns, conn)
}

// converse answers the requests of one connection until a response says to
// close it, or a request cannot be read.
func (o *origin) converse(conn net.Conn) {
	in := bufio.NewReader(conn)
	if first, err := in.Peek(1); err == nil && first[0] < ' ' {
		// TLS, say: answer as servers of plain HTTP do.
		io.WriteString(conn, "HTTP/1.0 400 Bad Request\r\n\r\n")
		return
	}
	for {
		r, err := readRequest(in)
		if err != nil {
			return
		}
		o.log.add(o.name + " " + r.record())
		o.mu.Lock()
		path, _, _ := strings.Cut(r.target, "?")
		response, ok := o.served[path]
		o.mu.Unlock()
		if !ok {
			response = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
		}
		if !o.play(conn, response, r.body) {
			return
		}
	}
}

// directive is what may stand in a response besides its bytes.
var directive = regexp.MustCompile(`\{(sleep|reset|cut|echo|fill) ?(\w*)\}`)

// play writes a response; it tells whether the connection goes on.
func (o *origin) play(conn net.Conn, response string, body []byte) bool {
	goesOn := !strings.Contains(strings.ToLower(response), "connection: close")
	for response != "" {
		at := directive.FindStringSubmatchIndex(response)
		if at == nil {
			_, err := io.WriteString(conn, response)
			return goesOn && err == nil
		}
		if _, err := io.WriteString(conn, response[:at[0]]); err != nil {
			return false
		}
		verb, arg := response[at[2]:at[3]], response[at[4]:at[5]]
		response = response[at[1]:]
		switch verb {
		case "sleep":
			pause, _ := time.ParseDuration(arg)
			select {
			case <-time.After(pause):
			case <-o.stopped:
				return false
			}
		case "reset":
			// Linger 0 makes the close a reset.
			conn.(*net.TCPConn).SetLinger(0)
			return false
		case "cut":
			return false
		case "echo":
			fmt.Fprintf(conn, "content-length: %d\r\n\r\n%s", len(body), body)
		case "fill":
			n, _ := strconv.Atoi(arg)
			io.WriteString(conn, strings.Repeat("a", n))
		}
	}
	return goesOn
}

// request is one request as it arrived.
type request struct {
	method, target, proto string
	headers               []string // "name: value", names in lower case
	body                  []byte
}

// record prints the request on one line. Header names are in lower case and
// sorted, because HTTP libraries differ there; repeats keep their order.
func (r *request) record() string {
	headers := slices.Clone(r.headers)
	slices.SortStableFunc(headers, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, ":")
		nameB, _, _ := strings.Cut(b, ":")
		return strings.Compare(nameA, nameB)
	})
	return fmt.Sprintf("%s %s %s | %s | %s", r.method, r.target, r.proto, strings.Join(headers, " | "), brief(r.body))
}

func readRequest(in *bufio.Reader) (*request, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	parts := strings.SplitN(strings.TrimRight(line, "\r\n"), " ", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("request line %q", line)
	}
	r := &request{method: parts[0], target: parts[1], proto: parts[2]}
	length, chunked := int64(0), false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ":")
		name, value = strings.ToLower(name), strings.TrimSpace(value)
		r.headers = append(r.headers, name+": "+value)
		switch name {
		case "content-length":
			length, _ = strconv.ParseInt(value, 10, 64)
		case "transfer-encoding":
			chunked = strings.Contains(value, "chunked")
		}
	}
	var body io.Reader = io.LimitReader(in, min(length, maxOriginBody))
	if chunked {
		body = httputil.NewChunkedReader(in)
	}
	r.body, err = io.ReadAll(body)
	if chunked && err == nil {
		_, err = in.Discard(2) // the empty trailer's line
	}
	return r, err
}
