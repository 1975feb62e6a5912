package executor

import (
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/sluice-run/sluice/host/wire"
)

// sessions remembers who was here, so that a caller that lost its connection
// can come back as the same one. A session outlives its connection by keep.
type sessions struct {
	max  int
	keep time.Duration

	mu   sync.Mutex
	byID map[string]*session
}

type session struct {
	id       string
	caller   string // whose it is
	attached bool
	leftAt   time.Time // when the last connection ended
}

// attach gives caller a new session or, if resume is not empty, that one. The
// sessions of other callers are as unknown as those that never were.
func (s *sessions) attach(caller, resume string) (*session, *wire.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetOld()
	if resume == "" {
		return s.create(caller)
	}
	found := s.byID[resume]
	switch {
	case found == nil || found.caller != caller:
		return nil, wire.Errorf(wire.CodeInvalidRequest, "unknown session id %s", clip(resume))
	case found.attached:
		return nil, wire.Errorf(wire.CodeSessionAttached, "session %s is already attached to another connection", resume)
	}
	found.attached = true
	return found, nil
}

func (s *sessions) create(caller string) (*session, *wire.Error) {
	if len(s.byID) >= s.max {
		return nil, overloaded("too many sessions; try again later")
	}
	created := &session{id: newUUID(), caller: caller, attached: true}
	s.byID[created.id] = created
	return created, nil
}

func (s *sessions) detach(one *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one.attached = false
	one.leftAt = time.Now()
}

// forgetOld drops the sessions that nobody resumed in time. It runs when
// somebody arrives, hence the map never grows without being swept.
func (s *sessions) forgetOld() {
	limit := time.Now().Add(-s.keep)
	for id, one := range s.byID {
		if !one.attached && one.leftAt.Before(limit) {
			delete(s.byID, id)
		}
	}
}

// newUUID makes a random UUID (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
