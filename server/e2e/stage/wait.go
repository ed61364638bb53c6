package stage

import (
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

// Timeout ends a wait that would never end. It measures nothing: what a test
// waits for may take as long as the machine needs.
const Timeout = 15 * time.Minute

// Until waits until ok.
func Until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for begin := time.Now(); !ok(); <-time.After(5 * time.Millisecond) {
		if time.Since(begin) > Timeout {
			t.Fatalf("waited %v, but not: %s", Timeout, what)
		}
	}
}
