package tests

// The mirror of the client's scenarios: a scripted caller and a raw origin, with
// the executor in between.

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/wire"
)

func TestExecutorSendsBufferedPostByteForByte(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 1)
	origin := rawOrigin(t, func(conn net.Conn, r *bufio.Reader) {
		head := readHead(r)
		body := make([]byte, 5)
		_, _ = io.ReadFull(r, body)
		seen <- head + string(body)
		_, _ = io.WriteString(conn, "HTTP/1.1 201 Created\r\nX-Answer: yes\r\nX-Answer: again\r\nContent-Length: 4\r\n\r\ndone")
	})
	c := peertest.DialCaller(t, standard(t))
	p := request("http://" + origin + "/submit?a=1&b=%20")
	p.Method, p.Body = "POST", []byte("\x00\xffabc")
	p.Headers = []wire.Header{{Name: "X-Twice", Value: "one"}, {Name: "content-type", Value: "text/plain"}, {Name: "X-Twice", Value: "two"}}

	res := c.ReadResult(c.Call(p))
	require.Equal(t, wire.HTTPResponse{
		Status: 201,
		Headers: []wire.Header{
			{Name: "content-length", Value: "4"},
			{Name: "x-answer", Value: "yes"},
			{Name: "x-answer", Value: "again"},
		},
		Body: []byte("done"),
	}, res)
	require.Equal(t, "POST /submit?a=1&b=%20 HTTP/1.1\r\n"+
		"Host: "+origin+"\r\n"+
		"Content-Length: 5\r\n"+
		"X-Twice: one\r\n"+
		"X-Twice: two\r\n"+
		"accept: */*\r\n"+
		"content-type: text/plain\r\n"+
		"\r\n\x00\xffabc", <-seen)
}

func TestExecutorStopsAtRedirect(t *testing.T) {
	t.Parallel()
	followed := make(chan struct{}, 1)
	var url string
	url = httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/next" {
			followed <- struct{}{}
			return
		}
		http.Redirect(w, r, url+"/next", http.StatusFound)
	})
	c := peertest.DialCaller(t, standard(t))
	p := request(url)
	p.Redirect = wire.RedirectStop
	res := c.ReadResult(c.Call(p))
	require.Equal(t, 302, res.Status)
	require.Contains(t, res.Headers, wire.Header{Name: "location", Value: url + "/next"})
	require.Empty(t, followed)

	p.Redirect = wire.RedirectFollow
	require.Equal(t, 200, c.ReadResult(c.Call(p)).Status)
	require.Len(t, followed, 1)
}

func TestExecutorStreamsChunkedResponse(t *testing.T) {
	t.Parallel()
	more := make(chan struct{})
	origin := rawOrigin(t, func(conn net.Conn, r *bufio.Reader) {
		readHead(r)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n")
		<-more
		_, _ = io.WriteString(conn, "5\r\nworld\r\n0\r\n\r\n")
	})
	c := peertest.DialCaller(t, standard(t))
	id := c.Call(streamed("http://" + origin))

	// The response comes first, with an empty body.
	first := c.ReadMessage()
	require.Equal(t, wire.KindResult, first.Kind)
	require.Equal(t, id, first.ID)
	// A piece leaves without waiting for the next.
	piece := c.ReadDelta()
	require.Equal(t, wire.BodyDelta{RequestID: "r-1", Seq: 1, Delta: []byte("hello ")}, piece)
	close(more)
	rest, problem := c.ReadStream("r-1")
	require.Empty(t, problem)
	require.Equal(t, "world", string(rest))
}

func TestExecutorRefusesActiveStreamID(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-release
	})
	c := peertest.DialCaller(t, standard(t))
	c.ReadResult(c.Call(streamed(origin)))
	refusal := c.ReadError(c.Call(streamed(origin)))
	require.Equal(t, wire.CodeInvalidParams, refusal.Code)
	require.Equal(t, "http/request streamResponse requestId `r-1` is already active", refusal.Message)
	close(release)
	_, problem := c.ReadStream("r-1")
	require.Empty(t, problem)
}

