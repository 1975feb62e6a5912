package rpc_test

import (
	"context"
	"fmt"

	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// greeter answers every request.
type greeter struct{ peer *rpc.Peer }

func (g *greeter) Request(m *wire.Message) { _ = g.peer.Reply(m.ID, wire.Raw(`"hello"`)) }

func (g *greeter) Notification(*wire.Message) {}
func (g *greeter) Stray(*wire.Message)        {}
func (g *greeter) Malformed(error)            {}

// caller has nothing to offer: it only calls.
type caller struct{}

func (caller) Request(*wire.Message)      {}
func (caller) Notification(*wire.Message) {}
func (caller) Stray(*wire.Message)        {}
func (caller) Malformed(error)            {}

// Two peers in one program, connected by a pipe.
func ExamplePeer() {
	left, right := rpc.Pipe()
	g := &greeter{}
	g.peer = rpc.NewPeer(right, g, nil)
	go func() { _ = g.peer.Run() }()

	p := rpc.NewPeer(left, caller{}, nil)
	ended := make(chan error, 1)
	go func() { ended <- p.Run() }()

	err := p.Call(context.Background(), "greet", nil, func(result []byte) error {
		fmt.Println(string(result))
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	p.Close(rpc.CloseNormal, "good bye")
	fmt.Println(<-ended)
	// Output:
	// "hello"
	// connection closed (1000): good bye
}
