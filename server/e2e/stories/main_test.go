package stories

import (
	"os"
	"testing"
	"time"

	"sidetext/store/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// must ends a test that can't go on after an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lastResort ends a wait that would never end. It measures nothing: whatever a
// test waits for may take as long as the machine needs.
const lastResort = 15 * time.Minute

// until waits until ok.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for begin := time.Now(); !ok(); <-time.After(5 * time.Millisecond) {
		if time.Since(begin) > lastResort {
			t.Fatalf("waited %v, but not: %s", lastResort, what)
		}
	}
}
