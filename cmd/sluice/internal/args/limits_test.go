package args

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCount(t *testing.T) {
	t.Parallel()
	var c Count
	require.NoError(t, c.UnmarshalText([]byte("17")))
	require.Equal(t, Count(17), c)
	for in, want := range map[string]string{
		"0": "at least 1", "": "whole number", "-1": "whole number", "1.5": "whole number", "2147483648": "whole number",
	} {
		require.ErrorContains(t, c.UnmarshalText([]byte(in)), want, in)
	}
	require.Equal(t, Count(17), c)
}

func TestParseRate(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Rate{
		"10/s":              {10, 10},
		"0.5/s":             {0.5, 1},
		"2.5/s":             {2.5, 3},
		"100/s:20":          {100, 20},
		"1/s:1000000":       {1, 1000000},
		"1000000/s:1000000": {1000000, 1000000},
	} {
		got, err := ParseRate(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got, in)
	}
	for in, want := range map[string]string{
		"": "write N/s", "10": "write N/s", "/s": "write N/s", "10/m": "write N/s", "inf/s": "write N/s", "NaN/s": "write N/s",
		"1e3/s": "write N/s", "-1/s": "write N/s", "0x10/s": "write N/s", "1..5/s": "write N/s", "10/s/s": "write N/s",
		"0/s": "above 0", "0.0/s": "above 0", "1000001/s": "at most",
		"1/s:": "a burst is", "1/s:0": "a burst is", "1/s:-1": "a burst is", "1/s:1000001": "a burst is", "1/s:1:1": "a burst is",
	} {
		_, err := ParseRate(in)
		require.ErrorContains(t, err, want, in)
	}
}

func FuzzParseRate(f *testing.F) {
	for _, s := range []string{"10/s", "0.5/s:5", "1/s:", "/s", "0000000.0000001/s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := ParseRate(s); err == nil {
			require.Positive(t, r.PerSecond)
			require.LessOrEqual(t, r.PerSecond, float64(maxRate))
			require.GreaterOrEqual(t, r.Burst, 1)
			require.LessOrEqual(t, r.Burst, maxRate)
		}
	})
}
