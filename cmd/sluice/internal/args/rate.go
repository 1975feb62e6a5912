package args

// How often something may happen.

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// maxRate bounds both numbers of a rate.
const maxRate = 1_000_000

// Rate is a number per second in the long run, and how many at once. The zero
// value is for a flag that was not given.
type Rate struct {
	PerSecond float64
	Burst     int
}

// ParseRate reads N/s or N/s:BURST: 10/s, 0.5/s, 100/s:20. Without BURST it is N,
// rounded up.
func ParseRate(s string) (Rate, error) {
	number, burst, hasBurst := strings.Cut(s, ":")
	digits, perSecond := strings.CutSuffix(number, "/s")
	n, err := strconv.ParseFloat(digits, 64)
	switch {
	case !perSecond, err != nil, strings.Trim(digits, "0123456789.") != "":
		return Rate{}, errors.New("write N/s or N/s:BURST, such as 10/s or 0.5/s:5")
	case n <= 0 || n > maxRate:
		return Rate{}, errors.New("a rate is above 0 and at most 1000000/s")
	case !hasBurst:
		return Rate{n, int(math.Ceil(n))}, nil
	}
	most, err := strconv.ParseUint(burst, 10, 31)
	if err != nil || most < 1 || most > maxRate {
		return Rate{}, errors.New("a burst is a whole number from 1 to 1000000")
	}
	return Rate{n, int(most)}, nil
}

// UnmarshalText is ParseRate.
func (r *Rate) UnmarshalText(text []byte) error {
	var err error
	*r, err = ParseRate(string(text))
	return err
}
