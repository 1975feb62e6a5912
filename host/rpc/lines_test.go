package rpc_test

// What only lines have: line ends.

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/rpc"
)

type discard struct{ io.Writer }

func (discard) Close() error { return nil }

func TestLinesRecv(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000) // more than the reader's own buffer
	for _, tc := range []struct {
		name, input string
		want        []string
	}{
		{"lines", "{\"a\":1}\n{\"b\":2}\n", []string{`{"a":1}`, `{"b":2}`}},
		{"carriage returns", "a\r\nb\r\n", []string{"a", "b"}},
		{"empty lines", "\n\r\n\na\n\n", []string{"a"}},
		{"end within a line", "a\nb", []string{"a", "b"}},
		{"long line", long + "\na\n", []string{long, "a"}},
		{"exactly the limit", strings.Repeat("y", limit) + "\r\n", []string{strings.Repeat("y", limit)}},
		{"nothing", "", nil},
		{"only line ends", "\n\n", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			ch := rpc.Lines(io.NopCloser(strings.NewReader(tc.input)), discard{io.Discard}, limit)
			var got []string
			var buf []byte
			for {
				var err error
				if buf, err = ch.Recv(buf); err != nil {
					closed := requireClosed(t, err)
					require.Equal(t, rpc.CloseNormal, closed.Code)
					require.True(t, closed.Remote)
					break
				}
				got = append(got, string(buf))
			}
			require.Equal(t, tc.want, got)
		})
	}
}

func TestLinesSendEndsTheLine(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	ch := rpc.Lines(io.NopCloser(strings.NewReader("")), discard{&out}, limit)
	require.NoError(t, ch.Send([]byte(`{"a":1}`)))
	require.NoError(t, ch.Send([]byte(`{"b":2}`)))
	require.Equal(t, "{\"a\":1}\n{\"b\":2}\n", out.String())
}

func TestLinesWithoutAnEndAreBounded(t *testing.T) {
	t.Parallel()
	endless := io.NopCloser(strings.NewReader(strings.Repeat("x", 4*limit)))
	_, err := rpc.Lines(endless, discard{io.Discard}, limit).Recv(nil)
	require.Equal(t, rpc.CloseTooBig, requireClosed(t, err).Code)
}
