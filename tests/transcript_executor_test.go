package tests

// The executor as the side under test of transcripts, between callers and a
// network in memory. Its actions:
//
//	origin N "BYTES"   the origin at the end of the N-th connection sends this,
//	                   with Go's escapes
//	origin N hang up   it closes that connection
//	drain              Drain, which gives up after a minute
//
// Its outcomes are what origins get: whole requests, and the end of connections.
// Sections of its own:
//
//	options   fields of executor.Options in JSON
//	rules     a configuration of the built-in policy, which then judges; without
//	          the section a policy of two lines of Go does
//
// Session ids, which are random, appear as session-1, session-2 and so on.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/egress"
	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/policy"
	"github.com/sluice-run/sluice/host/rpc"
)

func TestExecutorTranscripts(t *testing.T) {
	t.Parallel()
	load(t, policy.Standard(), "") // into the cache, before all compile it at once
	runTranscripts(t, side{name: "executor", own: "<", other: ">", start: startExecutorSide})
}

type executorActor struct {
	exec     *executor.Executor
	policy   *policy.Policy // nil if there is no module
	network  *network
	sessions sessionNames
	journal  *journal
	wg       sync.WaitGroup
}

func startExecutorSide(t *testing.T, ch rpc.Channel, j *journal, sections []txtar.File) actor {
	a := &executorActor{network: &network{journal: j}, journal: j}
	o := executor.Options{Policy: plainPolicy{}, PolicyName: "plain"}
	for _, section := range sections {
		switch section.Name {
		case "options":
			decoder := json.NewDecoder(strings.NewReader(string(section.Data)))
			decoder.DisallowUnknownFields()
			require.NoError(t, decoder.Decode(&o))
		case "rules":
			// Loaded here, so that all of it lives with the transcript's clock.
			src := policy.Standard()
			var err error
			src.Config, err = policy.ParseConfig(section.Data)
			require.NoError(t, err)
			a.policy, err = policy.Load(t.Context(), src, policy.Options{CacheDir: cacheDir()})
			require.NoError(t, err)
			o.Policy, o.PolicyName = a.policy, a.policy.Name()
		}
	}
	rules, err := egress.ParseNetRules([]string{originNet})
	require.NoError(t, err)
	o.Egress = egress.Options{Net: rules, Resolver: a.network, Connect: a.network.connect}
	a.exec = executor.New(o)
	a.join(ch)
	return a
}

func (a *executorActor) join(ch rpc.Channel) {
	a.wg.Go(func() { _ = a.exec.ServeChannel(&namedSessions{ch, &a.sessions}, "caller:1") })
}

func (a *executorActor) act(action string) error {
	verb, rest, _ := strings.Cut(action, " ")
	switch verb {
	case "origin":
		number, what, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			return err
		}
		if what == "hang up" {
			return a.network.hangUp(n)
		}
		text, err := strconv.Unquote(what)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return a.network.send(n, text)
	case "drain":
		a.wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := a.exec.Drain(ctx); err != nil {
				a.journal.outcome("drain: %v", err)
				return
			}
			a.journal.outcome("drain: done")
		})
		return nil
	}
	return errors.New("no such action")
}

func (a *executorActor) stop() {
	a.exec.Close()
	a.network.close()
	a.wg.Wait()
	if a.policy != nil {
		_ = a.policy.Close(context.Background())
	}
}

// plainPolicy is a policy without a module: it writes the names of a response's
// headers as the protocol wants them, and fails at the path /fail.
type plainPolicy struct{}

func (plainPolicy) OnRequest(_ context.Context, q *abi.Request, _ *abi.Decision) error {
	if q.Path == "/fail" {
		return errors.New("a text that no caller should see")
	}
	return nil
}

func (plainPolicy) OnResponse(_ context.Context, r *abi.Response, d *abi.Decision) error {
	d.Edits = abi.EditHeaders
	for _, h := range r.Headers {
		d.Headers = append(d.Headers, abi.Header{Name: strings.ToLower(h.Name), Value: h.Value})
	}
	return nil
}

// sessionNames gives the sessions of one transcript names.
type sessionNames struct {
	mu  sync.Mutex
	ids []string // the id of session-1 first
}

var sessionID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func (s *sessionNames) hide(frame []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sessionID.ReplaceAllFunc(frame, func(found []byte) []byte {
		for i, id := range s.ids {
			if id == string(found) {
				return fmt.Appendf(nil, "session-%d", i+1)
			}
		}
		s.ids = append(s.ids, string(found))
		return fmt.Appendf(nil, "session-%d", len(s.ids))
	})
}

func (s *sessionNames) show(frame []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := string(frame)
	for i, id := range s.ids {
		text = strings.ReplaceAll(text, fmt.Sprintf(`"session-%d"`, i+1), `"`+id+`"`)
	}
	return []byte(text)
}

// namedSessions is the executor's end of a connection on which sessions have
// names instead of their ids.
type namedSessions struct {
	rpc.Channel
	names *sessionNames
}

func (c *namedSessions) Send(msg []byte) error { return c.Channel.Send(c.names.hide(msg)) }

func (c *namedSessions) Recv(buf []byte) ([]byte, error) {
	frame, err := c.Channel.Recv(buf)
	if err != nil {
		return nil, err
	}
	return c.names.show(frame), nil
}
