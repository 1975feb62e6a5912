package args

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseListen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in    string
		want  string
		local bool
	}{
		{"stdio", "stdio", true},
		{"ws://127.0.0.1:0", "ws://127.0.0.1:0", true},
		{"ws://127.9.9.9:65535", "ws://127.9.9.9:65535", true},
		{"ws://[::1]:4000", "ws://[::1]:4000", true},
		{"ws://[::ffff:127.0.0.1]:1", "ws://127.0.0.1:1", true},
		{"wss://127.0.0.1:0", "wss://127.0.0.1:0", true},
		{"wss://10.1.2.3:443", "wss://10.1.2.3:443", false},
		{"ws://0.0.0.0:80", "ws://0.0.0.0:80", false},
		{"ws://[::]:80", "ws://[::]:80", false},
		{"ws://10.1.2.3:80", "ws://10.1.2.3:80", false},
	} {
		t.Run(c.in, func(t *testing.T) {
			t.Parallel()
			got, err := ParseListen(c.in)
			require.NoError(t, err)
			require.Equal(t, c.want, got.String())
			require.Equal(t, c.local, got.Local())
		})
	}
}

func TestParseListenRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"", "write ws://IP:PORT"},
		{"STDIO", "lower case"},
		{"127.0.0.1:80", "write ws://IP:PORT"},
		{"wss://127.0.0.1", "the port is missing"},
		{"http://127.0.0.1:80", "the scheme must be ws or wss"},
		{"WS://127.0.0.1:80", "the scheme must be ws"},
		{"ws://", "the port is missing"},
		{"ws://127.0.0.1", "the port is missing"},
		{"ws://[::1]", "the port is missing"},
		{"ws://:80", "the IP address is missing"},
		{"ws://localhost:80", "write 127.0.0.1 or [::1]"},
		{"ws://LocalHost:80", "write 127.0.0.1 or [::1]"},
		{"ws://example.com:80", "must be an IP address"},
		{"ws://127.1:80", "must be an IP address"},
		{"ws://0177.0.0.1:80", "must be an IP address"},
		{"ws://[127.0.0.1]:80", "must be an IP address"},
		{"ws://[::1:80", "stands in brackets"},
		{"ws://::1:80", "stands in brackets"},
		{"ws://[fe80::1%eth0]:80", "zone"},
		{"ws://127.0.0.1:", "a number from 0 to 65535"},
		{"ws://127.0.0.1:080", "a number from 0 to 65535"},
		{"ws://127.0.0.1:+80", "a number from 0 to 65535"},
		{"ws://127.0.0.1:65536", "a number from 0 to 65535"},
		{"ws://127.0.0.1:80/", "no '/'"},
		{"ws://127.0.0.1:80?x", "no '?'"},
		{"ws://me@127.0.0.1:80", "no '@'"},
	} {
		t.Run(c.in, func(t *testing.T) {
			t.Parallel()
			_, err := ParseListen(c.in)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func FuzzParseListen(f *testing.F) {
	for _, s := range []string{"stdio", "ws://127.0.0.1:0", "ws://[::1]:80", "ws://[::ffff:1.2.3.4]:5", "ws://a:1", "ws://[fe80::1%x]:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseListen(s)
		if err != nil {
			return
		}
		again, err := ParseListen(got.String())
		require.NoError(t, err)
		require.Equal(t, got, again)
		require.True(t, got.Stdio != got.Addr.IsValid(), "either stdio or an address")
	})
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want Size
	}{
		{"1", 1}, {"512B", 512}, {"64KiB", 64 << 10}, {"64MiB", 64 << 20}, {"1GiB", 1 << 30},
		{"10kB", 10_000}, {"10MB", 10_000_000}, {"2GB", 2_000_000_000}, {"2147483647", 2147483647},
	} {
		got, err := ParseSize(c.in)
		require.NoError(t, err, c.in)
		require.Equal(t, c.want, got, c.in)
	}
	for _, c := range []struct{ in, want string }{
		{"", "whole number"}, {"MiB", "whole number"}, {"1.5MiB", "whole number"}, {"-1", "whole number"},
		{"64M", "whole number"}, {"64 MiB", "whole number"}, {"0", "at least 1"}, {"0KiB", "at least 1"},
		{"2GiB", "below 2GiB"}, {"3GB", "below 2GiB"}, {"99999999999", "whole number"},
	} {
		_, err := ParseSize(c.in)
		require.ErrorContains(t, err, c.want, c.in)
	}
}

func FuzzParseSize(f *testing.F) {
	for _, s := range []string{"1", "64KiB", "0B", "2GiB", "18446744073709551615GiB", "KiBKiB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseSize(s); err == nil {
			require.Positive(t, n)
			require.LessOrEqual(t, n, Size(maxSize))
		}
	})
}

