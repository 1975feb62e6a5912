//go:build interop

package interop

// Sluice's client on the reference's exec-server, and for comparison on
// Sluice's own.

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/delta"
	"github.com/sluice-run/sluice/host/wire"
)

// clientTimeout bounds each of the client's tests.
const clientTimeout = 20 * time.Second

// TestClient lets Sluice's client use each exec-server.
func TestClient(t *testing.T) {
	for server, start := range map[string]func(*testing.T, ...string) string{
		"on the reference": startReference,
		"on Sluice":        startSluice,
	} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			url := start(t)
			for name, test := range map[string]func(*testing.T, *clientFixture){
				"buffered":             testBuffered,
				"streamed":             testStreamed,
				"redirects":            testRedirects,
				"many at once":         testManyStreams,
				"a large body":         testLargeBody,
				"events as they come":  testEvents,
				"refused":              testRefused,
				"invalid":              testInvalid,
				"cut in the body":      testCut,
				"timeout":              testTimeout,
				"an abandoned stream":  testAbandoned,
				"resumption":           testResumption,
				"an unknown session":   testUnknownSession,
				"an abandoned request": testAbandonedRequest,
			} {
				t.Run(name, func(t *testing.T) {
					f := newClientFixture(t, url)
					test(t, f)
				})
			}
		})
	}
}

// clientFixture is a connected client and an origin.
type clientFixture struct {
	ctx    context.Context
	url    string // of the exec-server
	client *client.Client
	origin *origin
	log    *recorder
}

func newClientFixture(t *testing.T, url string) *clientFixture {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), clientTimeout)
	t.Cleanup(cancel)
	f := &clientFixture{ctx: ctx, url: url, log: &recorder{}}
	f.origin = startOrigin(t, "origin", f.log)
	f.client = f.dial(t, nil)
	return f
}

func (f *clientFixture) dial(t *testing.T, o *client.Options) *client.Client {
	t.Helper()
	c, err := client.Dial(f.ctx, f.url, o)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

func (f *clientFixture) get(path string) *client.Request {
	return &client.Request{Method: "GET", URL: "http://" + f.origin.addr() + path}
}

func testBuffered(t *testing.T, f *clientFixture) {
	f.origin.serve("/echo", "HTTP/1.1 201 Created\r\nx-a: 1\r\nx-a: 2\r\n{echo}")
	require.NotEmpty(t, f.client.SessionID())
	require.NotEmpty(t, f.client.Environment().ShellPath)

	body := []byte("a\x00\xffb")
	res, err := f.client.Do(f.ctx, &client.Request{
		Method:  "POST",
		URL:     "http://" + f.origin.addr() + "/echo?q=%20",
		Headers: []client.Header{{Name: "x-b", Value: "1"}, {Name: "x-c", Value: "ä"}, {Name: "x-b", Value: "2"}},
		Body:    body,
		Stream:  true, // Do is buffered all the same
	})
	require.NoError(t, err)
	assert.Equal(t, 201, res.Status)
	assert.Equal(t, body, res.Body)
	assert.Equal(t, []string{"1", "2"}, values(res.Headers, "x-a"))
	assert.Equal(t, []string{fmt.Sprintf("origin POST /echo?q=%%20 HTTP/1.1 | accept: */* | content-length: 4 | host: %s | x-b: 1 | x-b: 2 | x-c: ä | %s",
		f.origin.addr(), brief(body))}, f.log.all())
}

// values gives a header's values in their order.
func values(headers []client.Header, name string) []string {
	var found []string
	for _, h := range headers {
		if h.Name == name {
			found = append(found, h.Value)
		}
	}
	return found
}

func testStreamed(t *testing.T, f *clientFixture) {
	f.origin.serve("/chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nfoo\r\n{sleep 50ms}3\r\nbar\r\n0\r\n\r\n")
	f.origin.serve("/none", "HTTP/1.1 204 No Content\r\n\r\n")
	for path, want := range map[string]string{"/chunks": "foobar", "/none": ""} {
		res, err := f.client.Stream(f.ctx, f.get(path))
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, want, string(body))
	}
}

func testRedirects(t *testing.T, f *clientFixture) {
	f.origin.serve("/from", "HTTP/1.1 302 Found\r\nlocation: /to\r\ncontent-length: 0\r\n\r\n")
	f.origin.serve("/loop", "HTTP/1.1 302 Found\r\nlocation: /loop\r\ncontent-length: 0\r\n\r\n")

	res, err := f.client.Do(f.ctx, f.get("/from"))
	require.NoError(t, err)
	assert.Equal(t, 200, res.Status)
	assert.Equal(t, "hello", string(res.Body))

	stop := f.get("/from")
	stop.Redirect = wire.RedirectStop
	res, err = f.client.Do(f.ctx, stop)
	require.NoError(t, err)
	assert.Equal(t, 302, res.Status)
	assert.Equal(t, []string{"/to"}, values(res.Headers, "location"))

	_, err = f.client.Do(f.ctx, f.get("/loop"))
	require.ErrorIs(t, err, wire.CodeInternal)
	require.ErrorContains(t, err, "too many redirects")
}

