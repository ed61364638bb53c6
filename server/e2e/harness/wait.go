package harness

import (
	"context"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Must ends a test that can't go on after an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// RaiseFileLimit allows as many open files as the machine does.
func RaiseFileLimit(t testing.TB) {
	var limit syscall.Rlimit
	Must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	limit.Cur = limit.Max
	Must(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
}

// Sleep paces what a played person, vendor or fault does. It reports whether ctx
// lasted as long.
func Sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// Size is the number in an environment variable, which make figures sets.
func Size(t testing.TB, name string, usually int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usually
	}
	n, err := strconv.Atoi(text)
	Must(t, err)
	return n
}

// InParallel calls do for 0 to n-1, from several goroutines.
func InParallel(workers, n int, do func(i int)) {
	todo := make(chan int)
	var working sync.WaitGroup
	for range workers {
		working.Go(func() {
			for i := range todo {
				do(i)
			}
		})
	}
	for i := range n {
		todo <- i
	}
	close(todo)
	working.Wait()
}

// LastResort ends a wait that would never end. It measures nothing: whatever a
// test waits for may take as long as the machine needs.
const MaxWait = 15 * time.Minute

// Until waits until ok.
func Until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for begin := time.Now(); !ok(); <-time.After(5 * time.Millisecond) {
		if time.Since(begin) > MaxWait {
			t.Fatalf("waited %v, but not: %s", MaxWait, what)
		}
	}
}

// Timed reports whether this run judges how long things take, as make figures
// does on a machine that has nothing else to do. All others judge only what
// happens.
func ChecksDurations() bool { return os.Getenv("TIMED") != "" }

// InTime fails a timed run in which something took longer than promised.
func CheckDuration(t testing.TB, what string, took, most time.Duration) {
	t.Helper()
	if ChecksDurations() && took > most {
		t.Errorf("%s took %v: promised are %v", what, took, most)
	}
}
