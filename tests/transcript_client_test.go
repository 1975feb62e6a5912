package tests

// The client as the side under test of transcripts. Its actions:
//
//	connect [JSON]     New, with the params of initialize as options
//	do NAME JSON       Do with these params of http/request
//	stream NAME JSON   Stream with them
//	read NAME          Recv from the body of that stream
//	drain NAME         Recv until its end
//	cancel NAME        end the context of that call
//	drop NAME          close the body of that stream
//	close              Close

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

func TestClientTranscripts(t *testing.T) {
	t.Parallel()
	runTranscripts(t, side{name: "client", own: ">", other: "<", start: startClient})
}

type clientActor struct {
	ch      rpc.Channel
	journal *journal
	ctx     context.Context
	end     context.CancelFunc
	wg      sync.WaitGroup

	mu      sync.Mutex
	client  *client.Client
	bodies  map[string]*client.Body
	cancels map[string]context.CancelFunc
}

func startClient(t *testing.T, ch rpc.Channel, j *journal, _ []txtar.File) actor {
	a := &clientActor{
		ch: ch, journal: j,
		bodies:  make(map[string]*client.Body),
		cancels: make(map[string]context.CancelFunc),
	}
	a.ctx, a.end = context.WithCancel(t.Context())
	return a
}

func (a *clientActor) act(action string) error {
	verb, rest, _ := strings.Cut(action, " ")
	name, params, _ := strings.Cut(rest, " ")
	a.mu.Lock()
	defer a.mu.Unlock()
	body, cancel := a.bodies[name], a.cancels[name]
	switch {
	case verb != "connect" && a.client == nil:
		return errors.New("the client is not connected")
	case body == nil && (verb == "read" || verb == "drain" || verb == "drop"):
		return errors.New("there is no such body")
	case cancel == nil && verb == "cancel":
		return errors.New("there is no such call")
	}
	switch verb {
	case "connect":
		return a.connect(rest)
	case "do", "stream":
		req, err := wire.DecodeHTTPRequest([]byte(params))
		if err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(a.ctx)
		a.cancels[name] = cancel
		if verb == "do" {
			a.wg.Go(func() { a.do(ctx, name, &req) })
		} else {
			a.wg.Go(func() { a.stream(ctx, name, &req) })
		}
	case "read":
		a.wg.Go(func() { a.read(name, body) })
	case "drain":
		a.wg.Go(func() { a.drain(name, body) })
	case "cancel":
		cancel()
	case "drop":
		return body.Close()
	case "close":
		return a.client.Close()
	default:
		return errors.New("no such action")
	}
	return nil
}

func (a *clientActor) connect(params string) error {
	o := &client.Options{RPC: &rpc.Options{PingInterval: -1}}
	if params != "" {
		p, err := wire.DecodeInitializeParams([]byte(params))
		if err != nil {
			return err
		}
		o.ClientName, o.ResumeSessionID = p.ClientName, p.ResumeSessionID
	}
	a.wg.Go(func() {
		c, err := client.New(a.ctx, a.ch, o)
		if err != nil {
			a.journal.outcome("connect: %v", err)
			return
		}
		a.mu.Lock()
		a.client = c
		a.mu.Unlock()
		a.journal.outcome("connect: session %s", c.SessionID())
	})
	return nil
}

func (a *clientActor) do(ctx context.Context, name string, req *client.Request) {
	res, err := a.client.Do(ctx, req)
	if err != nil {
		a.failed(name, err)
		return
	}
	a.journal.outcome("%s: %d %q %q", name, res.Status, res.Headers, res.Body)
}

func (a *clientActor) stream(ctx context.Context, name string, req *client.Request) {
	res, err := a.client.Stream(ctx, req)
	if err != nil {
		a.failed(name, err)
		return
	}
	a.mu.Lock()
	a.bodies[name] = res.Body
	a.mu.Unlock()
	a.journal.outcome("%s: %d %q", name, res.Status, res.Headers)
}

func (a *clientActor) read(name string, body *client.Body) {
	chunk, err := body.Recv()
	if err != nil {
		a.failed(name, err)
		return
	}
	a.journal.outcome("%s: %q", name, chunk)
}

func (a *clientActor) drain(name string, body *client.Body) {
	chunks, err := countChunks(body)
	a.journal.outcome("%s: %d more", name, chunks)
	a.failed(name, err)
}

// failed notes an error, with its code if the executor sent it.
func (a *clientActor) failed(name string, err error) {
	var answered *wire.Error
	if errors.As(err, &answered) {
		a.journal.outcome("%s: error %d %q %v", name, int(answered.Code), answered.Reason, answered)
		return
	}
	a.journal.outcome("%s: %v", name, err)
}

func (a *clientActor) stop() {
	a.end()
	a.wg.Wait()
	if a.client != nil {
		_ = a.client.Close()
	}
}
