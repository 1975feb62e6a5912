package executor

// Connections that are no websockets yet.

import (
	"net"
	"net/http"
	"sync/atomic"
)

// maxLobby bounds the connections of one listener that have not been upgraded.
// MaxConnections counts callers who were let in; these may be anybody, and each
// costs a file descriptor until its header is there or late.
const maxLobby = 1024

// lobby counts them. What comes when it is full is closed without a word: a word
// would take as long as what is to be prevented.
type lobby struct {
	max   int64
	count atomic.Int64
}

// watch is http.Server.ConnState.
func (l *lobby) watch(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if l.count.Add(1) > l.max {
			_ = c.Close() // StateClosed follows
		}
	case http.StateHijacked, http.StateClosed:
		l.count.Add(-1)
	}
}
