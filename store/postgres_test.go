package store_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/pgtest"
)

// When the server crashes several times under load, no acknowledged text is lost
// or doubled, and writes succeed soon after each restart.
func TestPostgresCrashes(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	s := openURL(t, server.Schema(t))
	config := must[chat.LineConfig](t)(createShop(t.Context(), s, "acme"))
	var stored sync.Map // the acknowledged texts
	var acknowledged, next atomic.Int64
	stop := make(chan struct{})
	var writing sync.WaitGroup
	defer writing.Wait()
	end := sync.OnceFunc(func() { close(stop) })
	defer end()
	for caller := range 16 {
		writing.Go(func() {
			for {
				id := fmt.Sprint("SM", next.Add(1))
				for { // retries, as a provider does
					select {
					case <-stop:
						return
					default:
					}
					if err := receiveText(s, config, chat.Phone(fmt.Sprintf("+1415555%04d", caller%7)), id, id); err == nil {
						break
					}
				}
				stored.Store(id, true)
				acknowledged.Add(1)
			}
		})
	}
	waitForWrite := func() {
		t.Helper()
		before, began := acknowledged.Load(), time.Now()
		for acknowledged.Load() == before {
			if time.Since(began) > maxWait {
				t.Fatalf("no write succeeded for %v", maxWait)
			}
			<-time.After(time.Millisecond)
		}
	}
	waitForWrite()
	for range 4 {
		server.Crash()
		server.Restart(t)
		began := time.Now()
		waitForWrite()
		t.Logf("the first write succeeded after %v", time.Since(began))
		// A request that waited while the server was down may still get that answer.
		for began := time.Now(); ; <-time.After(time.Millisecond) {
			if err := s.Ready(t.Context()); err == nil {
				break
			} else if time.Since(began) > maxWait {
				t.Fatalf("not ready %v after the restart: %v", maxWait, err)
			}
		}
	}
	end()
	writing.Wait()
	h := &shopFixture{t, s, t.Context(), config}
	found := map[string]int{}
	for which := range 7 {
		turn := h.receive(chat.Phone(fmt.Sprintf("+1415555%04d", which)), "last", "bye")
		for i, e := range h.entries(turn.Conversation.ID) {
			if e.Seq != int64(i+1) {
				t.Fatalf("entry %d is at place %d", e.Seq, i+1)
			}
			if e.Way == chat.In {
				found[e.Text]++
			}
		}
	}
	stored.Range(func(id, _ any) bool {
		if found[id.(string)] != 1 {
			t.Errorf("%s was acknowledged and is stored %d times", id, found[id.(string)])
		}
		return true
	})
}

// proxied puts a proxy in front of a server, and returns the address through it.
func proxied(t *testing.T, server *pgtest.Server, url string) (*toxiproxy.Proxy, string) {
	t.Helper()
	proxy := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "postgres", "127.0.0.1:0", server.Addr)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	return proxy, strings.Replace(url, server.Addr, proxy.Listen, 1)
}

// When the server stops answering, reads and writes fail in time, and succeed again
// once it answers.
func TestPostgresSilent(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	proxy, url := proxied(t, server, server.Schema(t))
	s := openURL(t, url)
	if _, err := s.AddShop(t.Context(), "before", noon); err != nil {
		t.Fatal(err)
	}
	for _, way := range []string{"upstream", "downstream"} {
		if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(`{"name":"hole` + way + `","type":"timeout","stream":"` + way + `","attributes":{"timeout":0}}`)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var calling sync.WaitGroup
	for range 20 {
		calling.Go(func() {
			if _, err := s.Shops(ctx); err == nil {
				t.Error("a read succeeded")
			}
		})
		calling.Go(func() {
			if err := s.Ready(ctx); err == nil {
				t.Error("a write succeeded")
			}
		})
	}
	calling.Wait() // although the server still does not answer
	for _, way := range []string{"upstream", "downstream"} {
		if err := proxy.Toxics.RemoveToxic(t.Context(), "hole"+way); err != nil {
			t.Fatal(err)
		}
	}
	for began := time.Now(); ; {
		if _, err := s.Shops(t.Context()); err == nil && s.Ready(t.Context()) == nil {
			break
		} else if time.Since(began) > maxWait {
			t.Fatalf("after the server answers again: %v", err)
		}
	}
}

// A server that becomes read-only is left; as soon as one accepts writes it is used.
func TestPostgresTurnsReadOnly(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	s := openURL(t, server.Schema(t))
	set := func(value string) {
		t.Helper()
		conn := must[*pgx.Conn](t)(pgx.Connect(t.Context(), server.URL()))
		defer conn.Close(t.Context())
		for _, sql := range []string{"SET default_transaction_read_only = off", "ALTER SYSTEM SET default_transaction_read_only = " + value, "SELECT pg_reload_conf()"} {
			if _, err := conn.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
	}
	set("on")
	deadline := time.Now().Add(maxWait)
	for s.Ready(t.Context()) == nil { // until the server has read its settings
		if time.Now().After(deadline) {
			t.Fatal("the server still accepts writes")
		}
	}
	set("off")
	for err := error(nil); ; {
		if err = s.Ready(t.Context()); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// The error for a server that can't be used is one line without the password.
func TestPostgresRefused(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for name, test := range map[string]struct{ url, want string }{
		"no database":   {"postgres://sidetext:hunter2@" + server.Addr + "/nowhere?sslmode=disable", `no database "nowhere"`},
		"no user":       {"postgres://nobody:hunter2@" + server.Addr + "/postgres?sslmode=disable", "user"},
		"no server":     {"postgres://sidetext:hunter2@127.0.0.1:1/postgres", "connection refused"},
		"no such host":  {"postgres://sidetext:hunter2@nowhere.invalid/postgres", "nowhere.invalid"},
		"no TLS":        {"postgres://sidetext:hunter2@" + server.Addr + "/postgres?sslmode=require", "TLS"},
		"never answers": {"postgres://sidetext:hunter2@" + silent.Addr().String() + "/postgres?sslmode=disable", "no answer"},
		"no address":    {"postgres://sidetext:hunter2@127.0.0.1:port/postgres", "parse"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), test.url, key, slog.New(slog.DiscardHandler))
			if err == nil {
				_ = s.Close()
				t.Fatal("opened")
			}
			if text := err.Error(); !strings.Contains(text, test.want) || !strings.HasPrefix(text, "store: ") || strings.ContainsAny(text, "\n") || strings.Contains(text, "hunter2") {
				t.Errorf("got %q", text)
			}
		})
	}
}

// A server whose settings may lose commits is used, with an error in the log for each.
func TestPostgresUnsafe(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t, "fsync=off", "full_page_writes=off", "synchronous_commit=off")
	var log bytes.Buffer
	s, err := store.Open(t.Context(), server.Schema(t), key, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"fsync=off", "full_page_writes=off", "synchronous_commit=off"} {
		if strings.Count(log.String(), name) != 1 {
			t.Errorf("%s is logged %d times", name, strings.Count(log.String(), name))
		}
	}
	if strings.Count(log.String(), "level=ERROR") != 3 {
		t.Errorf("logged %s", log.String())
	}
}
