package wasmbin

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUleb(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   []byte
		v    uint32
		size int // 0: refused
	}{
		{[]byte{}, 0, 0},
		{[]byte{0}, 0, 1},
		{[]byte{0x7f, 1}, 127, 1},
		{[]byte{0x80, 0x01}, 128, 2},
		{[]byte{0x80}, 0, 0},
		{[]byte{0x80, 0x80, 0x80, 0x80, 0x00}, 0, 5}, // padded, and legal
		{[]byte{0xff, 0xff, 0xff, 0xff, 0x0f}, math.MaxUint32, 5},
		{[]byte{0xff, 0xff, 0xff, 0xff, 0x1f}, 0, 0}, // a 33rd bit
		{[]byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, 0, 0},
	} {
		v, n := uleb(c.in)
		require.Equal(t, c.size, n, "% x", c.in)
		require.Equal(t, c.v, v, "% x", c.in)
	}
}

func TestSleb(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   []byte
		bits uint
		v    int64
		size int
	}{
		{[]byte{}, 32, 0, 0},
		{[]byte{0x7f}, 32, -1, 1},
		{[]byte{0x3f}, 32, 63, 1},
		{[]byte{0x40}, 33, -64, 1},
		{[]byte{0xff, 0x00}, 32, 127, 2},
		{[]byte{0x80, 0x80, 0x80, 0x80, 0x78}, 32, math.MinInt32, 5},
		{[]byte{0xff, 0xff, 0xff, 0xff, 0x07}, 32, math.MaxInt32, 5},
		{[]byte{0xff, 0xff, 0xff, 0xff, 0x0f}, 32, 0, 0}, // bit 31 without its extension
		{[]byte{0xff, 0xff, 0xff, 0xff, 0x0f}, 33, math.MaxUint32, 5},
		{[]byte{0xff, 0xff, 0xff, 0xff, 0x1f}, 33, 0, 0},
		{[]byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f}, 64, math.MinInt64, 10},
		{[]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00}, 64, math.MaxInt64, 10},
		{[]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 64, 0, 0},
		{[]byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, 64, 0, 0},
	} {
		v, n := sleb(c.in, c.bits)
		require.Equal(t, c.size, n, "% x as %d bits", c.in, c.bits)
		if n > 0 {
			require.Equal(t, c.v, v, "% x as %d bits", c.in, c.bits)
		}
	}
}

func TestLebRoundTrip(t *testing.T) {
	t.Parallel()
	for _, v := range []int64{0, 1, -1, 63, 64, -64, -65, 1 << 20, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64} {
		b := appendSleb(nil, v)
		got, n := sleb(b, 64)
		require.Equal(t, len(b), n)
		require.Equal(t, v, got)
	}
	for _, v := range []uint32{0, 127, 128, 16383, 16384, math.MaxUint32} {
		b := appendUleb(nil, uint64(v))
		got, n := uleb(b)
		require.Equal(t, len(b), n)
		require.Equal(t, v, got)
	}
}
