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
	var j journal
	here, there := rpc.Pipe()
	under := s.start(t, here, &j, sections)
	read := make(chan struct{})
	go func() {
		defer close(read)
		s.listen(there, &j)
	}()
	for _, step := range steps {
		if strings.HasPrefix(step, "=") || strings.HasPrefix(step, s.own) {
			continue // expected: what really happens takes its place
		}
		happened = append(happened, step)
		if step == "" || strings.HasPrefix(step, "#") {
			continue
		}
		if err := s.step(step, under, there); err != nil {
			t.Errorf("%s: %v", step, err)
		}
		synctest.Wait()
		happened = append(happened, j.take()...)
	}
	_ = there.Close(rpc.CloseAbnormal, "")
	under.stop()
	<-read
	return happened
}

// listen notes what the side under test sends.
func (s side) listen(ch rpc.Channel, j *journal) {
	for {
		frame, err := ch.Recv(nil)
		var closed *rpc.CloseError
		switch {
		case err == nil:
			j.frame(s.own + " " + string(frame))
		case errors.As(err, &closed) && closed.Remote:
			j.frame(strings.TrimSpace(fmt.Sprintf("%s| %d %s", s.own, int(closed.Code), closed.Reason)))
			return
		default:
			return
		}
	}
}

// step plays one step.
func (s side) step(step string, under actor, ch rpc.Channel) error {
	mark, rest, _ := strings.Cut(step, " ")
	switch count, repeated := strings.CutPrefix(mark, s.other+"*"); {
	case repeated:
		n, err := strconv.Atoi(count)
		for i := 1; i <= n && err == nil; i++ {
			err = ch.Send([]byte(strings.ReplaceAll(rest, "${n}", strconv.Itoa(i))))
		}
		return err
	case mark == s.other:
		return ch.Send([]byte(rest))
	case mark == s.other+"|":
		code, reason, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(code)
		if err != nil {
			return err
		}
		return ch.Close(rpc.CloseCode(n), reason)
	case mark == "!" && strings.HasPrefix(rest, "wait "):
		d, err := time.ParseDuration(strings.TrimPrefix(rest, "wait "))
		time.Sleep(d)
		return err
	case mark == "!":
		return under.act(rest)
	}
	return errors.New("no such step")
}
