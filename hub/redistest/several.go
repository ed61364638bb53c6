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

// Do has a server carry out a command, and returns what it says.
func (s *Server) Do(t testing.TB, command ...string) string {
	t.Helper()
	host, port, _ := net.SplitHostPort(s.Addr)
	out, err := exec.Command("redis-cli", append([]string{"-h", host, "-p", port}, command...)...).CombinedOutput()
	if said := strings.TrimSpace(string(out)); err == nil {
		return said
	}
	t.Fatalf("redistest: %s: %v: %s", strings.Join(command, " "), err, out)
	return ""
}

// until waits for a server to say something about itself.
func (s *Server) until(t testing.TB, what string, command ...string) {
	t.Helper()
	for start := time.Now(); !strings.Contains(s.Do(t, command...), what); {
		if time.Since(start) > lastResort {
			t.Fatalf("redistest: it does not say %s but %s", what, s.Do(t, command...))
		}
		<-time.After(10 * time.Millisecond)
	}
}

// Replica starts a server that follows master.
func Replica(t testing.TB, master *Server) *Server {
	t.Helper()
	host, port, _ := net.SplitHostPort(master.Addr)
	s := Start(t, "--replicaof", host+" "+port, "--repl-diskless-sync-delay", "0")
	s.until(t, "master_link_status:up", "INFO", "replication")
	return s
}

// Sentinel starts a Sentinel that watches master under a name, alone, and takes
// it for dead after half a second. It has found replicas of it already.
func Sentinel(t testing.TB, name string, master *Server, replicas int) *Server {
	t.Helper()
	host, port, _ := net.SplitHostPort(master.Addr)
	dir := folder(t)
	path := dir + "/sentinel.conf" // to which it writes what it learns
	config := fmt.Sprintf("sentinel monitor %s %s %s 1\nsentinel down-after-milliseconds %[1]s 500\nsentinel failover-timeout %[1]s 3000\n", name, host, port)
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal("redistest: ", err)
	}
	s := start(t, dir, func(port string) []string {
		return []string{path, "--sentinel", "--bind", "127.0.0.1", "--port", port, "--dir", dir, "--daemonize", "no"}
	})
	s.until(t, fmt.Sprintf("slaves=%d", replicas), "INFO", "sentinel")
	return s
}

// Cluster starts a Redis Cluster: three masters that share the slots, each with
// a replica, at three places after it.
func Cluster(t testing.TB) []*Server {
	t.Helper()
	const masters = 3
	var servers [2 * masters]*Server
	var buses [2 * masters]string
	for i := range servers {
		buses[i] = Port(t)
		servers[i] = Start(t, "--cluster-enabled", "yes", "--cluster-port", buses[i], "--cluster-node-timeout", "1000",
			"--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0")
		if i < masters {
			const slots = 16384
			servers[i].Do(t, "CLUSTER", "ADDSLOTSRANGE", fmt.Sprint(i*slots/masters), fmt.Sprint((i+1)*slots/masters-1))
		}
		servers[i].Do(t, "CLUSTER", "SET-CONFIG-EPOCH", fmt.Sprint(i+1))
	}
	host, port, _ := net.SplitHostPort(servers[0].Addr)
	for _, s := range servers[1:] {
		s.Do(t, "CLUSTER", "MEET", host, port, buses[0])
	}
	for _, s := range servers {
		s.until(t, fmt.Sprintf("cluster_known_nodes:%d", len(servers)), "CLUSTER", "INFO")
	}
	for i, s := range servers[masters:] {
		s.Do(t, "CLUSTER", "REPLICATE", servers[i].Do(t, "CLUSTER", "MYID"))
	}
	for _, s := range servers {
		s.until(t, "cluster_state:ok", "CLUSTER", "INFO")
	}
	for _, s := range servers[masters:] {
		s.until(t, "master_link_status:up", "INFO", "replication")
	}
	return servers[:]
}
