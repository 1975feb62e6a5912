package egress

// What the tests share: policies, clients and raw origins.

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sluice-run/sluice/abi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// policyFuncs is a policy made of functions; nil allows.
type policyFuncs struct {
	request  func(*abi.Request, *abi.Decision) error
	response func(*abi.Response, *abi.Decision) error
}

func (p policyFuncs) OnRequest(_ context.Context, r *abi.Request, d *abi.Decision) error {
	if p.request == nil {
		return nil
	}
	return p.request(r, d)
}

func (p policyFuncs) OnResponse(_ context.Context, r *abi.Response, d *abi.Decision) error {
	if p.response == nil {
		return nil
	}
	return p.response(r, d)
}

// resolverFunc answers lookups.
type resolverFunc func(host string) ([]netip.Addr, error)

func (f resolverFunc) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	return f(host)
}

// always resolves every name to the same addresses.
func always(addrs ...string) Resolver {
	list := make([]netip.Addr, len(addrs))
	for i, a := range addrs {
		list[i] = netip.MustParseAddr(a)
	}
	return resolverFunc(func(string) ([]netip.Addr, error) { return list, nil })
}

func rules(t testing.TB, list ...string) *NetRules {
	t.Helper()
	n, err := ParseNetRules(list)
	require.NoError(t, err)
	return n
}

// newClient allows everything and loopback unless the options say otherwise.
func newClient(t testing.TB, o Options) *Client {
	t.Helper()
	if o.Policy == nil {
		o.Policy = policyFuncs{}
	}
	if o.Net == nil {
		o.Net = rules(t, "loopback")
	}
	c := New(o)
	t.Cleanup(c.Close)
	return c
}

// An origin answers on a raw socket and keeps what it was sent.
type origin struct {
	url      string // without a slash at the end
	addr     netip.AddrPort
	requests chan string
	closed   chan struct{} // one element for each connection that ended
}

// newOrigin answers the requests of each connection with the given texts in
// turn and closes when it has no more. An empty text never answers.
func newOrigin(t testing.TB, answers ...string) *origin {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	o := &origin{
		url:      "http://" + l.Addr().String(),
		addr:     netip.MustParseAddrPort(l.Addr().String()),
		requests: make(chan string, 64),
		closed:   make(chan struct{}, 64),
	}
	done := make(chan struct{})
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { o.serve(conn, done, answers) })
		}
	})
	t.Cleanup(func() {
		close(done)
		l.Close()
		serving.Wait()
	})
	return o
}

func (o *origin) serve(conn net.Conn, done <-chan struct{}, answers []string) {
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-done:
		case <-stop:
		}
		conn.Close()
	}()
	defer func() { o.closed <- struct{}{} }()
	r := bufio.NewReader(conn)
	for _, answer := range answers {
		text, err := readRequest(r)
		if err != nil {
			return
		}
		o.requests <- text
		if _, err := io.WriteString(conn, answer); err != nil {
			return
		}
		if answer == "" || strings.HasSuffix(answer, hang) {
			// Until the other side closes.
			_, _ = r.ReadByte()
			return
		}
	}
}

// hang ends an answer after which the origin says no more.
const hang = "..."

func readRequest(r *bufio.Reader) (string, error) {
	var text strings.Builder
	length := 0
	for {
		line, err := r.ReadString('\n')
		text.WriteString(line)
		if err != nil {
			return "", err
		}
		if line == "\r\n" {
			break
		}
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "content-length") {
			length, _ = strconv.Atoi(strings.TrimSpace(value))
		}
	}
	_, err := io.CopyN(&text, r, int64(length))
	return text.String(), err
}

// request gives the next request that came in.
func (o *origin) request(t testing.TB) string {
	t.Helper()
	select {
	case text := <-o.requests:
		return text
	case <-time.After(10 * time.Second):
		t.Fatal("no request arrived")
		return ""
	}
}

// untouched says that nothing arrived.
func (o *origin) untouched(t testing.TB) {
	t.Helper()
	select {
	case text := <-o.requests:
		t.Fatalf("a request arrived: %q", text)
	default:
	}
}

func (o *origin) waitClosed(t testing.TB) {
	t.Helper()
	select {
	case <-o.closed:
	case <-time.After(10 * time.Second):
		t.Fatal("the connection is still open")
	}
}

// answer is a plain response.
func answer(body string, headers ...string) string {
	return "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n" +
		headerLines(headers) + "\r\n" + body
}

func redirectTo(status int, location string) string {
	return "HTTP/1.1 " + strconv.Itoa(status) + " " + http.StatusText(status) +
		"\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n"
}

func headerLines(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}

func get(url string) *Request {
	return &Request{Method: "GET", URL: url, FollowRedirects: true}
}

// do makes a request that works and gives its response and body.
func do(t testing.TB, c *Client, r *Request) (*Response, string) {
	t.Helper()
	resp, err := c.Do(t.Context(), r)
	require.NoError(t, err)
	body, err := resp.ReadAll(1 << 30)
	require.NoError(t, err)
	return resp, string(body)
}

// doFails makes a request that does not work.
func doFails(t testing.TB, c *Client, r *Request) *Error {
	t.Helper()
	resp, err := c.Do(t.Context(), r)
	require.Nil(t, resp)
	return asError(t, err)
}

func asError(t testing.TB, err error) *Error {
	t.Helper()
	var e *Error
	require.True(t, errors.As(err, &e), "%T: %v", err, err)
	return e
}

func headerValue(list []abi.Header, name string) string {
	value, _, _ := header(list, name)
	return value
}
