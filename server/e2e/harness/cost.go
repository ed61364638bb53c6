package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A Cost is the processor time and the memory of some processes, as counted by the
// kernel.
type Cost struct {
	busy   time.Duration
	Memory int64 // bytes (PSS): a shared page is divided among its processes
}

// Costs returns the costs of the nodes, PostgreSQL, Redis, and this process, which
// plays vendors, shoppers and agents.
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

// pid returns the node's process id, or 0 if it is not running.
func (n *Node) pid() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd == nil {
		return 0
	}
	return n.cmd.Process.Pid
}

// Memory returns the memory of a node in bytes.
func Memory(n *Node) int64 { return costOf(n.pid()).Memory }

func costOf(pids ...int) (sum Cost) {
	for _, pid := range pids {
		fields := stat(pid)
		if fields == nil {
			continue // the process has just ended
		}
		for _, i := range []int{11, 12, 13, 14} { // user and system time, own and of ended children; see proc(5)
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

// stat returns the fields of /proc/PID/stat after the name, or nil.
func stat(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
}

// children returns the process ids of a process's children.
func children(parent int) (pids []int) {
	found, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range found {
		pid, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		if fields := stat(pid); fields != nil && fields[1] == strconv.Itoa(parent) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// CPUShares formats the processor time that each used between two measurements,
// divided by unit.
func CPUShares(before, after map[string]Cost, unit time.Duration) string {
	var all []string
	for _, name := range []string{"nodes", "PostgreSQL", "Redis", "test process"} {
		if _, measured := after[name]; measured {
			all = append(all, fmt.Sprintf("%s %.2f", name, float64(after[name].busy-before[name].busy)/float64(unit)))
		}
	}
	return strings.Join(all, ", ")
}
