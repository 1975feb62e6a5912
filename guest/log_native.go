//go:build !wasip1

package guest

import "os"

// hostLog without a host, as in a policy's own tests.
func hostLog(_ uint32, line string) {
	os.Stderr.WriteString(line + "\n")
}
