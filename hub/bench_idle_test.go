package hub_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"

	"sidetext/hub"
)

const (
	idleSockets = 10_000
	// idleClientsEnv makes a child process of the benchmark run idleClients. Its
	// value is the URL to connect to.
	idleClientsEnv = "HUB_TEST_IDLE_CLIENTS"
)

// BenchmarkIdle reports the server's memory for an idle socket: in use (objects and
// stacks; at most 12 KiB), held by the Go runtime, and resident. Each socket has its
// own agent and its own room, and has received its snapshot. The clients run in a
// child process.
func BenchmarkIdle(b *testing.B) {
	store := newTimedStore()
	for b.Loop() {
		s := startServer(b, store, hub.Settings{})
		before := readMemory(b)
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), idleClientsEnv+"="+s.url)
		child.Stderr = os.Stderr
		stdin, err := child.StdinPipe()
		if err != nil {
			b.Fatal(err)
		}
		stdout, err := child.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := child.Start(); err != nil {
			b.Fatal(err)
		}
		if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
			b.Fatalf("clients: %q, %v", line, err)
		}
		if got := s.Stats(); got.Sockets != idleSockets || got.Rooms != idleSockets {
			b.Fatalf("stats %+v", got)
		}
		after := readMemory(b)
		b.ReportMetric((after.inUse-before.inUse)/idleSockets, "KiB-in-use/socket")
		b.ReportMetric((after.held-before.held)/idleSockets, "KiB-held/socket")
		b.ReportMetric((after.resident-before.resident)/idleSockets, "KiB-resident/socket")
		_ = stdin.Close()
		if err := child.Wait(); err != nil {
			b.Fatal(err)
		}
		s.end(b)
	}
}

// memory is what the process uses, in KiB.
type memory struct{ inUse, held, resident float64 }

func readMemory(b *testing.B) memory {
	runtime.GC() // shrinks stacks
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(statm))[1])
	if err != nil {
		b.Fatal(err)
	}
	return memory{
		inUse:    float64(m.HeapAlloc+m.StackInuse) / 1024,
		held:     float64(m.Sys-m.HeapReleased) / 1024,
		resident: float64(pages*os.Getpagesize()) / 1024,
	}
}

// idleClients opens the sockets of BenchmarkIdle, prints a line, and keeps them
// open until its standard input ends.
func idleClients(url string) {
	var dialing sync.WaitGroup
	rooms := make(chan int)
	conns := make([]io.Closer, idleSockets) // keeps them from the garbage collector, which would close them
	for range 32 {
		dialing.Go(func() {
			for i := range rooms {
				conn, err := dial(url, fmt.Sprintf("shop%d/%d as agent %d", i%100, i, i))
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				conns[i] = conn
			}
		})
	}
	for i := range idleSockets {
		rooms <- i
	}
	close(rooms)
	dialing.Wait()
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	for _, conn := range conns {
		_ = conn.Close()
	}
}
