package args

// Sizes in bytes.

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, at least one.
type Size int

// units are what may follow a number; the first that fits counts.
var units = []struct {
	name  string
	bytes uint64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9},
	{"B", 1}, {"", 1},
}

// maxSize keeps sizes within an int on every platform.
const maxSize = math.MaxInt32

// ParseSize reads a whole number with an optional unit: 65536, 64KiB, 10MB.
func ParseSize(s string) (Size, error) {
	for _, unit := range units {
		digits, ok := strings.CutSuffix(s, unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 31)
		switch {
		case err != nil:
			return 0, errors.New("a size is a whole number and a unit: 65536, 64KiB, 16MiB, 10MB")
		case n == 0:
			return 0, errors.New("a size is at least 1")
		case n > maxSize/unit.bytes:
			return 0, errors.New("a size is below 2GiB")
		}
		return Size(n * unit.bytes), nil
	}
	return 0, nil // not reached: the last unit fits everything
}

// UnmarshalText is ParseSize.
func (s *Size) UnmarshalText(text []byte) error {
	var err error
	*s, err = ParseSize(string(text))
	return err
}
