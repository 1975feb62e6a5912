package egress

// The client: one transport for all requests.

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/sluice-run/sluice/abi"
)

// Client makes requests. It is safe for use by many goroutines.
type Client struct {
	policy       Policy
	transport    *http.Transport
	maxRedirects int
	insecure     bool // redirects from https to http
	closed       atomic.Bool
}

// New makes a client. Options are copied.
func New(o Options) *Client {
	d := &dialer{
		resolver:  o.Resolver,
		rules:     o.Net,
		own:       o.OwnListeners,
		timeout:   cmp.Or(o.ConnectTimeout, DefaultConnectTimeout),
		connectTo: o.Connect,
	}
	if d.connectTo == nil {
		d.connectTo = connectTCP
	}
	if d.resolver == nil {
		d.resolver = net.DefaultResolver
	}
	return &Client{
		policy:       o.Policy,
		maxRedirects: cmp.Or(o.MaxRedirects, DefaultMaxRedirects),
		insecure:     o.AllowInsecureRedirects,
		transport: &http.Transport{
			// No Proxy: a proxy would resolve names where nobody judges them.
			DialContext:            d.dial,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
			TLSHandshakeTimeout:    cmp.Or(o.TLSHandshakeTimeout, DefaultTLSHandshakeTimeout),
			ResponseHeaderTimeout:  o.ResponseHeaderTimeout,
			MaxResponseHeaderBytes: cmp.Or(o.MaxResponseHeaderBytes, DefaultMaxResponseHeaderBytes),
			ForceAttemptHTTP2:      true,
			HTTP2:                  &http.HTTP2Config{SendPingTimeout: http2PingAfter},
			DisableCompression:     true,
			MaxIdleConns:           maxIdleConns,
			MaxIdleConnsPerHost:    maxIdleConnsPerHost,
			IdleConnTimeout:        idleConnTimeout,
		},
	}
}

// Close closes idle connections and refuses further requests. Requests in
// flight end with their contexts.
func (c *Client) Close() {
	c.closed.Store(true)
	c.transport.CloseIdleConnections()
}

// Do makes one request, over as many hops as its redirects ask for. Its error
// is of type *Error. Neither the headers nor the body may change until the
// response's body is closed.
func (c *Client) Do(ctx context.Context, req *Request) (*Response, error) {
	resp, err := c.do(ctx, req)
	if err != nil {
		return nil, err
	}
	return resp, nil
}

func (c *Client) do(ctx context.Context, req *Request) (*Response, *Error) {
	if c.closed.Load() {
		return nil, failed(ReasonClosed, "the executor is closing", nil)
	}
	x := exchange{client: c, req: req, ctx: ctx, policy: req.Policy}
	if x.policy == nil {
		x.policy = c.policy
	}
	if x.policy == nil {
		return nil, denied(ReasonPolicyMissing, "there is none", nil)
	}
	if err := checkBounds(req); err != nil {
		return nil, err
	}
	t, err := readURL(req.URL)
	if err != nil {
		return nil, err
	}
	x.hop = hop{method: req.Method, target: t, headers: req.Headers, secrets: req.Secrets, home: t.origin(), body: req.Body}
	if req.Timeout < 0 {
		return nil, failed(ReasonTimedOut, "timed out after 0s", nil)
	}
	if req.Timeout > 0 {
		x.ctx, x.cancel = context.WithTimeoutCause(ctx, req.Timeout, &timeoutError{req.Timeout})
	}
	resp, err := x.run()
	if err != nil && x.cancel != nil {
		x.cancel()
	}
	return resp, err
}

// bodyForm tells a policy of a request's body.
func bodyForm(body []byte) (abi.BodyForm, uint64) {
	if body == nil {
		return abi.BodyNone, 0
	}
	return abi.BodyBytes, uint64(len(body))
}
