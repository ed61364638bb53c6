package harness

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A Node is the program in a process of its own. It can be killed, frozen and started
// again, always with the same addresses and the same database.
type Node struct {
	Listen, Admin string // host:port
	binary        string
	env           []string
	log           *os.File // standard error of all its processes
	Proxies       proxies
	WasReady      atomic.Bool // result of the balancer's last readiness check

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan error
}

// newNode makes a node that has not been started. Its two addresses never change; see
// freeAddress.
func newNode(t testing.TB, log *os.File, environ ...string) *Node {
	t.Helper()
	host := fmt.Sprintf("127.%d.%d.%d", 64+rand.N(128), rand.N(256), 1+rand.N(254))
	n := &Node{Listen: freeAddress(t, host), Admin: freeAddress(t, host), log: log, binary: Binary(t)}
	n.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "SIDETEXT_LISTEN=" + n.Listen, "SIDETEXT_ADMIN_LISTEN=" + n.Admin, "SIDETEXT_LOG=text,warn",
	}, environ...)
	t.Cleanup(n.Kill)
	return n
}

// StartNode starts a node with its own settings.
func StartNode(t testing.TB, environ ...string) *Node {
	t.Helper()
	n := newNode(t, nil, environ...)
	n.env = append([]string{"SIDETEXT_PUBLIC_URL=http://" + n.Listen}, n.env...)
	Must(t, n.Start())
	return n
}

// The ports are below the range from which systems choose ports for connections and
// for listeners on port 0, so that no other process gets a node's port while it is down.
const lowestPort, highestPort = 10000, 32000

// freeAddress returns a host:port that is free on a random port.
func freeAddress(t testing.TB, host string) string {
	t.Helper()
	var err error
	for range 100 {
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(lowestPort+rand.N(highestPort-lowestPort)))); err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal(err)
	return ""
}

// Start starts the process and returns once it is ready. Like a service manager it
// restarts a process that exits during its start, up to twice: the server exits if the
// disk hangs for seconds, as a shared one may.
func (n *Node) Start() (err error) {
	for range 3 {
		if err = n.startOnce(); !errors.Is(err, errExited) {
			break
		}
	}
	return err
}

var errExited = errors.New("the server exited before it was ready")

func (n *Node) startOnce() error {
	cmd := exec.Command(n.binary)
	cmd.Env = n.env
	if n.log != nil {
		cmd.Stderr = n.log
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }() // Kill and Stop wait for it
	n.mu.Lock()
	n.cmd, n.exited = cmd, exited
	n.mu.Unlock()
	for begin := time.Now(); ; <-time.After(10 * time.Millisecond) {
		if n.Ready() {
			return nil
		}
		select {
		case err := <-exited:
			exited <- err
			return fmt.Errorf("%w: %w\n%s", errExited, err, n.logTail())
		default:
		}
		if time.Since(begin) > MaxWait {
			return fmt.Errorf("the server is not ready after %v", MaxWait)
		}
	}
}

// logTail returns the end of the node's log, which it may share with other nodes.
func (n *Node) logTail() string {
	if n.log == nil {
		return ""
	}
	text, err := os.ReadFile(n.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}

// Supervise starts the process again and again until it is ready: its database may be
// unreachable for some time.
func (n *Node) Supervise() (err error) {
	for begin := time.Now(); time.Since(begin) < MaxWait; <-time.After(200 * time.Millisecond) {
		if err = n.Start(); err == nil {
			return nil
		}
		n.Kill()
	}
	return err
}

// Ready reports whether the node answers its readiness check with 200.
func (n *Node) Ready() bool { return strings.HasPrefix(n.Readiness(), "200 ") }

// Readiness returns the status and text of the node's readiness check, or the error.
func (n *Node) Readiness() string {
	client := http.Client{Timeout: 2 * time.Second}
	resp, err := client.Get("http://" + n.Admin + "/readyz")
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %s", resp.StatusCode, text)
}

// Kill ends the process with SIGKILL: it cannot clean up.
func (n *Node) Kill() { _ = n.end(syscall.SIGKILL) }

// Stop ends the process with SIGTERM. It returns an error if the exit status was not 0.
func (n *Node) Stop() error { return n.end(syscall.SIGTERM) }

func (n *Node) end(sig syscall.Signal) error {
	n.mu.Lock()
	cmd, exited := n.cmd, n.exited
	n.cmd = nil
	n.mu.Unlock()
	if cmd == nil {
		return nil
	}
	_ = cmd.Process.Signal(sig)
	select {
	case err := <-exited:
		return err
	case <-time.After(MaxWait):
		_ = cmd.Process.Kill()
		<-exited
		return fmt.Errorf("the server did not exit within %v", MaxWait)
	}
}

// Freeze suspends the process with SIGSTOP; Thaw continues it.
func (n *Node) Freeze() { n.signal(syscall.SIGSTOP) }
func (n *Node) Thaw()   { n.signal(syscall.SIGCONT) }

func (n *Node) signal(s syscall.Signal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd != nil {
		_ = n.cmd.Process.Signal(s)
	}
}

// Died returns an error if the process exited although the test did not end it.
func (n *Node) Died() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd == nil {
		return nil
	}
	select {
	case err := <-n.exited:
		n.exited <- err
		return fmt.Errorf("the server exited unexpectedly: %w", err)
	default:
		return nil
	}
}

// metric reads one of the node's metrics.
func (n *Node) metric(name string) (float64, error) {
	resp, err := http.Get("http://" + n.Admin + "/metrics")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, errors.Join(lines.Err(), fmt.Errorf("no metric %s", name))
}

// Metric returns one of a node's metrics.
func (s *System) Metric(n *Node, name string) float64 {
	s.T.Helper()
	value, err := n.metric(name)
	Must(s.T, err)
	return value
}
