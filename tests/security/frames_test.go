package security

import (
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// attack is something that is written to the executor, and what comes of it.
type attack struct {
	Text   *string `yaml:"text"`   // a text message, or
	Binary *string `yaml:"binary"` // a binary one, or
	Hex    string  `yaml:"hex"`    // raw bytes, or
	Raw    string  `yaml:"raw"`    // raw text on a fresh TCP connection
	Before string  `yaml:"before"` // what was said before: nothing, initialize, or all of the handshake

	Answers []string `yaml:"answers"` // error codes and "result", in order
	End     string   `yaml:"end"`     // a close code, "dropped" or "waits"; the connection stays if empty
	Status  int      `yaml:"status"`  // of the HTTP answer to Raw; 0 is none
}

func TestFrames(t *testing.T) {
	t.Parallel()
	var lists struct {
		Messages []attack `yaml:"messages"`
		Frames   []attack `yaml:"frames"`
		Upgrades []attack `yaml:"upgrades"`
	}
	readData(t, "frames.yaml", &lists)
	require.GreaterOrEqual(t, len(lists.Messages)+len(lists.Frames)+len(lists.Upgrades), 150)

	x := start(t)
	x.works(t)
	before := x.memory(t)
	for _, a := range append(lists.Messages, lists.Frames...) {
		x.attack(t, &a)
		x.works(t)
	}
	for _, a := range lists.Upgrades {
		x.attackUpgrade(t, &a)
		x.works(t)
	}
	x.unharmed(t, before)
}

var handshake = []string{
	`{"id":"init","method":"initialize","params":{"clientName":"attack"}}`,
	`{"method":"initialized"}`,
}

func (x *target) attack(t *testing.T, a *attack) {
	t.Helper()
	c := x.upgrade(t)
	defer c.Close()
	said := map[string]int{"nothing": 0, "initialize": 1, "": 2}[a.Before]
	for _, m := range handshake[:said] {
		c.send(opText, m)
	}
	if said > 0 {
		_, payload, err := c.receive()
		require.NoError(t, err)
		require.Contains(t, string(payload), `"sessionId"`)
	}
	switch {
	case a.Text != nil:
		c.send(opText, x.fill(*a.Text))
	case a.Binary != nil:
		c.send(opBinary, x.fill(*a.Binary))
	default:
		raw, err := hex.DecodeString(strings.ReplaceAll(repeated(a.Hex), " ", ""))
		require.NoError(t, err, a.Hex)
		_, _ = c.Write(raw)
	}
	c.send(opText, mark)
	if a.End == "waits" {
		require.NoError(t, c.SetDeadline(time.Now().Add(50*time.Millisecond)))
	}
	answers, end := c.outcome()
	require.Equal(t, a.Answers, answers, "%s", a.name())
	require.Equal(t, or(a.End, "stays"), end, "%s", a.name())
}

func (x *target) attackUpgrade(t *testing.T, a *attack) {
	t.Helper()
	c := x.connect(t)
	defer c.Close()
	_, _ = c.Write([]byte(x.fill(a.Raw)))
	if a.Status == 0 {
		require.NoError(t, c.SetDeadline(time.Now().Add(50*time.Millisecond)))
	}
	res, err := http.ReadResponse(c.r, nil)
	if a.Status == 0 {
		require.Error(t, err, "%s", a.name())
		return
	}
	require.NoError(t, err, "%s", a.name())
	defer res.Body.Close()
	require.Equal(t, a.Status, res.StatusCode, "%s", a.name())
}

// name shows the attack, if it is not too long.
func (a *attack) name() string {
	switch {
	case a.Text != nil:
		return *a.Text
	case a.Binary != nil:
		return *a.Binary
	}
	return a.Hex + a.Raw
}
