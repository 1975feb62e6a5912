package main

// The origin that every side asks.

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	smallBody = 256
	bigBody   = 256 << 20
	slowFor   = 10 * time.Millisecond
)

type origin struct {
	url   string
	close func()
}

func startOrigin() (*origin, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	small := bytes.Repeat([]byte("x"), smallBody)
	mux := http.NewServeMux()
	mux.HandleFunc("/small", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(small) })
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(slowFor)
		_, _ = w.Write(small)
	})
	mux.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 256<<10)
		for range bigBody / len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, _ = w.Write(body)
		}
	})
	server := &http.Server{Handler: mux}
	go func() { _ = server.Serve(l) }()
	return &origin{url: "http://" + l.Addr().String(), close: func() { _ = server.Close() }}, nil
}
