package main

// The origin: an HTTP server that remembers what it was asked.

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

type origin struct {
	addr   string
	server *http.Server
	seen   atomic.Int64                // requests so far
	last   atomic.Pointer[http.Header] // of the latest request
	next   chan struct{}               // the caller has the latest event
}

func startOrigin() (*origin, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o := &origin{addr: l.Addr().String(), next: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("/greeting", greeting)
	mux.HandleFunc("/events", o.events)
	mux.HandleFunc("/headers", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "noted") })
	o.server = &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.seen.Add(1)
		header := r.Header.Clone()
		o.last.Store(&header)
		mux.ServeHTTP(w, r)
	})}
	go o.server.Serve(l) // ends with close
	return o, nil
}

func (o *origin) url(path string) string { return "http://" + o.addr + path }

func (o *origin) close() { _ = o.server.Close() }

func greeting(w http.ResponseWriter, r *http.Request) {
	var who struct{ Name string }
	if err := json.NewDecoder(r.Body).Decode(&who); err != nil {
		http.Error(w, "say who you are", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"greeting":"Hello, %s!"}`, who.Name)
}

// eventTexts are what /events sends.
var eventTexts = []string{"the gate opens", "water runs", "the gate closes"}

// eventPause is the time between two events.
const eventPause = 250 * time.Millisecond

// events sends an event only once the caller has the one before: if anybody on
// the way held events back, it would wait for ever.
func (o *origin) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, text := range eventTexts {
		fmt.Fprintf(w, "data: %s\n\n", text)
		w.(http.Flusher).Flush()
		select {
		case <-o.next:
			time.Sleep(eventPause)
		case <-r.Context().Done():
			return
		}
	}
}
