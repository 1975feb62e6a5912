//go:build interop

package interop

// The player of wire cases: it carries out the steps of one case against one
// server and writes the transcript.

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// stepTimeout bounds each wait of a case. A wait that runs out is part of the
// transcript, not a failure: a server may well not answer.
const stepTimeout = 5 * time.Second

// player plays one case against one server.
type player struct {
	t      *testing.T
	server string // ws://127.0.0.1:PORT
	log    recorder
	origin *origin
	other  *origin
	closed string
	conns  map[string]*peer
	tr     transcript
}

// playCase gives the transcript of a case against the server at url.
func playCase(t *testing.T, c wireCase, url string) []string {
	t.Helper()
	p := &player{t: t, server: url, conns: map[string]*peer{}, closed: closedAddr(t)}
	p.origin = startOrigin(t, "origin", &p.log)
	p.other = startOrigin(t, "other", &p.log)
	p.tr.names = strings.NewReplacer(
		p.origin.addr(), "${ORIGIN}", p.other.addr(), "${OTHER}", p.closed, "${CLOSED}",
		strings.TrimPrefix(url, "ws://"), "${SERVER}",
		":"+p.origin.port(), ":${PORT}")
	defer func() {
		for _, conn := range p.conns {
			conn.ws.CloseNow()
		}
	}()
	for _, s := range c.steps {
		if err := p.do(s); err != nil {
			require.NoError(t, err, "%s, line %d", c.name, s.line)
		}
	}
	for name, conn := range p.conns {
		for id, s := range conn.streams {
			p.tr.add(name, "< stream %s is still open after %d bytes", id, s.body.Len())
		}
	}
	return p.tr.finish(p.log.all())
}

// closedAddr gives a loopback address that refuses connections.
func closedAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func (p *player) do(s step) error {
	switch s.verb {
	case "serve":
		return p.serve(s.arg)
	case "unordered":
		p.tr.unordered = true
		return nil
	case "upgrade", "get":
		return p.httpRequest(s)
	}
	conn, err := p.conn(s.conn)
	if err != nil {
		return err
	}
	switch s.verb {
	case "hello":
		return conn.hello()
	case ">", ">b", ">x", ">bx":
		p.tr.add(s.conn, "%s %s", s.verb, s.arg)
		return conn.send(s)
	case "answer":
		conn.waitFor("answer to "+s.arg, conn.answered, s.arg)
	case "stream":
		conn.waitFor("end of stream "+s.arg, conn.ended, s.arg)
	case "close":
		conn.wait("close", func() bool { return conn.closed })
	case "silence":
		pause, err := time.ParseDuration(s.arg)
		if err != nil {
			return err
		}
		conn.listen(pause)
	case "drop":
		p.tr.add(s.conn, "> drop")
		conn.ws.CloseNow()
	case "bye":
		p.tr.add(s.conn, "> bye")
		conn.leaving = true
		go conn.ws.Close(websocket.StatusNormalClosure, "")
		conn.wait("close", func() bool { return conn.closed })
	}
	return nil
}

// serve sets an answer of the origins. The path begins with "other:" for the
// second one.
func (p *player) serve(arg string) error {
	path, response, _ := strings.Cut(arg, " ")
	response, err := expand(response, p.value)
	if err != nil {
		return err
	}
	response, err = strconv.Unquote(`"` + strings.ReplaceAll(response, `"`, `\"`) + `"`)
	if err != nil {
		return fmt.Errorf("response: %w", err)
	}
	if path, ok := strings.CutPrefix(path, "other:"); ok {
		p.other.serve(path, response)
		return nil
	}
	p.origin.serve(path, response)
	return nil
}

// value gives the placeholders of this case.
func (p *player) value(name, arg string) (string, bool) {
	switch name {
	case "ORIGIN":
		return p.origin.addr(), true
	case "OTHER":
		return p.other.addr(), true
	case "CLOSED":
		return p.closed, true
	case "PORT":
		return p.origin.port(), true
	case "SESSION":
		if conn, ok := p.conns[arg]; ok {
			return conn.session, true
		}
	}
	return "", false
}

// httpRequest makes an upgrade or a plain request to the server itself.
func (p *player) httpRequest(s step) error {
	path, headers, _ := strings.Cut(s.arg, " ")
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", "http"+strings.TrimPrefix(p.server, "ws")+path, nil)
	if err != nil {
		return err
	}
	if s.verb == "upgrade" {
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "websocket")
		r.Header.Set("Sec-WebSocket-Version", "13")
		r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
	}
	if headers != "" {
		for header := range strings.SplitSeq(headers, "; ") {
			name, value, _ := strings.Cut(header, ": ")
			r.Header.Add(name, value)
		}
	}
	p.tr.add("", "> %s %s", s.verb, s.arg)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(r)
	if err != nil {
		p.tr.add("", "< no response")
		return nil
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusSwitchingProtocols {
		p.tr.add("", "< 101")
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	p.tr.add("", "< %d %q", response.StatusCode, text)
	return err
}

// conn gives the connection of that name; it is dialled at its first use.
func (p *player) conn(name string) (*peer, error) {
	if conn, ok := p.conns[name]; ok {
		return conn, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, p.server, nil)
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(-1)
	conn := &peer{
		name: name, player: p, ws: ws, events: make(chan event, 256),
		answered: map[string]int{}, ended: map[string]int{},
		streams: map[string]*stream{}, asked: map[string]string{}, open: map[string]bool{},
	}
	go conn.read()
	p.conns[name] = conn
	return conn, nil
}
