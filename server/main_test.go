package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"sidetext/store/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// serveHere runs the program with these settings until the test ends, and returns
// the address of its admin side once it is ready.
func serveHere(t testing.TB, environ ...string) (admin string) {
	t.Helper()
	listen, admin := freeAddress(t), freeAddress(t)
	environ = append(environ, "SIDETEXT_LISTEN="+listen, "SIDETEXT_ADMIN_LISTEN="+admin, "SIDETEXT_PUBLIC_URL=http://"+listen, "SIDETEXT_LOG=text,error")
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, []string{"serve"}, environ, io.Discard, os.Stderr) }()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != exitOK {
			t.Errorf("the server ended with %d", code)
		}
	})
	until(t, "the server is ready", func() bool {
		resp, err := http.Get("http://" + admin + "/readyz")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return admin
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

// must ends a test that can't go on after an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lastResort ends a wait that would never end. It measures nothing: whatever a
// test waits for may take as long as the machine needs.
const lastResort = 15 * time.Minute

// until waits until ok.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for begin := time.Now(); !ok(); <-time.After(5 * time.Millisecond) {
		if time.Since(begin) > lastResort {
			t.Fatalf("waited %v, but not: %s", lastResort, what)
		}
	}
}
