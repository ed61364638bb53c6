// Package redistest runs real Redis servers for tests.
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

// startTimeout is how long a server may take to answer.
const startTimeout = 10 * time.Minute

// A Server is a running Redis server.
type Server struct {
	Addr string // 127.0.0.1:PORT
	dir  string
	args func(port string) []string

	mu    sync.Mutex
	cmd   *exec.Cmd
	stdin io.Closer // the server ends when it is closed, and so also when the test process dies
}

// Start starts a server that lives as long as the test. args are more options of
// redis-server, like "--requirepass", "secret".
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	dir := tempDir(t)
	return start(t, dir, func(port string) []string {
		return append([]string{"--bind", "127.0.0.1", "--port", port, "--dir", dir,
			"--save", "", "--appendonly", "no", "--daemonize", "no"}, args...)
	})
}

func tempDir(t testing.TB) string {
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
	for attempt := 1; ; attempt++ {
		s.Addr = "127.0.0.1:" + FreePort(t)
		err := s.launch()
		if err == nil {
			return s
		}
		if attempt == 4 { // before that, another process may have taken the port
			t.Fatal("redistest: ", err)
		}
	}
}

// FreePort returns a TCP port that is not in use.
func FreePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal("redistest: ", err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// URL returns the server's address as redis://HOST:PORT.
func (s *Server) URL() string { return "redis://" + s.Addr }

// killOnEOF is a shell script that runs a command and kills it when the script's
// standard input ends.
const killOnEOF = `exec 3<&0 </dev/null; "$@" & pid=$!; (read -r line <&3; kill -KILL $pid) 2>/dev/null & wait $pid`

func (s *Server) launch() error {
	_, port, _ := net.SplitHostPort(s.Addr)
	args := append([]string{"-c", killOnEOF, "sh", "redis-server"}, s.args(port)...)
	cmd := exec.Command("/bin/sh", args...)
	log, err := os.Create(s.dir + "/log")
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.mu.Lock()
	s.cmd, s.stdin = cmd, stdin
	s.mu.Unlock()
	for until := time.Now().Add(startTimeout); time.Now().Before(until); {
		if err = ping(s.Addr); err == nil {
			return nil
		}
		<-time.After(10 * time.Millisecond)
	}
	s.Kill()
	output, _ := os.ReadFile(s.dir + "/log")
	return fmt.Errorf("start redis-server: no answer: %w\n%s", err, output)
}

// ping checks that a Redis server answers at addr. A server that requires a
// password answers with an error, which is enough.
func ping(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	answer := make([]byte, 1)
	if _, err := conn.Read(answer); err != nil {
		return err
	}
	if answer[0] != '+' && answer[0] != '-' {
		return errors.New("not a Redis server")
	}
	return nil
}

// Kill kills the server.
func (s *Server) Kill() {
	s.mu.Lock()
	cmd, stdin := s.cmd, s.stdin
	s.cmd, s.stdin = nil, nil
	s.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = stdin.Close()
	_ = cmd.Wait()
}

// Restart starts the server again after Kill, empty and at the same address.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.launch(); err != nil {
		t.Fatal("redistest: ", err)
	}
}
