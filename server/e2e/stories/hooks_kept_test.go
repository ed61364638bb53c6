package stories

import (
	"bufio"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"sidetext/pretend/twilio"
	"sidetext/server/demo"
)

// TestTooLarge says how much is coming and is refused before any of it has.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, path := range []string{"/hooks/twilio/" + s.line().Endpoint + "/inbound", "/hooks/gorgias/x/event", "/api/launch"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		must(t, err)
		defer conn.Close()
		must(t, conn.SetDeadline(time.Now().Add(lastResort)))
		_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", path, 256<<10+1)
		must(t, err)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		must(t, err)
		if resp.StatusCode != 413 || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got %d %v", path, resp.StatusCode, resp.Header)
		}
	}
}

func TestTheSameTextAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, calls, err := s.World.Twilio.Deliver(t.Context(), twilio.Inbound{From: jane, To: demo.Number, Body: "where is my order?", Copies: 10})
	must(t, err)
	for _, c := range calls {
		if c.Status != 200 {
			t.Errorf("answered %d", c.Status)
		}
	}
	if heard := s.heard(jane); len(heard) != 1 {
		t.Errorf("kept %d texts", len(heard))
	}
}

// TestNotKept holds the database's lock for longer than anybody waits: the
// provider is told to come again, and that works once the lock is gone.
func TestNotKept(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	other, err := sql.Open("sqlite", s.DatabasePath())
	must(t, err)
	defer other.Close()
	lock, err := other.Conn(t.Context())
	must(t, err)
	_, err = lock.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	must(t, err)
	from := somebody()
	texts := []hook{{form: inbound(from, "one")}, {form: inbound(from, "two")}, {form: url.Values{"Body": {"unreadable"}}}}
	path := "/hooks/twilio/" + s.line().Endpoint + "/inbound"
	var waiting sync.WaitGroup
	for i := range texts {
		texts[i].path, texts[i].token = path, demo.TwilioToken
		waiting.Go(func() {
			if got := s.call(texts[i]); got.Status != 503 || got.Body != "" {
				t.Errorf("got %+v", got)
			}
		})
	}
	waiting.Wait()
	_, err = lock.ExecContext(t.Context(), "ROLLBACK")
	must(t, err)
	must(t, lock.Close())
	for _, h := range texts {
		until(t, "texts are kept again", func() bool { return s.call(h).Status == 200 })
	}
	if heard := s.heard(from); len(heard) != 2 {
		t.Errorf("kept %+v", heard)
	}
}
