package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/coder/websocket"

	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// dialer makes an upgrade request. It takes no proxy from the environment, leaves
// no connection behind, and follows no redirect: a token is for the executor
// that was named and for nobody else.
func dialer(o *Options) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: o.TLS, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Dial connects to the executor at url (ws:// or wss://) and introduces itself.
// ctx covers connecting and introduction, not what comes after.
func Dial(ctx context.Context, url string, o *Options) (*Client, error) {
	if o == nil {
		o = &Options{}
	}
	header := http.Header{}
	if o.Token != "" {
		header.Set("Authorization", "Bearer "+o.Token)
	}
	conn, res, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPClient:      dialer(o),
		HTTPHeader:      header,
		CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, dialError(url, res, err)
	}
	return New(ctx, rpc.WebSocket(conn, wire.MaxResult), o)
}

// dialError names the executor's own words if it refused the upgrade.
func dialError(url string, res *http.Response, err error) error {
	if res == nil || res.Body == nil || res.StatusCode == http.StatusSwitchingProtocols {
		return fmt.Errorf("connect to executor %s: %w", url, err)
	}
	text, _ := io.ReadAll(io.LimitReader(res.Body, 256))
	return fmt.Errorf("connect to executor %s: refused with %s: %s", url, res.Status, strings.TrimSpace(string(text)))
}
