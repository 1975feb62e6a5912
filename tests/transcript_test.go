package tests

// Wire transcripts: whole conversations, message by message, played in memory
// and with a clock of their own.
//
// A file of testdata/client or testdata/executor is a txtar archive. Its comment
// says what it shows; the section named after the side under test has the steps:
//
//	! ACTION      the side under test does something
//	> FRAME       a message of the client
//	< FRAME       a message of the executor
//	<*N FRAME     the same N times, with ${n} counting from 1; also >*N
//	>| CODE TEXT  the client closes the connection; <| is the executor
//	>2 FRAME      the same on a second connection; also <2, >2*N, >2| and so on
//	= OUTCOME     what the side under test has made of it
//	# …           a remark; it stands before the step that it is about
//
// Actions and what the other side says are played. What the side under test says
// and its outcomes are expected, at the latest when it has nothing left to do
// but wait. "! wait 5s" moves the clock. Other sections are for the side under
// test. After a change,
//
//	go test ./tests -run Transcripts -update
//
// writes what is expected anew: read the difference before you believe it.

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/rpc"
)

var update = flag.Bool("update", false, "write anew what transcripts expect")

// side is who is under test.
type side struct {
	name string
	// own and other mark the messages of the side under test and of the other.
	own, other string
	// start sets the side up on its end of the connection.
	start startSide
}

// startSide gets all sections of the transcript. Outcomes go to the journal.
type startSide func(t *testing.T, ch rpc.Channel, j *journal, sections []txtar.File) actor

// A joiner is an actor that takes more than one connection.
type joiner interface {
	join(ch rpc.Channel)
}

// An actor is the side under test as the runner sees it.
type actor interface {
	// act begins an action and does not wait for what comes of it.
	act(action string) error
	// stop ends everything; the connection is gone.
	stop()
}

// journal is what the side under test has said and made of things since it was
// last asked.
type journal struct {
	mu       sync.Mutex
	frames   []string
	outcomes []string
}

func (j *journal) outcome(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.outcomes = append(j.outcomes, "= "+fmt.Sprintf(format, args...))
}

func (j *journal) frame(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.frames = append(j.frames, line)
}

// take gives messages in their order, then outcomes, which have none if they
// come at the same time.
func (j *journal) take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	slices.Sort(j.outcomes)
	lines := append(j.frames, j.outcomes...)
	j.frames, j.outcomes = nil, nil
	return lines
}

// runTranscripts plays all files of testdata/NAME.
func runTranscripts(t *testing.T, s side) {
	files, err := filepath.Glob(filepath.Join("testdata", s.name, "*.txtar"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			require.NoError(t, err)
			require.NotEmpty(t, strings.TrimSpace(string(archive.Comment)), "the comment says what the file shows")
			i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == s.name })
			require.GreaterOrEqual(t, i, 0, "no section %s", s.name)
			steps := strings.Split(strings.TrimRight(string(archive.Files[i].Data), "\n"), "\n")

			var happened []string
			synctest.Test(t, func(t *testing.T) { happened = s.play(t, steps, archive.Files) })
			got := strings.Join(happened, "\n") + "\n"
			if *update {
				archive.Files[i].Data = []byte(got)
				require.NoError(t, os.WriteFile(file, txtar.Format(archive), 0o644))
				return
			}
			require.Equal(t, string(archive.Files[i].Data), got)
		})
	}
}

// play plays the steps and returns the transcript of what has happened.
func (s side) play(t *testing.T, steps []string, sections []txtar.File) (happened []string) {
	c := conversation{side: s, conns: make(map[string]rpc.Channel)}
	c.under = s.start(t, c.open(""), &c.journal, sections)
	for _, step := range steps {
		if strings.HasPrefix(step, "=") || strings.HasPrefix(step, s.own) {
			continue // expected: what really happens takes its place
		}
		happened = append(happened, step)
		if step == "" || strings.HasPrefix(step, "#") {
			continue
		}
		if err := c.step(step); err != nil {
			t.Errorf("%s: %v", step, err)
		}
		synctest.Wait()
		happened = append(happened, c.journal.take()...)
	}
	for _, ch := range c.conns {
		_ = ch.Close(rpc.CloseAbnormal, "")
	}
	c.under.stop()
	c.wg.Wait()
	return happened
}

// conversation is a transcript that is being played.
type conversation struct {
	side
	under   actor
	journal journal
	conns   map[string]rpc.Channel // by number; the first has none
	wg      sync.WaitGroup
}

// open makes a connection and returns the end of the side under test.
func (c *conversation) open(number string) rpc.Channel {
	ours, theirs := rpc.Pipe()
	c.conns[number] = ours
	c.wg.Go(func() { c.listen(ours, c.own+number) })
	return theirs
}

// listen notes what the side under test sends.
func (c *conversation) listen(ch rpc.Channel, mark string) {
	for {
		frame, err := ch.Recv(nil)
		var closed *rpc.CloseError
		switch {
		case err == nil:
			c.journal.frame(mark + " " + string(frame))
		case errors.As(err, &closed) && closed.Remote:
			c.journal.frame(strings.TrimSpace(fmt.Sprintf("%s| %d %s", mark, int(closed.Code), closed.Reason)))
			return
		default:
			return
		}
	}
}

// step plays one step.
func (c *conversation) step(step string) error {
	mark, rest, _ := strings.Cut(step, " ")
	if mark == "!" {
		return c.act(rest)
	}
	how, ok := strings.CutPrefix(mark, c.other)
	if !ok {
		return errors.New("no such step")
	}
	number := how[:len(how)-len(strings.TrimLeft(how, "0123456789"))]
	ch, err := c.conn(number)
	if err != nil {
		return err
	}
	switch how = how[len(number):]; {
	case how == "":
		return unlessClosed(ch.Send([]byte(rest)))
	case how == "|":
		code, reason, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(code)
		if err != nil {
			return err
		}
		return ch.Close(rpc.CloseCode(n), reason)
	case how[0] == '*':
		n, err := strconv.Atoi(how[1:])
		for i := 1; i <= n && err == nil; i++ {
			err = unlessClosed(ch.Send([]byte(strings.ReplaceAll(rest, "${n}", strconv.Itoa(i)))))
		}
		return err
	}
	return errors.New("no such step")
}

// unlessClosed forgives a message that is lost since the side under test has
// closed the connection: the transcript says so.
func unlessClosed(err error) error {
	var closed *rpc.CloseError
	if errors.As(err, &closed) && closed.Remote {
		return nil
	}
	return err
}

func (c *conversation) act(action string) error {
	text, ok := strings.CutPrefix(action, "wait ")
	if !ok {
		return c.under.act(action)
	}
	d, err := time.ParseDuration(text)
	time.Sleep(d)
	return err
}

// conn gives a connection, which begins with its first step.
func (c *conversation) conn(number string) (rpc.Channel, error) {
	if _, ok := c.conns[number]; !ok {
		under, ok := c.under.(joiner)
		if !ok {
			return nil, errors.New("this side has one connection")
		}
		under.join(c.open(number))
	}
	return c.conns[number], nil
}