func TestParseHeader(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want Header
	}{
		{"accept: text/plain", Header{"accept", "text/plain"}},
		{"x:1", Header{"x", "1"}},
		{"X-A: \t b:c  ", Header{"X-A", "b:c"}},
		{"empty:", Header{"empty", ""}},
		{"bad name : x", Header{"bad name ", "x"}}, // the policy refuses it by name
	} {
		got, err := ParseHeader(c.in)
		require.NoError(t, err, c.in)
		require.Equal(t, c.want, got)
	}
	for _, in := range []string{"", "Bearer s3cret", ": s3cret"} {
		_, err := ParseHeader(in)
		require.ErrorContains(t, err, "'name: value'")
		require.NotContains(t, err.Error(), "s3cret")
	}
}

func FuzzParseHeader(f *testing.F) {
	for _, s := range []string{"a: b", "a:", ":a", "a : b:c", "a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseHeader(s)
		if err != nil {
			require.True(t, !strings.Contains(s, ":") || strings.HasPrefix(s, ":"))
			return
		}
		again, err := ParseHeader(h.Name + ":" + h.Value)
		require.NoError(t, err)
		require.Equal(t, h, again)
	})
}

func TestForm(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "lines")
	require.NoError(t, os.WriteFile(file, []byte("a\r\nb\x00c\n\xff"), 0o600))
	for _, c := range []struct {
		fields []string
		want   string
	}{
		{[]string{"a=1"}, "a=1"},
		{[]string{"a=1", "b=2\n"}, "a=1&b=2\n"},
		{[]string{"@" + file}, "abc\xff"},
		{[]string{"x", "@-"}, "x&stdin"},
		{[]string{""}, ""},
	} {
		got, err := Form(c.fields, strings.NewReader("std\nin"))
		require.NoError(t, err)
		require.Equal(t, c.want, string(got))
	}
}

func TestBinaryKeepsEveryByte(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "bytes")
	require.NoError(t, os.WriteFile(file, []byte("a\r\n\x00\xff"), 0o600))
	for arg, want := range map[string]string{"@" + file: "a\r\n\x00\xff", "@-": "in\n", "plain": "plain"} {
		got, err := Binary(arg, strings.NewReader("in\n"))
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
}

func TestDataRefuses(t *testing.T) {
	t.Parallel()
	_, err := Form([]string{"@"}, nil)
	require.ErrorContains(t, err, "must follow @")

	_, err = Binary("@"+filepath.Join(t.TempDir(), "absent"), nil)
	require.ErrorIs(t, err, os.ErrNotExist)

	_, err = Binary("@-", bytes.NewReader(make([]byte, MaxData+1)))
	require.ErrorIs(t, err, errTooLarge)

	half := strings.Repeat("x", MaxData/2+1)
	_, err = Form([]string{half, half}, nil)
	require.ErrorIs(t, err, errTooLarge)

	broken := errors.New("broken")
	_, err = Binary("@-", failing{broken})
	require.ErrorIs(t, err, broken)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestCheckExecutorURL(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"ws://127.0.0.1:4000", "wss://executor.example/path", "ws://[::1]:1"} {
		require.NoError(t, CheckExecutorURL(in), in)
	}
	for in, want := range map[string]string{
		"":                      "the scheme must be ws",
		"127.0.0.1:4000":        "it is not a URL",
		"http://127.0.0.1:4000": "the scheme must be ws",
		"ws://":                 "the host is missing",
		"ws://:80":              "the host is missing",
		"ws://a:s3cret@h:1":     "a name or a password",
		"ws://h:1#x":            "fragment",
		"ws://h:s3cret":         "it is not a URL",
	} {
		err := CheckExecutorURL(in)
		require.ErrorContains(t, err, want, in)
		require.NotContains(t, err.Error(), "s3cret")
	}
}