func testManyStreams(t *testing.T, f *clientFixture) {
	var streams sync.WaitGroup
	for i := range 40 {
		path, want := fmt.Sprintf("/%d", i), strings.Repeat(string(rune('a'+i%26)), 70_000)
		f.origin.serve(path, fmt.Sprintf("HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s", len(want), want))
		streams.Go(func() {
			res, err := f.client.Stream(f.ctx, f.get(path))
			if !assert.NoError(t, err) {
				return
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			assert.NoError(t, err)
			assert.Equal(t, want, string(body))
		})
	}
	streams.Wait()
}

func testLargeBody(t *testing.T, f *clientFixture) {
	const size = 12 << 20
	f.origin.serve("/large", fmt.Sprintf("HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n{fill %d}", size, size))
	want := bytes.Repeat([]byte("a"), size)

	res, err := f.client.Do(f.ctx, f.get("/large"))
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, res.Body))

	streamed, err := f.client.Stream(f.ctx, f.get("/large"))
	require.NoError(t, err)
	defer streamed.Body.Close()
	body, err := io.ReadAll(streamed.Body)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, body))
}

func testEvents(t *testing.T, f *clientFixture) {
	f.origin.serve("/events", "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\ndata: 1\n\n{sleep 1s}data: 2\n\n")
	res, err := f.client.Stream(f.ctx, f.get("/events"))
	require.NoError(t, err)
	defer res.Body.Close()
	began := time.Now()
	event := make([]byte, len("data: 1\n\n"))
	_, err = io.ReadFull(res.Body, event)
	require.NoError(t, err)
	assert.Equal(t, "data: 1\n\n", string(event))
	assert.Less(t, time.Since(began), 800*time.Millisecond, "the first event waited for the second")
	rest, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Equal(t, "data: 2\n\n", string(rest))
}

func testRefused(t *testing.T, f *clientFixture) {
	refused := &client.Request{Method: "GET", URL: "http://" + closedAddr(t) + "/"}
	_, err := f.client.Do(f.ctx, refused)
	require.ErrorIs(t, err, wire.CodeInternal)
	require.ErrorContains(t, err, "http/request failed: ")
	_, err = f.client.Stream(f.ctx, refused)
	require.ErrorIs(t, err, wire.CodeInternal)
	require.ErrorContains(t, err, "http/request failed: ")
}

func testInvalid(t *testing.T, f *clientFixture) {
	for url, want := range map[string]string{
		"/a":                              "http/request url is invalid: relative URL without a base",
		"ftp://" + f.origin.addr() + "/a": "http/request only supports http and https URLs, got ftp",
	} {
		_, err := f.client.Do(f.ctx, &client.Request{Method: "GET", URL: url})
		require.ErrorIs(t, err, wire.CodeInvalidParams)
		require.EqualError(t, err, want)
	}
	assert.Empty(t, f.log.all())
}

func testCut(t *testing.T, f *clientFixture) {
	f.origin.serve("/cut", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfoo{sleep 50ms}{cut}")
	_, err := f.client.Do(f.ctx, f.get("/cut"))
	require.ErrorIs(t, err, wire.CodeInternal)
	require.ErrorContains(t, err, "failed to read http/request response body: ")

	res, err := f.client.Stream(f.ctx, f.get("/cut"))
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	assert.Equal(t, "foo", string(body))
	var broken *delta.StreamError
	require.ErrorAs(t, err, &broken)
}

func testTimeout(t *testing.T, f *clientFixture) {
	f.origin.serve("/slow", "{sleep 5s}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
	slow := f.get("/slow")
	milliseconds := uint64(300)
	slow.TimeoutMs = &milliseconds
	began := time.Now()
	_, err := f.client.Do(f.ctx, slow)
	require.ErrorIs(t, err, wire.CodeInternal)
	assert.Less(t, time.Since(began), 4*time.Second)
}

func testAbandoned(t *testing.T, f *clientFixture) {
	f.origin.serve("/endless", "HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n{fill 1000000}{sleep 5s}")
	res, err := f.client.Stream(f.ctx, f.get("/endless"))
	require.NoError(t, err)
	_, err = res.Body.Read(make([]byte, 10))
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())

	after, err := f.client.Do(f.ctx, f.get("/"))
	require.NoError(t, err)
	assert.Equal(t, "hello", string(after.Body))
}

// An abandoned request's answer comes late and harms nobody.
func testAbandonedRequest(t *testing.T, f *clientFixture) {
	f.origin.serve("/slow", "{sleep 300ms}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nslow")
	ctx, cancel := context.WithTimeout(f.ctx, 100*time.Millisecond)
	defer cancel()
	_, err := f.client.Do(ctx, f.get("/slow"))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	res, err := f.client.Do(f.ctx, f.get("/"))
	require.NoError(t, err)
	assert.Equal(t, "hello", string(res.Body))
}

func testResumption(t *testing.T, f *clientFixture) {
	session := f.client.SessionID()
	require.NoError(t, f.client.Close())
	// The server may take a moment to notice that the connection is gone.
	var resumed *client.Client
	require.Eventually(t, func() bool {
		var err error
		resumed, err = client.Dial(f.ctx, f.url, &client.Options{ResumeSessionID: session})
		return err == nil
	}, clientTimeout, 50*time.Millisecond)
	defer resumed.Close()
	assert.Equal(t, session, resumed.SessionID())
	res, err := resumed.Do(f.ctx, f.get("/"))
	require.NoError(t, err)
	assert.Equal(t, "hello", string(res.Body))
}

func testUnknownSession(t *testing.T, f *clientFixture) {
	_, err := client.Dial(f.ctx, f.url, &client.Options{ResumeSessionID: "nobody's"})
	require.ErrorIs(t, err, wire.CodeInvalidRequest)
	require.ErrorContains(t, err, "unknown session id nobody's")
}
