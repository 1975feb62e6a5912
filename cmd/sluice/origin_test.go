package main

// The origin that the scripts send their requests to.

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
)

type origin struct {
	server  *httptest.Server
	hanging chan struct{} // a request for /hang has arrived
}

func startOrigin(t *testing.T) *origin {
	o := &origin{hanging: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("/hello", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") })
	mux.HandleFunc("/echo", echo)
	mux.HandleFunc("/status/{code}", status)
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/hello", http.StatusFound) })
	mux.HandleFunc("/bytes", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte{0xff, 0xfe, 0}) })
	mux.HandleFunc("/events", events)
	mux.HandleFunc("/cut", cut)
	mux.HandleFunc("/late", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/hang", o.hang)
	o.server = httptest.NewServer(mux)
	// Not deferred: the scripts run in parallel once TestScripts has returned.
	t.Cleanup(o.server.Close)
	return o
}

// echo answers with what it received.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s\n", r.Method, r.URL.RequestURI())
	names := []string{}
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(w, "%s: %s\n", strings.ToLower(name), strings.Join(r.Header[name], ", "))
	}
	fmt.Fprintf(w, "body: %q\n", body)
}

func status(w http.ResponseWriter, r *http.Request) {
	code, _ := strconv.Atoi(r.PathValue("code"))
	w.WriteHeader(code)
	fmt.Fprintf(w, "status %d\n", code)
}

func events(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for i := range 3 {
		fmt.Fprintf(w, "data: %d\n\n", i)
		w.(http.Flusher).Flush()
	}
}

// cut promises more than it sends.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	fmt.Fprint(w, "half")
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// hang does not answer until the request is given up.
func (o *origin) hang(_ http.ResponseWriter, r *http.Request) {
	select {
	case o.hanging <- struct{}{}:
		<-r.Context().Done()
	case <-r.Context().Done():
	}
}
