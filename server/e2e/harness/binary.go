// Package harness runs the whole program with PostgreSQL, Redis and played vendors,
// makes them fail, and checks afterwards that every promise was kept.
package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"sidetext/store/pgtest"
)

var built struct {
	sync.Once
	folder, path string
	err          error
}

// Binary returns the path of the program. It builds the program once for all tests of
// a package, with the race detector if the tests use it. Main removes it.
func Binary(t testing.TB) string {
	t.Helper()
	built.Do(func() {
		if built.folder, built.err = os.MkdirTemp("", "sidetext-e2e-"); built.err != nil {
			return
		}
		built.path = filepath.Join(built.folder, "sidetext")
		args := []string{"build", "-buildvcs=false", "-o", built.path}
		if race {
			args = append(args, "-race")
		}
		if out, err := exec.Command("go", append(args, "sidetext/server")...).CombinedOutput(); err != nil {
			built.err = fmt.Errorf("build the program: %w: %s", err, out)
		}
	})
	Must(t, built.err)
	return built.path
}

// Main runs a package's tests and removes what they shared.
func Main(m *testing.M) int {
	defer func() { _ = os.RemoveAll(built.folder) }()
	return pgtest.Main(m)
}
