package client

import (
	"github.com/sluice-run/sluice/host/rpc"
	"github.com/sluice-run/sluice/host/wire"
)

// handler is the client as the peer sees it.
type handler Client

// Request answers the executor's requests: a client offers no methods.
func (h *handler) Request(msg *wire.Message) {
	_ = h.peer.ReplyError(msg.ID, wire.Errorf(wire.CodeMethodNotFound, "a client offers no methods"))
}

// Notification hands body deltas to their streams and ignores all others, as it
// ignores deltas of streams that are gone.
func (h *handler) Notification(msg *wire.Message) {
	if msg.Method != wire.MethodBodyDelta {
		return
	}
	d, err := wire.DecodeBodyDelta(msg.Params)
	if err != nil {
		h.peer.Close(rpc.CloseProtocolError, "malformed body delta")
		return
	}
	c := (*Client)(h)
	if route := c.route(d.RequestID); route != nil && !route.Push(&d) {
		c.remove(d.RequestID)
	}
}

// Stray is a late answer to a call that was given up.
func (h *handler) Stray(*wire.Message) {}

// Malformed ends the connection: an executor that does not speak JSON-RPC
// cannot be trusted to keep streams apart.
func (h *handler) Malformed(error) {
	h.peer.Close(rpc.CloseProtocolError, "message is not JSON-RPC")
}
