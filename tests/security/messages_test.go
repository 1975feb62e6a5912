package security

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/client"
	"github.com/sluice-run/sluice/host/wire"
)

// message is a request to the origin: what is sent, and what becomes of it.
type message struct {
	Method *string     `yaml:"method"` // GET if absent
	Send   [][2]string `yaml:"send"`
	Body   *string     `yaml:"body"`

	Error     string   `yaml:"error"`      // the refusal's words
	Lines     []string `yaml:"lines"`      // of headers at the origin, beside Host and accept
	OwnAccept bool     `yaml:"own_accept"` // accept is among the lines
}

func TestMessages(t *testing.T) {
	t.Parallel()
	var list []message
	readData(t, "messages.yaml", &list)
	require.GreaterOrEqual(t, len(list), 150)

	for name, flags := range map[string][]string{
		"standard":   nil,
		"permissive": {"--policy", permissive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := start(t, flags...)
			x.works(t)
			before := x.memory(t)
			for _, m := range list {
				refusal := x.exchange(t, &m)
				if name == "permissive" { // a policy has words of its own
					require.Equal(t, m.Error, refusal)
				}
				x.works(t)
			}
			x.unharmed(t, before)
		})
	}
}

// exchange sends the message and gives the words of the refusal, if there is
// to be one.
func (x *target) exchange(t *testing.T, m *message) string {
	t.Helper()
	req := &client.Request{Method: "GET", URL: "http://" + x.origin.hostPort + "/"}
	if m.Method != nil {
		req.Method = repeated(*m.Method)
	}
	for _, h := range m.Send {
		req.Headers = append(req.Headers, client.Header{Name: x.fill(h[0]), Value: x.fill(h[1])})
	}
	if m.Body != nil {
		req.Body = []byte(repeated(*m.Body))
	}
	_, err := x.do(t, req)
	if m.Error != "" {
		var e *wire.Error
		require.True(t, errors.As(err, &e), "%+v is not refused: %v", m, err)
		require.Equal(t, wire.CodeInvalidParams, e.Code, "%+v: %s", m, e.Message)
		x.origin.untouched(t)
		return e.Message
	}
	require.NoError(t, err, "%+v", m)
	got := x.origin.got(t)
	want := []string{"Host: " + x.origin.hostPort}
	if !m.OwnAccept {
		want = append(want, "accept: */*")
	}
	for _, line := range m.Lines {
		want = append(want, repeated(line))
	}
	slices.Sort(want)
	require.Equal(t, req.Method+" / HTTP/1.1", got.first)
	require.Equal(t, want, got.headers)
	require.Equal(t, string(req.Body), got.body)
	return ""
}
