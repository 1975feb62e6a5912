package wire

import (
	"bytes"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkBase64 compares the codec with the standard library's, byte for byte and
// also behind the end of what may be written.
func checkBase64(t *testing.T, data []byte) {
	t.Helper()
	const guard = "0123456789abcdef0123456789abcdef"
	want := base64.StdEncoding.EncodeToString(data)
	room := append(make([]byte, 1+len(want)), guard...)
	require.Equal(t, "x"+want, string(appendBase64(append(room[:0], 'x'), data)))
	require.Equal(t, guard, string(room[1+len(want):]))

	got, ok := decodeBase64([]byte(want))
	require.True(t, ok)
	require.True(t, bytes.Equal(data, got))
}

// checkStrict compares what is taken for base64 with a slow reading of the rule:
// the encoding of what it decodes to is the same text.
func checkStrict(t *testing.T, text []byte) {
	t.Helper()
	want, err := base64.StdEncoding.Strict().DecodeString(string(text))
	valid := err == nil && base64.StdEncoding.EncodeToString(want) == string(text)
	got, ok := decodeBase64(text)
	require.Equal(t, valid, ok, "%q", text)
	if ok {
		require.True(t, bytes.Equal(want, got), "%q", text)
	}
}

func TestBase64AgreesWithTheStandardLibrary(t *testing.T) {
	t.Parallel()
	data := make([]byte, 300)
	for i := range data {
		data[i] = byte(i*7 + i>>3)
	}
	for n := range data {
		checkBase64(t, data[:n])
	}
}

// Every byte at every place of texts short and long: the vector code and the
// code for the rest must refuse the same.
func TestBase64RefusesWhatIsNotBase64(t *testing.T) {
	t.Parallel()
	for _, n := range []int{4, 8, 44, 48, 64, 100} {
		text := bytes.Repeat([]byte("QUJD"), n/4)
		for at := range text {
			kept := text[at]
			for c := range 256 {
				text[at] = byte(c)
				checkStrict(t, text)
			}
			text[at] = kept
		}
		for _, tail := range []string{"Q", "QQ", "QQ=", "QQ==", "QR==", "QUI=", "QUJ=", "=", "====", "\n", "QUJD\n"} {
			checkStrict(t, append(bytes.Clone(text), tail...))
		}
	}
}

func FuzzBase64(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("QUJD"))
	f.Add(bytes.Repeat([]byte("QUJD"), 40))
	f.Add(append(bytes.Repeat([]byte("QUJD"), 40), "QR=="...))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkBase64(t, b)
		checkStrict(t, b)
	})
}
