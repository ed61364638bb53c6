// Package pgtest runs a real PostgreSQL server for tests.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Server is a running PostgreSQL server. Its texts sort by language and not by
// bytes, so that tests find code that relies on the server's order.
type Server struct {
	Addr    string // 127.0.0.1:PORT
	dir     string
	options []string

	mu    sync.Mutex
	cmd   *exec.Cmd
	stdin io.Closer // the server ends when it is closed, so also when this process dies
	names int       // schemas made so far
}

// Start starts a server that lives as long as the test. options are settings like
// "max_connections=200".
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	s, err := start(options)
	if err != nil {
		t.Fatal("pgtest: ", err)
	}
	t.Cleanup(s.remove)
	return s
}

var shared struct {
	sync.Once
	*Server
	err error
}

// Shared returns a server for all tests of a package, each in its own schema (see
// Schema). It does not sync to disk. Main ends it.
func Shared(t testing.TB) *Server {
	t.Helper()
	shared.Do(func() {
		shared.Server, shared.err = start([]string{"fsync=off", "synchronous_commit=on", "full_page_writes=off", "max_connections=400"})
	})
	if shared.err != nil {
		t.Fatal("pgtest: ", shared.err)
	}
	return shared.Server
}

// Main runs a package's tests, and ends the shared server if they started one.
func Main(m *testing.M) (code int) {
	defer func() {
		if shared.Server != nil {
			shared.Server.remove()
		}
	}()
	return m.Run()
}

// URL returns the address of the server's database.
func (s *Server) URL() string {
	return "postgres://sidetext@" + s.Addr + "/postgres?sslmode=disable"
}

// Schema creates an empty schema and returns the address of the database with it.
func (s *Server) Schema(t testing.TB) string {
	t.Helper()
	s.mu.Lock()
	s.names++
	name := "test" + strconv.Itoa(s.names)
	s.mu.Unlock()
	if err := s.exec("CREATE SCHEMA " + name); err != nil {
		t.Fatal("pgtest: ", err)
	}
	return s.URL() + "&search_path=" + url.QueryEscape(name)
}

// maxWait ends a wait for a server that does not answer. It is long, because the
// machine may be busy with other tests.
const maxWait = 10 * time.Minute

func (s *Server) exec(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), maxWait)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL())
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(ctx))
}

func start(options []string) (s *Server, err error) {
	s = &Server{options: options}
	if s.dir, err = os.MkdirTemp("", "pgtest-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(s.dir)
		}
	}()
	if account := serverAccount(); account != nil {
		if err := os.Chown(s.dir, int(account.Uid), int(account.Gid)); err != nil {
			return nil, err
		}
	}
	initdb := s.command("initdb", "-D", s.data(), "-U", "sidetext", "--auth=trust", "-E", "UTF8", "--no-sync",
		"--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("run initdb: %w: %s", err, out)
	}
	return s, s.begin()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(tool(name), args...)
	cmd.Dir = s.dir
	if account := serverAccount(); account != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: account}
	}
	return cmd
}

// begin starts the server on a free port. If another process takes the port before,
// begin tries another one.
func (s *Server) begin() error {
	for try := 0; ; try++ {
		if s.Addr == "" || try > 0 && s.cmd == nil {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			s.Addr = l.Addr().String()
			_ = l.Close()
		}
		err := s.launch()
		if err == nil || try == 3 {
			return err
		}
	}
}

// killOnEOF is a shell script that runs a command and stops it when the script's
// standard input ends.
const killOnEOF = `exec 3<&0 </dev/null; "$@" & pid=$!; (read -r line <&3; kill -QUIT $pid) 2>/dev/null & wait $pid`

func (s *Server) launch() error {
	_, port, _ := net.SplitHostPort(s.Addr)
	args := []string{"-D", s.data(), "-k", s.dir, "-h", "127.0.0.1", "-p", port}
	for _, option := range append([]string{"max_connections=100", "log_min_messages=warning"}, s.options...) {
		args = append(args, "-c", option)
	}
	cmd := s.command("postgres")
	cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh", "-c", killOnEOF, "sh", cmd.Path}, args...)
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
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
	for until := time.Now().Add(maxWait); ; {
		err := s.exec("SELECT 1")
		if err == nil {
			return nil
		}
		if time.Now().After(until) {
			s.Crash()
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("no answer: %w\n%s", err, log[max(0, len(log)-2000):])
		}
		<-time.After(20 * time.Millisecond)
	}
}

// Crash kills the server. It has to recover when it is started again.
func (s *Server) Crash() {
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

// Restart starts the server after a Crash, at the same address, and returns once it
// accepts connections.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.launch(); err != nil {
		t.Fatal("pgtest: ", err)
	}
}

// Dir returns the server's data folder.
func (s *Server) Dir() string { return s.data() }

func (s *Server) remove() {
	s.Crash()
	_ = os.RemoveAll(s.dir)
}

// serverAccount returns an account without rights if the tests run as root, as which
// PostgreSQL refuses to run, and otherwise nil.
func serverAccount() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	account, err := user.Lookup("nobody")
	if err != nil {
		return nil
	}
	uid, _ := strconv.ParseUint(account.Uid, 10, 32)
	gid, _ := strconv.ParseUint(account.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// tool returns the path of a program of PostgreSQL. Debian installs them outside
// PATH, in a folder for each version.
func tool(name string) string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) > 0 {
		slices.Sort(found)
		return found[len(found)-1]
	}
	return name
}
