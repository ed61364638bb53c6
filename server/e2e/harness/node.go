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

// A Node is the program in a process of its own that can be killed, frozen and
// started again, always with the same addresses and the same database.
type Node struct {
	Listen, Admin string // host:port
	binary        string
	env       []string
	log           *os.File // what all its lives wrote to standard error
	Proxies       proxies
	WasReady          atomic.Bool // ready when it was last asked

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan error
}

// newNode makes a node that has not been started. Its two addresses stay the same
// over all its lives, see freeAddress.
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

// StartNode makes a node with its own settings and starts it.
func StartNode(t testing.TB, environ ...string) *Node {
	t.Helper()
	n := newNode(t, nil, environ...)
	n.env = append([]string{"SIDETEXT_PUBLIC_URL=http://" + n.Listen}, n.env...)
	Must(t, n.Start())
	return n
}

// Ports below the range that systems give to connections and to listeners on port
// 0: while a node is down, nothing else on the machine is given its port.
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
// starts a process again that gave up, twice: a disk that hangs for seconds, as a
// shared one may, is reason enough for the server to do so.
func (n *Node) Start() (err error) {
	for range 3 {
		if err = n.startOnce(); !errors.Is(err, errExited) {
			break
		}
	}
	return err
}

// errEnded: the process ended before it was ready.
var errExited = errors.New("the server ended before it was ready")

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
	go func() { exited <- cmd.Wait() }() // kill and stop wait for it
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

// logTail is the end of what the node wrote to standard error, and of what those
// wrote that share its log.
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

// Supervise starts the process again and again until it is ready: its database may
// be away.
func (n *Node) Supervise() (err error) {
	for begin := time.Now(); time.Since(begin) < MaxWait; <-time.After(200 * time.Millisecond) {
		if err = n.Start(); err == nil {
			return nil
		}
		n.Kill()
	}
	return err
}

func (n *Node) Ready() bool { return strings.HasPrefix(n.Readiness(), "200 ") }

// Answer is the status and text of the node's readiness check.
func (n *Node) Readiness() string {
	client := http.Client{Timeout: 2 * time.Second}
	resp, err := client.Get("http://" + n.Admin + "/readyz")
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	words, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %s", resp.StatusCode, words)
}

// Kill ends the process as a power cut would: it can clear nothing up.
func (n *Node) Kill() { _ = n.end(syscall.SIGKILL) }

// Stop ends the process as an operator does. An error says that it did not end well.
func (n *Node) Stop() error { return n.end(syscall.SIGTERM) }

func (n *Node) end(how syscall.Signal) error {
	n.mu.Lock()
	cmd, exited := n.cmd, n.exited
	n.cmd = nil
	n.mu.Unlock()
	if cmd == nil {
		return nil
	}
	_ = cmd.Process.Signal(how)
	select {
	case err := <-exited:
		return err
	case <-time.After(MaxWait):
		_ = cmd.Process.Kill()
		<-exited
		return fmt.Errorf("the server did not end within %v", MaxWait)
	}
}

// Freeze stops the process where it stands; Thaw lets it go on.
func (n *Node) Freeze() { n.signal(syscall.SIGSTOP) }
func (n *Node) Thaw()   { n.signal(syscall.SIGCONT) }

func (n *Node) signal(s syscall.Signal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd != nil {
		_ = n.cmd.Process.Signal(s)
	}
}

// Died reports whether the process ended although the test did not end it.
func (n *Node) Died() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd == nil {
		return nil
	}
	select {
	case err := <-n.exited:
		n.exited <- err
		return fmt.Errorf("the server ended by itself: %w", err)
	default:
		return nil
	}
}

// metric reads one of the server's figures.
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
	return 0, errors.Join(lines.Err(), fmt.Errorf("the server does not say %s", name))
}

// Metric returns one of a node's metrics.
func (s *System) Metric(n *Node, name string) float64 {
	s.T.Helper()
	value, err := n.metric(name)
	Must(s.T, err)
	return value
}
