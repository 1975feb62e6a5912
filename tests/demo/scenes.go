package main

// The scenes: what is asked, and how it should end.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/wire"
)

// stage is what the scenes play on.
type stage struct {
	client *client.Client
	origin *origin
	out    *screen
}

type scene struct {
	title string
	play  func(context.Context, *stage) error
}

var scenes = []scene{
	{"A request and its whole response", buffered},
	{"A response that arrives bit by bit", streamed},
	{"The policy does not allow this method", deniedMethod},
	{"The policy does not allow this scheme", deniedScheme},
	{"The policy rewrites a request", rewritten},
}

func buffered(ctx context.Context, s *stage) error {
	req := &client.Request{
		Method:  http.MethodPost,
		URL:     s.origin.url("/greeting"),
		Headers: []client.Header{{Name: "content-type", Value: "application/json"}},
		Body:    []byte(`{"name":"Ada"}`),
	}
	s.out.sends("%s %s  %s", req.Method, req.URL, req.Body)
	started := time.Now()
	res, err := s.client.Do(ctx, req)
	if err != nil {
		return err
	}
	s.out.good(time.Since(started), "%d %s  %s", res.Status, http.StatusText(res.Status), res.Body)
	if res.Status != http.StatusCreated || string(res.Body) != `{"greeting":"Hello, Ada!"}` {
		return errors.New("that is not the origin's answer")
	}
	return nil
}

func streamed(ctx context.Context, s *stage) error {
	req := &client.Request{Method: http.MethodGet, URL: s.origin.url("/events")}
	s.out.sends("%s %s  as a stream", req.Method, req.URL)
	started := time.Now()
	res, err := s.client.Stream(ctx, req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	s.out.good(time.Since(started), "%d %s, the head", res.Status, http.StatusText(res.Status))
	lines := bufio.NewReader(res.Body)
	for _, text := range eventTexts {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		s.out.good(time.Since(started), "%s", strings.TrimSpace(line))
		blank, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		if line+blank != "data: "+text+"\n\n" {
			return fmt.Errorf("expected the event %q", text)
		}
		select {
		case s.origin.next <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if _, err := lines.ReadByte(); err != io.EOF {
		return fmt.Errorf("expected the end of the stream, got %v", err)
	}
	s.out.note("the origin sent each one only after the one before had come through")
	return nil
}

func deniedMethod(ctx context.Context, s *stage) error {
	req := &client.Request{Method: http.MethodDelete, URL: s.origin.url("/greeting")}
	return denied(ctx, s, req, "method_not_allowed")
}

func deniedScheme(ctx context.Context, s *stage) error {
	req := &client.Request{Method: http.MethodGet, URL: strings.Replace(s.origin.url("/greeting"), "http:", "https:", 1)}
	return denied(ctx, s, req, "scheme_not_allowed")
}

// denied sends what must not arrive.
func denied(ctx context.Context, s *stage, req *client.Request, reason string) error {
	s.out.sends("%s %s", req.Method, req.URL)
	before := s.origin.seen.Load()
	started := time.Now()
	_, err := s.client.Do(ctx, req)
	var refusal *wire.Error
	if !errors.As(err, &refusal) || refusal.Code != wire.CodeDenied {
		return fmt.Errorf("expected a denial, got %w", err)
	}
	s.out.refused(time.Since(started), "%s (%d): %s", refusal.Reason, int(refusal.Code), refusal.Message)
	if refusal.Reason != reason {
		return fmt.Errorf("expected the reason %s", reason)
	}
	if s.origin.seen.Load() != before {
		return errors.New("the request reached the origin")
	}
	s.out.note("nothing reached the origin")
	return nil
}

func rewritten(ctx context.Context, s *stage) error {
	req := &client.Request{
		Method: http.MethodGet,
		URL:    s.origin.url("/headers"),
		Headers: []client.Header{
			{Name: "cookie", Value: "session=4711"},
			{Name: "x-request", Value: "hello"},
		},
	}
	sent := make(http.Header)
	for _, h := range req.Headers {
		sent.Add(h.Name, h.Value)
	}
	s.out.sends("%s %s", req.Method, req.URL)
	s.out.headers("sent", sent)
	started := time.Now()
	if _, err := s.client.Do(ctx, req); err != nil {
		return err
	}
	elapsed := time.Since(started)
	arrived := *s.origin.last.Load()
	s.out.headers("arrived", arrived)
	switch {
	case arrived.Get("Cookie") != "":
		return errors.New("the cookie reached the origin")
	case arrived.Get("X-Checked-By") != "sluice":
		return errors.New("the header of the policy is missing")
	case arrived.Get("X-Request") != "hello":
		return errors.New("the caller's other header is missing")
	}
	s.out.good(elapsed, "the cookie was removed, x-checked-by was added, the rest passed")
	return nil
}
