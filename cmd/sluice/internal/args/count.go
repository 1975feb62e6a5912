package args

// Numbers of things.

import (
	"errors"
	"strconv"
)

// Count is a number of things, at least one; the zero value is for a flag that
// was not given.
type Count int

// UnmarshalText reads a whole number.
func (c *Count) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 31)
	switch {
	case err != nil:
		return errors.New("it must be a whole number")
	case n == 0:
		return errors.New("it must be at least 1")
	}
	*c = Count(n)
	return nil
}
