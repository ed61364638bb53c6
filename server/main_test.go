package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"sidetext/store/pgtest"
)

// TestMain lets the test program be the server as well: a server that is killed,
// or measured, has to be a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("TEST_AS_SERVER") != "" {
		ctx, stop := signals()
		code := run(ctx, []string{"serve"}, os.Environ(), os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	os.Exit(pgtest.Main(m))
}

// A process is a server of its own.
type process struct {
	*exec.Cmd
	listen string
	admin  string
}

// startProcess runs a server as a process and returns once it is ready.
func startProcess(t testing.TB, environ ...string) *process {
	t.Helper()
	p := &process{listen: freeAddress(t), admin: freeAddress(t)}
	p.Cmd = exec.Command(os.Args[0])
	p.Env = append([]string{
		"TEST_AS_SERVER=1", "PATH=" + os.Getenv("PATH"), "SIDETEXT_LISTEN=" + p.listen, "SIDETEXT_ADMIN_LISTEN=" + p.admin,
		"SIDETEXT_PUBLIC_URL=http://" + p.listen, "SIDETEXT_LOG=text,error",
	}, environ...)
	logs, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.Stdout = io.Discard
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.kill() })
	go func() {
		lines := bufio.NewScanner(logs)
		for lines.Scan() {
			if testing.Verbose() || strings.Contains(lines.Text(), "DATA RACE") {
				fmt.Fprintln(os.Stderr, "server:", lines.Text())
			}
		}
	}()
	until(t, 30*time.Second, "the server is ready", func() bool {
		resp, err := http.Get("http://" + p.admin + "/readyz")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return p
}

// kill ends the process as a power cut would: it can clear nothing up.
func (p *process) kill() {
	_ = p.Process.Kill()
	_ = p.Wait()
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// until waits for something to become true.
func until(t testing.TB, within time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v, but not: %s", within, what)
		}
		<-time.After(5 * time.Millisecond)
	}
}
