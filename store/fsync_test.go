package store_test

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The WAL is synced between a request and its acknowledgement.
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
	synced, acknowledged := countSyncs(t, file)
	if acknowledged != 2 {
		t.Fatalf("%d acknowledgements are in the trace", acknowledged)
	}
	for i, n := range synced {
		if n == 0 {
			t.Errorf("text %d was acknowledged before it was synced", i+1)
		}
	}
}

// countSyncs counts, for each text, the syncs of the WAL that ended between its
// request and its acknowledgement.
func countSyncs(t *testing.T, trace io.Reader) (synced []int, acknowledged int) {
	t.Helper()
	begun := map[string]bool{} // threads with an unfinished sync of the WAL
	requested := false
	for lines := bufio.NewScanner(trace); lines.Scan(); {
		line := lines.Text()
		switch thread, call := splitTraceLine(line); {
		case containsAll(call, `write(1<`, `"begun `):
			requested, begun = true, map[string]bool{}
			synced = append(synced, 0)
		case containsAll(call, `write(1<`, `"stored `):
			requested = false
			acknowledged++
		case !requested:
		case containsAll(call, "sync(", "-wal>", "unfinished"):
			begun[thread] = true
		case containsAll(call, "sync(", "-wal>", "= 0"), begun[thread] && containsAll(call, "sync resumed>", "= 0"):
			begun[thread] = false
			synced[len(synced)-1]++
		}
	}
	return synced, acknowledged
}

// splitTraceLine splits a line of strace's output into the thread and the call.
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
