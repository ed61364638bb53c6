package sqldb

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

func inode(info os.FileInfo) uint64 { return info.Sys().(*syscall.Stat_t).Ino }

// holds reports whether /proc/locks lists a lock of this process on a file.
func holds(locks string, inode uint64) bool {
	for line := range strings.Lines(locks) {
		fields := strings.Fields(line)
		if len(fields) > 5 && fields[4] == fmt.Sprint(os.Getpid()) && strings.HasSuffix(fields[5], fmt.Sprint(":", inode)) {
			return true
		}
	}
	return false
}
