package executor

// Connections that nobody uses.

import (
	"time"

	"github.com/sluice-run/sluice/host/rpc"
)

// watchIdle begins to count the time without a request.
func (c *conn) watchIdle() {
	if c.exec.opts.IdleTimeout == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle == nil {
		c.idle = time.AfterFunc(c.exec.opts.IdleTimeout, c.endIdle)
	}
}

func (c *conn) endIdle() {
	c.mu.Lock()
	busy := c.left > 0 // a request came as the time ended
	c.mu.Unlock()
	if !busy {
		c.peer.Close(rpc.CloseGoingAway, "idle for too long")
	}
}
