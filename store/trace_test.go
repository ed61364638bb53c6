package store_test

import "strings"

// cut divides a line of a trace into the thread and what it called.
func cut(line string) (thread, call string) {
	thread, call, _ = strings.Cut(line, " ")
	return thread, call
}

func contains(line string, all ...string) bool {
	for _, s := range all {
		if !strings.Contains(line, s) {
			return false
		}
	}
	return true
}
