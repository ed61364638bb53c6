package redis_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"sidetext/hub/bustest"
	"sidetext/hub/redis"
	"sidetext/hub/redistest"
)

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	withPassword := redistest.Start(t, "--requirepass", "hunter2")
	server := redistest.Start(t)
	server.Do(t, "ACL", "SETUSER", "nosubscribe", "on", ">hunter2", "+@all", "resetchannels")
	server.Do(t, "ACL", "SETUSER", "nopublish", "on", ">hunter2", "+@all", "-publish", "allchannels")
	server.Do(t, "ACL", "SETUSER", "minimal", "on", ">hunter2", "-@all", "+publish", "+subscribe", "&sidetext/*")
	web := fakeServer(t, func(string) string { return "HTTP/1.1 400 Bad Request\r\n\r\n" })
	old := fakeServer(t, fakeRedis("redis_version:5.0.14"))
	lessOld := fakeServer(t, fakeRedis("redis_version:6.0.16"))
	noVersion := fakeServer(t, fakeRedis("server_name:something else"))
	for name, test := range map[string]struct{ url, want string }{
		"good":                          {server.URL(), ""},
		"with a password":               {"redis://:hunter2@" + withPassword.Addr, ""},
		"with minimal permissions":      {"redis://minimal:hunter2@" + server.Addr, ""},
		"no password":                   {"redis://" + withPassword.Addr, "redis: the server requires a password, and the address has none"},
		"wrong password":                {"redis://:hunter3@" + withPassword.Addr, "redis: the server rejected the user and password of the address"},
		"unneeded password":             {"redis://:hunter2@" + server.Addr, ""},
		"no permission for the channel": {"redis://nosubscribe:hunter2@" + server.Addr, "redis: the user needs permission to publish and subscribe on channels that start with sidetext/: NOPERM"},
		"no permission to publish":      {"redis://nopublish:hunter2@" + server.Addr, "redis: the user needs permission to publish and subscribe on channels that start with sidetext/: NOPERM"},
		"no such database":              {server.URL() + "/99", "redis: the server answered: ERR DB index is out of range"},
		"no cluster":                    {"redis+cluster://" + server.Addr, "redis: the server answered: ERR This instance has cluster support disabled"},
		"no sentinel":                   {"redis+sentinel://" + server.Addr + "?master_name=main", "redis: "},
		"a web server":                  {"redis://" + web, "redis: the server does not speak the Redis protocol"},
		"too old":                       {"redis://" + old, "redis: the server has version 5.0.14; 6.2 or newer is required"},
		"a little too old":              {"redis://" + lessOld, "redis: the server has version 6.0.16; 6.2 or newer is required"},
		"no version":                    {"redis://" + noVersion, ""},
		"invalid address":               {"http://hunter2@" + server.Addr, "redis: must start with redis://"},
		"no server":                     {"redis://127.0.0.1:1", ""},
		"no sentinel answers":           {"redis+sentinel://127.0.0.1:1?master_name=main", ""},
		"no cluster answers":            {"redis+cluster://127.0.0.1:1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, nil))
			var err error
			if test.want != "" {
				err = openUntilRefused(t, test.url, logger)
			} else if bus, failed := redis.Open(t.Context(), test.url, "sidetext/x", "a", logger); failed != nil {
				err = failed
			} else {
				bus.Close()
			}
			switch got := fmt.Sprint(err); {
			case test.want == "" && err != nil, !strings.HasPrefix(got, test.want) && test.want != "":
				t.Errorf("got %q, want %q", got, test.want)
			case strings.Contains(got+log.String(), "hunter2"), strings.Contains(got, "\n"):
				t.Errorf("password or line break in: %q %s", got, log.String())
			}
		})
	}
}

// A server that cannot be reached at first is checked when it can.
func TestServerStartsLater(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	server.Kill()
	var log logBuffer
	bus, err := redis.Open(t.Context(), server.URL(), "sidetext/x", "a", slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	recorder := bustest.NewRecorder(t)
	bustest.SubscribeWith(t, bus, recorder)
	if bus.Health().Healthy {
		t.Error("healthy without a server")
	}
	server.Restart(t)
	bustest.WaitHealthy(t, bus, true)
	bus.Publish(hint("r", 1))
	recorder.WaitForHint("r", 1)
	if got := log.String(); strings.Count(got, "level=WARN") != 1 || strings.Count(got, "level=INFO") != 1 {
		t.Errorf("log:\n%s", got)
	}
}

// A logBuffer can be read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// fakeServer listens and answers each line that it receives.
func fakeServer(t *testing.T, answer func(line string) string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	t.Cleanup(func() { cancel(); _ = l.Close(); serving.Wait() })
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			serving.Go(func() {
				defer stop()
				defer conn.Close()
				for in := bufio.NewScanner(conn); in.Scan(); {
					if _, err := fmt.Fprint(conn, answer(in.Text())); err != nil {
						return
					}
				}
			})
		}
	})
	return l.Addr().String()
}

// fakeRedis answers the commands of checkServer.
func fakeRedis(info string) func(string) string {
	return func(line string) string {
		switch strings.ToLower(line) {
		case "hello":
			return "-ERR unknown command `HELLO`\r\n"
		case "info":
			text := "# Server\r\n" + info + "\r\n"
			return fmt.Sprintf("$%d\r\n%s\r\n", len(text), text)
		case "publish":
			return ":1\r\n"
		case "subscribe":
			return "*3\r\n$9\r\nsubscribe\r\n$10\r\nsidetext/x\r\n:1\r\n"
		}
		return ""
	}
}