func TestExecutorTimeoutIsOptional(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
		_, _ = io.WriteString(w, "in the end")
	})
	c := peertest.DialCaller(t, standard(t))
	patient := c.Call(request(origin))
	hasty := request(origin)
	hasty.TimeoutMs = new(uint64(20))
	got := c.ReadError(c.Call(hasty))
	require.Equal(t, wire.CodeInternal, got.Code)
	require.Equal(t, "timed_out", got.Reason)
	require.True(t, strings.HasPrefix(got.Message, "http/request failed: "), got.Message)
	close(release)
	require.Equal(t, "in the end", string(c.ReadResult(patient).Body))
}

func TestExecutorReportsOriginCutMidBody(t *testing.T) {
	t.Parallel()
	origin := rawOrigin(t, func(conn net.Conn, r *bufio.Reader) {
		readHead(r)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
	})
	c := peertest.DialCaller(t, standard(t))
	const prefix = "failed to read http/request response body: "

	got := c.ReadError(c.Call(request("http://" + origin + "/?secret")))
	require.Equal(t, wire.CodeInternal, got.Code)
	require.True(t, strings.HasPrefix(got.Message, prefix), got.Message)
	require.NotContains(t, got.Message, "secret")

	require.Equal(t, 200, c.ReadResult(c.Call(streamed("http://"+origin+"/?secret"))).Status)
	body, problem := c.ReadStream("r-1")
	require.Equal(t, "only this", string(body))
	require.True(t, strings.HasPrefix(problem, prefix), problem)
	require.NotContains(t, problem, "secret")
}

func TestExecutorHangsUpOnOriginWhenCallerIsGone(t *testing.T) {
	t.Parallel()
	closed := make(chan error, 1)
	origin := rawOrigin(t, func(conn net.Conn, r *bufio.Reader) {
		readHead(r)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
		_, err := r.ReadByte() // returns when the executor hangs up
		closed <- err
	})
	c := peertest.DialCaller(t, standard(t))
	c.ReadResult(c.Call(streamed("http://" + origin)))
	c.ReadDelta()
	c.Disconnect()
	select {
	case err := <-closed:
		require.Error(t, err)
	case <-time.After(5 * time.Second):
		t.Fatal("the executor kept the origin's connection")
	}
}

// A caller that does not read costs rings and socket buffers, not bodies: of
// eight bodies of 200 MiB each, next to nothing is read from the origin.
func TestExecutorMemoryDoesNotDependOnUnreadStreams(t *testing.T) {
	// Not parallel: it looks at the heap of the process.
	const streams, size, bound = 8, 200 << 20, 32 << 20
	chunk := make([]byte, 64<<10)
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/small" {
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(size))
		for range size / len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	// Instances of a module come and go with garbage collection: without one, the
	// figure is that of the streams alone.
	c := peertest.DialCaller(t, startExecutor(t, allowAll{}, "none"))
	c.ReadResult(c.Call(request(origin + "/small")))
	before := heap()
	for i := range streams {
		p := streamed(origin)
		p.RequestID = fmt.Sprint("s-", i)
		c.Send(string(wire.AppendRequest(nil, wire.NumberID(int64(100+i)), wire.MethodHTTPRequest, &p, wire.Trace{})))
	}
	// Nobody reads. The heap is looked at until it has stood still for a while.
	var most uint64
	for still := 0; still < 20; still++ {
		time.Sleep(20 * time.Millisecond) // real sockets have no bubble
		if now := heap(); now > most+64<<10 {
			most, still = now, 0
		}
	}
	require.Greater(t, most, before, "the streams must have begun")
	require.Less(t, most-before, uint64(bound))
	t.Logf("%d bodies of %d MiB that nobody reads cost %d KiB", streams, size>>20, (most-before)>>10)
	c.Disconnect()
}

// allowAll is a policy without a module.
type allowAll struct{}

func (allowAll) OnRequest(context.Context, *abi.Request, *abi.Decision) error   { return nil }
func (allowAll) OnResponse(context.Context, *abi.Response, *abi.Decision) error { return nil }

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
