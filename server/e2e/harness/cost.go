package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// What the processes of a fleet cost, as the kernel counts it.

// A Cost is the processor time and the memory of some processes.
type Cost struct {
	busy   time.Duration
	Memory int64 // bytes; of pages that several share each has its part
}

// Costs returns the costs of the nodes, PostgreSQL, Redis, and this process, which
// plays everything else.
func (s *System) Costs() map[string]Cost {
	s.T.Helper()
	var nodes []int
	for _, n := range s.Nodes {
		if pid := n.pid(); pid != 0 {
			nodes = append(nodes, pid)
		}
	}
	all := map[string]Cost{"nodes": costOf(nodes...), "test process": costOf(os.Getpid())}
	if s.Backend.Postgres == nil {
		return all
	}
	lines, err := os.ReadFile(filepath.Join(s.Backend.Postgres.Dir(), "postmaster.pid"))
	Must(s.T, err)
	first, _, _ := strings.Cut(string(lines), "\n")
	master, err := strconv.Atoi(first)
	Must(s.T, err)
	all["PostgreSQL"] = costOf(append(children(master), master)...)
	client := s.RedisClient()
	defer client.Close()
	info, err := client.Info(s.T.Context(), "server").Result()
	Must(s.T, err)
	_, rest, _ := strings.Cut(info, "process_id:")
	text, _, _ := strings.Cut(rest, "\r")
	redis, err := strconv.Atoi(text)
	Must(s.T, err)
	all["Redis"] = costOf(redis)
	return all
}

// pid is the node's process, or 0.
func (n *Node) pid() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd == nil {
		return 0
	}
	return n.cmd.Process.Pid
}

// Memory is the memory of a node in bytes.
func Memory(n *Node) int64 { return costOf(n.pid()).Memory }

func costOf(pids ...int) (sum Cost) {
	for _, pid := range pids {
		fields := stat(pid)
		if fields == nil {
			continue // it has just ended
		}
		for _, i := range []int{11, 12, 13, 14} { // its own and that of its children that have ended
			ticks, _ := strconv.ParseInt(fields[i], 10, 64)
			sum.busy += time.Duration(ticks) * time.Second / 100
		}
		rollup, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		for line := range strings.Lines(string(rollup)) {
			if kilobytes, ok := strings.CutPrefix(line, "Pss:"); ok {
				n, _ := strconv.ParseInt(strings.Fields(kilobytes)[0], 10, 64)
				sum.Memory += n << 10
			}
		}
	}
	return sum
}

// stat are the fields of a process after its name, or nil.
func stat(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
}

// children are the processes that a process has started.
func children(of int) (pids []int) {
	found, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range found {
		pid, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		if fields := stat(pid); fields != nil && fields[1] == strconv.Itoa(of) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// CPUShares says how much processor time each used between two measurements, per
// so much time.
func CPUShares(before, after map[string]Cost, of time.Duration) string {
	var all []string
	for _, who := range []string{"nodes", "PostgreSQL", "Redis", "test process"} {
		if _, there := after[who]; there {
			all = append(all, fmt.Sprintf("%s %.2f", who, float64(after[who].busy-before[who].busy)/float64(of)))
		}
	}
	return strings.Join(all, ", ")
}
