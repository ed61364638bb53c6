// Package redistest runs a real Redis server for tests.
package redistest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// A Server is a Redis server of its own.
type Server struct {
	Addr string // 127.0.0.1:PORT
	dir  string
	args func(port string) []string

	mu    sync.Mutex
	cmd   *exec.Cmd
	leash io.Closer // the server ends when it is closed, so also when we die
}

// Start starts a server that lives as long as the test. args are options like
// "--requirepass", "secret".
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	dir := folder(t)
	return start(t, dir, func(port string) []string {
		return append([]string{"--bind", "127.0.0.1", "--port", port, "--dir", dir,
			"--save", "", "--appendonly", "no", "--daemonize", "no"}, args...)
	})
}

func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "redistest-")
	if err != nil {
		t.Fatal("redistest: ", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func start(t testing.TB, dir string, args func(port string) []string) *Server {
	t.Helper()
	s := &Server{dir: dir, args: args}
	t.Cleanup(s.Kill)
	for try := 0; ; try++ {
		s.Addr = "127.0.0.1:" + Port(t)
		err := s.launch()
		if err == nil {
			return s
		}
		if try == 3 {
			t.Fatal("redistest: ", err)
		}
	}
}

// Port returns a port that nobody uses.
func Port(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal("redistest: ", err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// URL is the server's address.
func (s *Server) URL() string { return "redis://" + s.Addr }

// lastResort ends a wait for a server that will never answer.
const lastResort = 10 * time.Minute

// guard runs a server until its own input ends.
const guard = `exec 3<&0 </dev/null; "$@" & pid=$!; (read -r line <&3; kill -KILL $pid) 2>/dev/null & wait $pid`

func (s *Server) launch() error {
	_, port, _ := net.SplitHostPort(s.Addr)
	args := append([]string{"-c", guard, "sh", "redis-server"}, s.args(port)...)
	cmd := exec.Command("/bin/sh", args...)
	log, err := os.Create(s.dir + "/log")
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	leash, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.mu.Lock()
	s.cmd, s.leash = cmd, leash
	s.mu.Unlock()
	for until := time.Now().Add(lastResort); time.Now().Before(until); {
		if err = answers(s.Addr); err == nil {
			return nil
		}
		<-time.After(10 * time.Millisecond)
	}
	s.Kill()
	said, _ := os.ReadFile(s.dir + "/log")
	return fmt.Errorf("it does not answer: %w\n%s", err, said)
}

// answers asks whether a Redis is there; one that wants a password first is.
func answers(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	said := make([]byte, 1)
	if _, err := conn.Read(said); err != nil {
		return err
	}
	if said[0] != '+' && said[0] != '-' {
		return errors.New("that is no Redis")
	}
	return nil
}

// Kill ends the server at once.
func (s *Server) Kill() {
	s.mu.Lock()
	cmd, leash := s.cmd, s.leash
	s.cmd, s.leash = nil, nil
	s.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = leash.Close()
	_ = cmd.Wait()
}

// Again starts the server again after Kill, at the same address and empty.
func (s *Server) Again(t testing.TB) {
	t.Helper()
	if err := s.launch(); err != nil {
		t.Fatal("redistest: ", err)
	}
}
