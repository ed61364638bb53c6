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

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	locked := redistest.Start(t, "--requirepass", "hunter2")
	free := redistest.Start(t)
	free.Do(t, "ACL", "SETUSER", "deaf", "on", ">hunter2", "+@all", "resetchannels")
	free.Do(t, "ACL", "SETUSER", "mute", "on", ">hunter2", "+@all", "-publish", "allchannels")
	free.Do(t, "ACL", "SETUSER", "shy", "on", ">hunter2", "-@all", "+publish", "+subscribe", "&sidetext/*")
	web := answering(t, func(string) string { return "HTTP/1.1 400 Bad Request\r\n\r\n" })
	old := answering(t, ancient("redis_version:5.0.14"))
	older := answering(t, ancient("redis_version:6.0.16"))
	other := answering(t, ancient("server_name:something else"))
	for name, test := range map[string]struct{ url, want string }{
		"good":                {free.URL(), ""},
		"with a password":     {"redis://:hunter2@" + locked.Addr, ""},
		"with few rights":     {"redis://shy:hunter2@" + free.Addr, ""},
		"no password":         {"redis://" + locked.Addr, "redis: the server wants a password, and the address has none"},
		"another password":    {"redis://:hunter3@" + locked.Addr, "redis: the server does not accept the user and password of the address"},
		"a superfluous one":   {"redis://:hunter2@" + free.Addr, ""},
		"no channel":          {"redis://deaf:hunter2@" + free.Addr, "redis: the user of the address may not do what is needed, which is to publish and subscribe on channels that begin with sidetext/: NOPERM"},
		"no publishing":       {"redis://mute:hunter2@" + free.Addr, "redis: the user of the address may not do what is needed, which is to publish and subscribe on channels that begin with sidetext/: NOPERM"},
		"no such database":    {free.URL() + "/99", "redis: the server answered: ERR DB index is out of range"},
		"no cluster":          {"redis+cluster://" + free.Addr, "redis: the server answered: ERR This instance has cluster support disabled"},
		"no sentinel":         {"redis+sentinel://" + free.Addr + "?master_name=main", "redis: "},
		"a web server":        {"redis://" + web, "redis: what answers there is no Redis"},
		"too old":             {"redis://" + old, "redis: the server has version 5.0.14, and 6.2 is the oldest that will do"},
		"a little too old":    {"redis://" + older, "redis: the server has version 6.0.16, and 6.2 is the oldest that will do"},
		"something like it":   {"redis://" + other, ""},
		"wrong":               {"http://hunter2@" + free.Addr, "redis: it has to begin with redis://"},
		"nobody is there":     {"redis://127.0.0.1:1", ""},
		"no sentinel answers": {"redis+sentinel://127.0.0.1:1?master_name=main", ""},
		"no cluster answers":  {"redis+cluster://127.0.0.1:1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, nil))
			var err error
			if test.want != "" {
				err = refused(t, test.url, logger)
			} else if bus, failed := redis.Open(t.Context(), test.url, "sidetext/x", "a", logger); failed != nil {
				err = failed
			} else {
				bus.Close()
			}
			switch got := fmt.Sprint(err); {
			case test.want == "" && err != nil, !strings.HasPrefix(got, test.want) && test.want != "":
				t.Errorf("got %q, want %q", got, test.want)
			case strings.Contains(got+log.String(), "hunter2"), strings.Contains(got, "\n"):
				t.Errorf("it says too much: %q %s", got, log.String())
			}
		})
	}
}

// A server that can't be reached at first is asked when it can.
func TestAskedLater(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	server.Kill()
	var said lines
	bus, err := redis.Open(t.Context(), server.URL(), "sidetext/x", "a", slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	ear := bustest.NewEar(t)
	bustest.ListenTo(t, bus, ear)
	if bus.Health().Whole {
		t.Error("it is whole, and there is nobody")
	}
	server.Again(t)
	bustest.Whole(t, bus, true)
	bus.Publish(hint("r", 1))
	ear.UntilHint("r", 1)
	if got := said.String(); strings.Count(got, "level=WARN") != 1 || strings.Count(got, "level=INFO") != 1 {
		t.Errorf("it logs %s", got)
	}
}

// lines is a log that can be read while it is written.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// answering listens and answers each command, or line of whatever it is.
func answering(t *testing.T, answer func(line string) string) (addr string) {
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

// ancient is a server that knows a few commands.
func ancient(info string) func(string) string {
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
