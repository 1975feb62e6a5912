package rpc_test

// Everything at once, for the race detector.

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// lockedCounter is a counter that is made ready while the writer asks it.
type lockedCounter struct {
	mu     sync.Mutex
	left   int
	inLine bool
}

func (c *lockedCounter) Next(dst []byte) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left--
	c.inLine = c.left > 0
	return append(dst, `{"method":"stream"}`...), c.inLine
}

func (c *lockedCounter) add(p *rpc.Peer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left++
	if !c.inLine {
		c.inLine = true
		p.Ready(c)
	}
}

func TestHammer(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			a, b := k.open(t)
			var streamed, noted atomic.Int64
			server, _ := start(t, b, &handlers{request: func(server *rpc.Peer, m *wire.Message) {
				id, echo := m.ID, wire.Raw(append([]byte(nil), m.Params...))
				go func() { _ = server.Reply(id, echo) }()
			}}, &rpc.Options{MaxQueued: 200})
			client, _ := start(t, a, &handlers{notification: func(m *wire.Message) {
				if m.Method == "stream" {
					streamed.Add(1)
				} else {
					noted.Add(1)
				}
			}}, &rpc.Options{MaxQueued: 200})

			const workers, rounds = 8, 50
			ctx := soon(t)
			var wg sync.WaitGroup
			for w := range workers {
				wg.Go(func() {
					for i := range rounds {
						want := fmt.Sprintf(`"%d/%d"`, w, i)
						var got string
						if err := client.Call(ctx, "echo", raw(want), into(&got)); err != nil || got != want {
							t.Errorf("got %s, %v, want %s", got, err, want)
						}
					}
				})
				wg.Go(func() {
					s := &lockedCounter{}
					for range rounds {
						s.add(server)
					}
				})
				wg.Go(func() {
					for range rounds {
						if err := server.Notify(ctx, "note", nil); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			require.NoError(t, server.Flush(ctx))
			// A call that comes after everything was flushed sees all of it.
			require.NoError(t, client.Call(ctx, "echo", raw(`1`), into(new(string))))
			require.EqualValues(t, workers*rounds, streamed.Load())
			require.EqualValues(t, workers*rounds, noted.Load())
		})
	}
}

func TestCloseDuringEverything(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		for _, code := range []rpc.CloseCode{rpc.CloseNormal, rpc.CloseAbnormal} {
			t.Run(fmt.Sprintf("%s %d", k.name, code), func(t *testing.T) {
				t.Parallel()
				a, b := k.open(t)
				server, serverEnd := start(t, b, &handlers{request: func(server *rpc.Peer, m *wire.Message) {
					_ = server.Reply(m.ID, raw(`1`))
				}}, nil)
				client, clientEnd := start(t, a, &handlers{}, nil)
				var wg sync.WaitGroup
				for range 4 {
					wg.Go(func() {
						for client.Call(context.Background(), "echo", nil, into(new(string))) == nil {
						}
					})
					wg.Go(func() {
						for server.Notify(context.Background(), "note", nil) == nil {
						}
					})
					wg.Go(func() {
						for client.Flush(context.Background()) == nil {
						}
					})
				}
				server.Ready(&counter{name: `{"method":"s"}`, left: 1 << 30})
				time.Sleep(5 * time.Millisecond) // let them get into each other's way
				client.Close(code, "enough")
				wg.Wait()
				require.Equal(t, code, requireClosed(t, <-clientEnd).Code)
				requireClosed(t, <-serverEnd)
			})
		}
	}
}
