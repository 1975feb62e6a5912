package egress

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// short is a timeout that an origin which never answers is sure to miss.
const short = 30 * time.Millisecond

const endless = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nstart" + hang

func TestBodyEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer string
		reason string
		want   string
	}{
		{"cut by length", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", ReasonConnectionClosed, "connection closed by HOST"},
		{"cut between chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", ReasonConnectionClosed, "connection closed by HOST"},
		{"cut in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhello", ReasonConnectionClosed, "connection closed by HOST"},
		{"bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n", ReasonMalformedResponse, "malformed response from HOST"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t, tt.answer)
			resp, err := newClient(t, Options{}).Do(t.Context(), get(o.url+"/?secret"))
			require.NoError(t, err)
			defer resp.Body.Close()
			got, err := io.ReadAll(resp.Body)
			require.Equal(t, "hello", string(got))
			e := asError(t, err)
			require.Equal(t, Failed, e.Kind)
			require.Equal(t, tt.reason, e.Reason)
			require.Equal(t, bodyPrefix+strings.ReplaceAll(tt.want, "HOST", o.addr.String()), e.Message)
			_, again := resp.Body.Read(make([]byte, 1))
			require.Same(t, e, again)
		})
	}
}

// One deadline covers everything, and its passing is named on both sides of the
// head.
func TestTimeout(t *testing.T) {
	t.Parallel()
	t.Run("before the head", func(t *testing.T) {
		t.Parallel()
		o := newOrigin(t, "")
		r := get(o.url)
		r.Timeout = short
		e := doFails(t, newClient(t, Options{}), r)
		require.Equal(t, ReasonTimedOut, e.Reason)
		require.Equal(t, "http/request failed: timed out after 30ms", e.Message)
		o.waitClosed(t)
	})
	t.Run("on the second hop", func(t *testing.T) {
		t.Parallel()
		o := newOrigin(t, redirectTo(302, "/slow"), "")
		r := get(o.url)
		r.Timeout = short
		e := doFails(t, newClient(t, Options{}), r)
		require.Equal(t, ReasonTimedOut, e.Reason)
	})
	t.Run("in the body", func(t *testing.T) {
		t.Parallel()
		o := newOrigin(t, endless)
		r := get(o.url)
		r.Timeout = 10 * short
		resp, err := newClient(t, Options{}).Do(t.Context(), r)
		require.NoError(t, err)
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
		e := asError(t, err)
		require.Equal(t, ReasonTimedOut, e.Reason)
		require.Equal(t, "failed to read http/request response body: timed out after 300ms", e.Message)
		o.waitClosed(t)
	})
	t.Run("of the context", func(t *testing.T) {
		t.Parallel()
		o := newOrigin(t, "")
		ctx, cancel := context.WithTimeout(t.Context(), short)
		defer cancel()
		_, err := newClient(t, Options{}).Do(ctx, get(o.url))
		require.Equal(t, "http/request failed: timed out", asError(t, err).Message)
	})
	t.Run("that has passed", func(t *testing.T) {
		t.Parallel()
		r := get("http://127.0.0.1:1/")
		r.Timeout = -1
		e := doFails(t, newClient(t, Options{}), r)
		require.Equal(t, "http/request failed: timed out after 0s", e.Message)
	})
	t.Run("of the response's head", func(t *testing.T) {
		t.Parallel()
		o := newOrigin(t, "")
		e := doFails(t, newClient(t, Options{ResponseHeaderTimeout: short}), get(o.url))
		require.Equal(t, ReasonTimedOut, e.Reason)
		require.Equal(t, "http/request failed: "+o.addr.String()+" timed out", e.Message)
	})
}

