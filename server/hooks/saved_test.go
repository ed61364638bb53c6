package hooks_test

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
	"sidetext/server/e2e/stage"
)

// TestLargeRequestIsRefused: a request that announces a large body is refused
// before the body arrives.
func TestLargeRequestIsRefused(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	for _, path := range []string{"/hooks/twilio/" + s.Line().Endpoint + "/inbound", "/hooks/gorgias/x/event", "/api/launch"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		stage.Must(t, err)
		defer conn.Close()
		stage.Must(t, conn.SetDeadline(time.Now().Add(stage.Timeout)))
		_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", path, 256<<10+1)
		stage.Must(t, err)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		stage.Must(t, err)
		if resp.StatusCode != 413 || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got %d %v", path, resp.StatusCode, resp.Header)
		}
	}
}

func TestSameTextConcurrently(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	_, calls, err := s.World.Twilio.Deliver(t.Context(), twilio.Inbound{From: stage.Jane, To: demo.Number, Body: "where is my order?", Copies: 10})
	stage.Must(t, err)
	for _, c := range calls {
		if c.Status != 200 {
			t.Errorf("answered %d", c.Status)
		}
	}
	if received := s.TextsFrom(stage.Jane); len(received) != 1 {
		t.Errorf("stored %d texts", len(received))
	}
}

// TestTextIsNotAcknowledgedWithoutCommit: while the database is locked, the
// provider is asked to retry, and the retry works after that.
func TestTextIsNotAcknowledgedWithoutCommit(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	other, err := sql.Open("sqlite", s.DatabasePath())
	stage.Must(t, err)
	defer other.Close()
	lock, err := other.Conn(t.Context())
	stage.Must(t, err)
	_, err = lock.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	stage.Must(t, err)
	from := stage.NewPhone()
	texts := []stage.TwilioRequest{{Form: stage.Inbound(from, "one")}, {Form: stage.Inbound(from, "two")}, {Form: url.Values{"Body": {"unreadable"}}}}
	path := "/hooks/twilio/" + s.Line().Endpoint + "/inbound"
	var waiting sync.WaitGroup
	for i := range texts {
		texts[i].Path, texts[i].Token = path, demo.TwilioToken
		waiting.Go(func() {
			if got := s.Call(texts[i]); got.Status != 503 || got.Body != "" {
				t.Errorf("got %+v", got)
			}
		})
	}
	waiting.Wait()
	_, err = lock.ExecContext(t.Context(), "ROLLBACK")
	stage.Must(t, err)
	stage.Must(t, lock.Close())
	for _, h := range texts {
		stage.Until(t, "texts are stored again", func() bool { return s.Call(h).Status == 200 })
	}
	if received := s.TextsFrom(from); len(received) != 2 {
		t.Errorf("stored %+v", received)
	}
}
