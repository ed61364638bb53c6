package bustest

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// leakWait is how long goroutines may take to end after the last test. goleak alone
// waits less than two seconds, which a busy machine needs to close a connection.
const leakWait = time.Minute

// Main runs a package's tests, and fails them if goroutines are left that ignore
// does not allow.
func Main(m *testing.M, ignore ...goleak.Option) {
	code := m.Run()
	if code == 0 {
		began := time.Now()
		err := goleak.Find(ignore...)
		for err != nil && time.Since(began) < leakWait {
			err = goleak.Find(ignore...)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}
