package store_test

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Between a request and its acknowledgement the log of changes is synced.
func TestSynced(t *testing.T) {
	t.Parallel()
	trace := filepath.Join(t.TempDir(), "trace")
	cmd, out := spawn(t, "one", filepath.Join(t.TempDir(), "test.db"), stracePath(t), "-f", "-y", "-o", trace, "-e", "trace=fsync,fdatasync,write")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for out.Scan() {
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	synced, kept := countSyncs(t, file)
	if kept != 2 {
		t.Fatalf("%d acknowledgements are in the trace", kept)
	}
	for i, n := range synced {
		if n == 0 {
			t.Errorf("text %d was acknowledged before it was synced", i+1)
		}
	}
}

// syncs counts, for each text, the syncs of the log that ended between the
// request and the acknowledgement.
func countSyncs(t *testing.T, trace io.Reader) (synced []int, kept int) {
	t.Helper()
	begun := map[string]bool{} // by thread: a sync of the log has begun and not ended
	asked := false
	for lines := bufio.NewScanner(trace); lines.Scan(); {
		line := lines.Text()
		switch thread, call := splitTraceLine(line); {
		case containsAll(call, `write(1<`, `"asked `):
			asked, begun = true, map[string]bool{}
			synced = append(synced, 0)
		case containsAll(call, `write(1<`, `"kept `):
			asked = false
			kept++
		case !asked:
		case containsAll(call, "sync(", "-wal>", "unfinished"):
			begun[thread] = true
		case containsAll(call, "sync(", "-wal>", "= 0"), begun[thread] && containsAll(call, "sync resumed>", "= 0"):
			begun[thread] = false
			synced[len(synced)-1]++
		}
	}
	return synced, kept
}

// cut divides a line of a trace into the thread and what it called.
func splitTraceLine(line string) (thread, call string) {
	thread, call, _ = strings.Cut(line, " ")
	return thread, call
}

func containsAll(line string, all ...string) bool {
	for _, s := range all {
		if !strings.Contains(line, s) {
			return false
		}
	}
	return true
}
