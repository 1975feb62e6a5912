package main

// From flags to a request.

import (
	"io"
	"net/http"
	"strings"

	"github.com/sluice-run/sluice/cmd/sluice/internal/args"
	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/wire"
)

// formType is what data is taken for unless a header says otherwise.
const formType = "application/x-www-form-urlencoded"

func (r *requestCmd) build(stdin io.Reader) (*client.Request, error) {
	req := &client.Request{Method: r.Method, URL: r.URL, Redirect: wire.RedirectFollow}
	if r.Redirect == "stop" {
		req.Redirect = wire.RedirectStop
	}
	if r.Timeout > 0 {
		ms := uint64(r.Timeout.Milliseconds())
		req.TimeoutMs = &ms
	}
	for _, line := range r.Header {
		h, err := args.ParseHeader(line)
		if err != nil {
			return nil, usage("--header: %w", err)
		}
		req.Headers = append(req.Headers, client.Header{Name: h.Name, Value: h.Value})
	}
	if err := r.addBody(req, stdin); err != nil {
		return nil, err
	}
	if req.Method == "" {
		req.Method = r.defaultMethod(req.Body != nil)
	}
	return req, nil
}

func (r *requestCmd) addBody(req *client.Request, stdin io.Reader) error {
	var err error
	switch {
	case len(r.Data) > 0:
		req.Body, err = args.Form(r.Data, stdin)
	case len(r.DataRaw) > 0:
		req.Body = []byte(strings.Join(r.DataRaw, "&"))
	case r.DataBinary != nil:
		req.Body, err = args.Binary(*r.DataBinary, stdin)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	if req.Body == nil {
		req.Body = []byte{} // empty, but there
	}
	for i := range req.Headers {
		if strings.EqualFold(req.Headers[i].Name, "content-type") {
			return nil
		}
	}
	req.Headers = append(req.Headers, client.Header{Name: "content-type", Value: formType})
	return nil
}

func (r *requestCmd) defaultMethod(body bool) string {
	switch {
	case r.Head:
		return http.MethodHead
	case body:
		return http.MethodPost
	}
	return http.MethodGet
}
