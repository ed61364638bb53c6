package redistest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Do runs a command on the server and returns its output.
func (s *Server) Do(t testing.TB, command ...string) string {
	t.Helper()
	host, port, _ := net.SplitHostPort(s.Addr)
	output, err := exec.Command("redis-cli", append([]string{"-h", host, "-p", port}, command...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("redistest: %s: %v: %s", strings.Join(command, " "), err, output)
	}
	return strings.TrimSpace(string(output))
}

// waitFor runs command until its output contains want.
func (s *Server) waitFor(t testing.TB, want string, command ...string) {
	t.Helper()
	for start := time.Now(); !strings.Contains(s.Do(t, command...), want); {
		if time.Since(start) > startTimeout {
			t.Fatalf("redistest: waiting for %s, got %s", want, s.Do(t, command...))
		}
		<-time.After(10 * time.Millisecond)
	}
}

// Replica starts a replica of master, and returns it when it is in sync.
func Replica(t testing.TB, master *Server) *Server {
	t.Helper()
	host, port, _ := net.SplitHostPort(master.Addr)
	s := Start(t, "--replicaof", host+" "+port, "--repl-diskless-sync-delay", "0")
	s.waitFor(t, "master_link_status:up", "INFO", "replication")
	return s
}

// Sentinel starts a Sentinel that alone monitors master under a name, and
// considers it down after half a second. It returns when the Sentinel has found
// that many replicas.
func Sentinel(t testing.TB, name string, master *Server, replicas int) *Server {
	t.Helper()
	host, port, _ := net.SplitHostPort(master.Addr)
	dir := tempDir(t)
	path := dir + "/sentinel.conf" // the Sentinel writes its state into it
	config := fmt.Sprintf("sentinel monitor %s %s %s 1\nsentinel down-after-milliseconds %[1]s 500\nsentinel failover-timeout %[1]s 3000\n", name, host, port)
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal("redistest: ", err)
	}
	s := start(t, dir, func(port string) []string {
		return []string{path, "--sentinel", "--bind", "127.0.0.1", "--port", port, "--dir", dir, "--daemonize", "no"}
	})
	s.waitFor(t, fmt.Sprintf("slaves=%d", replicas), "INFO", "sentinel")
	return s
}

// Cluster starts a Redis Cluster of three masters that share the slots, and a
// replica of each. The replica of server i is server i+3.
func Cluster(t testing.TB) []*Server {
	t.Helper()
	const masters = 3
	var servers [2 * masters]*Server
	var busPorts [2 * masters]string
	for i := range servers {
		busPorts[i] = FreePort(t)
		servers[i] = Start(t, "--cluster-enabled", "yes", "--cluster-port", busPorts[i], "--cluster-node-timeout", "1000",
			"--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0")
		if i < masters {
			const slots = 16384
			servers[i].Do(t, "CLUSTER", "ADDSLOTSRANGE", fmt.Sprint(i*slots/masters), fmt.Sprint((i+1)*slots/masters-1))
		}
		servers[i].Do(t, "CLUSTER", "SET-CONFIG-EPOCH", fmt.Sprint(i+1))
	}
	host, port, _ := net.SplitHostPort(servers[0].Addr)
	for _, s := range servers[1:] {
		s.Do(t, "CLUSTER", "MEET", host, port, busPorts[0])
	}
	for _, s := range servers {
		s.waitFor(t, fmt.Sprintf("cluster_known_nodes:%d", len(servers)), "CLUSTER", "INFO")
	}
	for i, s := range servers[masters:] {
		s.Do(t, "CLUSTER", "REPLICATE", servers[i].Do(t, "CLUSTER", "MYID"))
	}
	for _, s := range servers {
		s.waitFor(t, "cluster_state:ok", "CLUSTER", "INFO")
	}
	for _, s := range servers[masters:] {
		s.waitFor(t, "master_link_status:up", "INFO", "replication")
	}
	return servers[:]
}
