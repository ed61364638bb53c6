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

// RaiseFileLimit raises the limit of open files to the machine's maximum.
func RaiseFileLimit(t testing.TB) {
	var limit syscall.Rlimit
	Must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	limit.Cur = limit.Max
	Must(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
}

// Sleep paces what a played person, vendor or fault does. It returns false if ctx ends
// first.
func Sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// Size returns the number in an environment variable, which make figures sets, or the
// fallback.
func Size(t testing.TB, name string, fallback int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	Must(t, err)
	return n
}

// InParallel calls do for 0 to n-1, from several goroutines, and waits for them.
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

// MaxWait ends a wait that would never end. It is no measurement: whatever a test waits
// for may take as long as the machine needs.
const MaxWait = 15 * time.Minute

// Until waits until ok returns true. what completes the sentence "waited until".
func Until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for begin := time.Now(); !ok(); <-time.After(5 * time.Millisecond) {
		if time.Since(begin) > MaxWait {
			t.Fatalf("waited %v, but still not: %s", MaxWait, what)
		}
	}
}

// ChecksDurations reports whether this run fails when something takes too long, as make
// figures does on an idle machine. All other runs check only what happens.
func ChecksDurations() bool { return os.Getenv("TIMED") != "" }

// CheckDuration fails a run that checks durations if took is longer than promised.
func CheckDuration(t testing.TB, what string, took, promised time.Duration) {
	t.Helper()
	if ChecksDurations() && took > promised {
		t.Errorf("%s took %v, promised are %v", what, took, promised)
	}
}
