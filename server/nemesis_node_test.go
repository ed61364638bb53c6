package main

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

// A node is a server in a process of its own that can be killed, frozen and
// started again, always at the same addresses and with the same database.
type node struct {
	listen, admin string // host:port
	environ       []string
	log           *os.File // what all its lives wrote to standard error
	ways          ways
	well          atomic.Bool // ready when it was last asked

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan error
}

// newNode makes a node that has not been started. The address it listens at is
// of a host that nobody calls from: else, while it is down, some outgoing
// connection could be given its port.
func newNode(t testing.TB, log *os.File, environ ...string) *node {
	t.Helper()
	host := fmt.Sprintf("127.%d.%d.%d", 64+rand.N(128), rand.N(256), 1+rand.N(254))
	n := &node{listen: freePort(t, host), admin: freePort(t, host), log: log}
	n.environ = append([]string{
		"TEST_AS_SERVER=1", "PATH=" + os.Getenv("PATH"), "SIDETEXT_LISTEN=" + n.listen, "SIDETEXT_ADMIN_LISTEN=" + n.admin, "SIDETEXT_LOG=text,warn",
	}, environ...)
	t.Cleanup(n.kill)
	return n
}

func freePort(t testing.TB, host string) string {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

// start begins a life and returns once the server is ready.
func (n *node) start() error {
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = n.environ, n.log
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }() // kill and stop wait for it
	n.mu.Lock()
	n.cmd, n.exited = cmd, exited
	n.mu.Unlock()
	for deadline := time.Now().Add(time.Minute); ; <-time.After(10 * time.Millisecond) {
		if n.ready() {
			return nil
		}
		select {
		case err := <-exited:
			exited <- err
			return fmt.Errorf("the server ended before it was ready: %w", err)
		default:
		}
		if time.Now().After(deadline) {
			return errors.New("the server is not ready after a minute")
		}
	}
}

// supervise starts the server again and again until it is ready: what it rests on
// may be away.
func (n *node) supervise() (err error) {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(200 * time.Millisecond) {
		if err = n.start(); err == nil {
			return nil
		}
		n.kill()
	}
	return err
}

func (n *node) ready() bool { return strings.HasPrefix(n.answer(), "200 ") }

// answer is what the node says when it is asked whether it is ready: the status
// and the words.
func (n *node) answer() string {
	client := http.Client{Timeout: 2 * time.Second}
	resp, err := client.Get("http://" + n.admin + "/readyz")
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

// kill ends the life as a power cut would: nothing can be cleared up.
func (n *node) kill() { _ = n.end(syscall.SIGKILL, time.Minute) }

// stop ends the life as an operator does, and returns what was wrong with that.
func (n *node) stop() error { return n.end(syscall.SIGTERM, time.Minute) }

func (n *node) end(how syscall.Signal, within time.Duration) error {
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
	case <-time.After(within):
		_ = cmd.Process.Kill()
		<-exited
		return fmt.Errorf("the server did not end within %v", within)
	}
}

// freeze stops the process where it stands, and thaw lets it go on as if no time
// had passed.
func (n *node) freeze() { n.signal(syscall.SIGSTOP) }
func (n *node) thaw()   { n.signal(syscall.SIGCONT) }

func (n *node) signal(s syscall.Signal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd != nil {
		_ = n.cmd.Process.Signal(s)
	}
}

// died reports whether the process ended although nobody had asked it to.
func (n *node) died() error {
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
func (n *node) metric(name string) (float64, error) {
	resp, err := http.Get("http://" + n.admin + "/metrics")
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