// Cancelling closes the origin's connection, before the head and in the body.
func TestCancel(t *testing.T) {
	t.Parallel()
	t.Run("before the head", func(t *testing.T) {
		t.Parallel()
		o := newOrigin(t, "")
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			<-o.requests
			cancel(errors.New("secret"))
		}()
		_, err := newClient(t, Options{}).Do(ctx, get(o.url))
		require.Equal(t, "http/request failed: cancelled", asError(t, err).Message)
		o.waitClosed(t)
	})
	t.Run("in the body", func(t *testing.T) {
		t.Parallel()
		o := newOrigin(t, endless)
		ctx, cancel := context.WithCancel(t.Context())
		resp, err := newClient(t, Options{}).Do(ctx, get(o.url))
		require.NoError(t, err)
		defer resp.Body.Close()
		_, err = io.ReadFull(resp.Body, make([]byte, 5))
		require.NoError(t, err)
		cancel()
		_, err = io.ReadAll(resp.Body)
		e := asError(t, err)
		require.Equal(t, ReasonCancelled, e.Reason)
		require.Equal(t, "failed to read http/request response body: cancelled", e.Message)
		o.waitClosed(t)
	})
}

func TestEarlyClose(t *testing.T) {
	t.Parallel()
	for _, timeout := range []time.Duration{0, time.Hour} {
		o := newOrigin(t, endless)
		r := get(o.url)
		r.Timeout = timeout
		resp, err := newClient(t, Options{}).Do(t.Context(), r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		o.waitClosed(t)
		_, err = resp.Body.Read(make([]byte, 1))
		require.Error(t, err)
		require.NoError(t, resp.Body.Close(), "a second time")
	}
}

// Close sets a blocked reader free.
func TestCloseWhileReading(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, endless)
	resp, err := newClient(t, Options{}).Do(t.Context(), get(o.url))
	require.NoError(t, err)
	_, err = io.ReadFull(resp.Body, make([]byte, len("start"+hang)))
	require.NoError(t, err)
	ended := make(chan error)
	go func() {
		_, err := resp.Body.Read(make([]byte, 1))
		ended <- err
	}()
	resp.Body.Close()
	e := asError(t, <-ended)
	require.Equal(t, Failed, e.Kind)
	require.True(t, strings.HasPrefix(e.Message, bodyPrefix), e.Message)
}

func TestReadAll(t *testing.T) {
	t.Parallel()
	chunked := func(body string) string {
		return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body
	}
	big := strings.Repeat("x", 3*unknownStart)
	tests := []struct {
		name   string
		answer string
		limit  int64
		want   string
		ok     bool
	}{
		{"known, at the limit", answer("hello"), 5, "hello", true},
		{"known, over the limit", answer("hello"), 4, "", false},
		{"unknown, at the limit", chunked("hello"), 5, "hello", true},
		{"unknown, over the limit", chunked("hello"), 4, "", false},
		{"unknown, far over the limit", chunked(big), 5, "", false},
		{"unknown, growing", chunked(big), int64(len(big)), big, true},
		{"empty", answer(""), 0, "", true},
		{"unknown and empty", chunked(""), 0, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t, tt.answer)
			resp, err := newClient(t, Options{}).Do(t.Context(), get(o.url))
			require.NoError(t, err)
			got, err := resp.ReadAll(tt.limit)
			if tt.ok {
				require.NoError(t, err)
				require.Equal(t, tt.want, string(got))
				require.NotNil(t, got)
				return
			}
			e := asError(t, err)
			require.Equal(t, ReasonBodyTooLarge, e.Reason)
			require.Contains(t, e.Message, "failed to read http/request response body: the body is larger than ")
			require.Nil(t, got)
		})
	}
}

// A length is only believed when the bytes come.
func TestReadAllBelievesNoLength(t *testing.T) {
	t.Parallel()
	require.EqualValues(t, maxKnownStart+1, startSize(1<<60))
	body := bytes.Repeat([]byte("x"), maxKnownStart+10)
	r := Response{ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body))}
	got, err := r.ReadAll(1 << 60)
	require.NoError(t, err)
	require.Equal(t, body, got)
}
