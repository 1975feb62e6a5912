// Who may write to the compile cache, where files have owners and modes.

//go:build unix

package sandbox

import (
	"errors"
	"os"
	"syscall"
)

func checkPrivate(info os.FileInfo) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Geteuid() {
		return errors.New("it belongs to another user")
	}
	if info.Mode().Perm()&0o022 != 0 {
		return errors.New("others may write to it")
	}
	return nil
}
