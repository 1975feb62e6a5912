package client

// What a client keeps of streams that are over: nothing.

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/peertest"
	"github.com/sluice-run/sluice/host/wire"
)

func TestNoRouteIsLeftBehind(t *testing.T) {
	t.Parallel()
	open := func(p *peertest.ExecutorPeer) {
		id, _ := p.ReadRequest()
		p.Respond(id, wire.HTTPResponse{Status: 200})
	}
	piece := func(seq uint64, problem string, done bool) wire.BodyDelta {
		return wire.BodyDelta{RequestID: "http-1", Seq: seq, Delta: []byte("x"), Done: done, Error: problem}
	}
	for name, tc := range map[string]struct {
		script func(p *peertest.ExecutorPeer)
		// body is what is done with the body, if there is one.
		body func(b *Body)
	}{
		"end":   {script: func(p *peertest.ExecutorPeer) { open(p); p.Delta(piece(1, "", true)) }},
		"error": {script: func(p *peertest.ExecutorPeer) { open(p); p.Delta(piece(1, "reset", true)) }},
		"gap":   {script: func(p *peertest.ExecutorPeer) { open(p); p.Delta(piece(2, "", false)) }},
		"overflow": {script: func(p *peertest.ExecutorPeer) {
			open(p)
			for seq := range uint64(257) {
				p.Delta(piece(seq+1, "", false))
			}
		}},
		"closed": {script: open, body: func(b *Body) { _ = b.Close() }},
		"refused": {script: func(p *peertest.ExecutorPeer) {
			id, _ := p.ReadRequest()
			p.RespondError(id, wire.Errorf(wire.CodeDenied, "no"))
		}},
		"given up":  {script: func(p *peertest.ExecutorPeer) { p.ReadRequest() }},
		"senseless": {script: func(p *peertest.ExecutorPeer) { id, _ := p.ReadRequest(); p.Result(id, nil) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, err := New(t.Context(), peertest.PipeExecutor(t, tc.script), nil)
				require.NoError(t, err)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				res, err := c.Stream(ctx, &Request{Method: "GET", URL: "https://a.test/"})
				if tc.body != nil {
					tc.body(res.Body)
				}
				synctest.Wait()
				c.mu.Lock()
				left := len(c.routes)
				c.mu.Unlock()
				require.Zero(t, left)
				if err == nil && tc.body == nil {
					_, err = io.Copy(io.Discard, res.Body)
					require.NotErrorIs(t, err, context.DeadlineExceeded, "the body has its end")
				}
				require.NoError(t, c.Close())
			})
		})
	}
}
