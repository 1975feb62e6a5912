package peertest

// The settings of both scripted sides.

import (
	"time"

	"github.com/sluice-run/sluice/host/wire"
)

// defaultTimeout is how long one step may wait.
const defaultTimeout = 5 * time.Second

type settings struct {
	timeout     time.Duration
	byHand      bool
	strict      bool
	token       string
	sessionID   string
	environment wire.EnvironmentInfo
	clientName  string
	resume      string
}

// An Option changes one setting of a scripted side.
type Option func(*settings)

func newSettings(options []Option) settings {
	s := settings{
		timeout:     defaultTimeout,
		sessionID:   "session-1",
		environment: wire.EnvironmentInfo{ShellName: "sh", ShellPath: "/bin/sh"},
		clientName:  "peertest",
	}
	for _, o := range options {
		o(&s)
	}
	return s
}

// Timeout is how long one step may wait. Default 5 s.
func Timeout(d time.Duration) Option { return func(s *settings) { s.timeout = d } }

// ByHand leaves the handshake to the script.
func ByHand() Option { return func(s *settings) { s.byHand = true } }

// Strict makes a scripted executor fail the test if a message arrives after its
// script has ended.
func Strict() Option { return func(s *settings) { s.strict = true } }

// Token is the bearer token that a scripted executor asks for, or that
// DialCaller shows.
func Token(token string) Option { return func(s *settings) { s.token = token } }

// Session is the id of the session that a scripted executor opens. Default
// "session-1".
func Session(id string) Option { return func(s *settings) { s.sessionID = id } }

// Environment is what a scripted executor says of its machine. Default a shell
// "sh" at /bin/sh.
func Environment(e wire.EnvironmentInfo) Option { return func(s *settings) { s.environment = e } }

// ClientName is how a scripted caller introduces itself. Default "peertest".
func ClientName(name string) Option { return func(s *settings) { s.clientName = name } }

// Resume is the session that a scripted caller asks to resume.
func Resume(sessionID string) Option { return func(s *settings) { s.resume = sessionID } }
