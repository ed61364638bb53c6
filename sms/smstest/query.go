package smstest

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/chat"
)

// testSentAndStatus tests that the state of texts can be queried if all answers and
// reports were lost.
func testSentAndStatus(t *testing.T, p Provider) {
	server := p.StartServer(t, line)
	client := p.NewClient(server.URL())
	start := time.Now()
	send := func(to chat.Phone, text string) string {
		t.Helper()
		sent, err := client.Send(t.Context(), line, chat.Outgoing{From: line.Number, To: to, Text: text, ValidityPeriod: time.Hour}, "")
		if err != nil {
			t.Fatal(err)
		}
		return sent.ID
	}
	server.SendText(out.To, "from the shopper")
	first, _, second, third := send(out.To, out.Text), send("+14155550124", "ok"), send(out.To, "ok"), send(out.To, "ok")
	list := func(to chat.Phone, since time.Time) []chat.Record {
		t.Helper()
		list, err := client.Sent(t.Context(), line, to, since)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	got := list(out.To, start)
	var ids, texts []string
	for _, r := range got {
		ids, texts = append(ids, r.ID), append(texts, r.Text)
		if r.At.Before(start.Add(-time.Second)) || r.At.After(time.Now().Add(time.Second)) {
			t.Errorf("accepted at %v, want %v", r.At, start)
		}
	}
	if want := []string{third, second, first}; !reflect.DeepEqual(ids, want) || !reflect.DeepEqual(texts, []string{"ok", "ok", out.Text}) {
		t.Errorf("the list has %q, %q; want %q", ids, texts, want)
	}
	if later := list(out.To, start.Add(time.Hour)); len(later) != 0 {
		t.Errorf("%d texts, want none after now", len(later))
	}
	if none := list("+14155550125", start); none == nil || len(none) != 0 {
		t.Errorf("%v to a phone without texts", none)
	}
	// The provider changes the state of the text meanwhile.
	for state := chat.Queued; state != chat.Delivered; {
		report, err := client.Status(t.Context(), line, first)
		if err != nil || report.ID != first || report.State == chat.Failed || report.Token != "" {
			t.Fatalf("got %+v, %v", report, err)
		}
		state = report.State
	}
	_, err := client.Status(t.Context(), line, strings.Replace(first, first[2:8], "ffffff", 1))
	if e := sendError(t, err, chat.Rejected); e.WholeAccount {
		t.Error("an unknown text pauses the account")
	}
}

// testReceived tests that all texts whose webhooks were lost are listed.
func testReceived(t *testing.T, p Provider) {
	server := p.StartServer(t, line)
	client := p.NewClient(server.URL())
	start := time.Now()
	picture := chat.File{Type: "image/png", Data: []byte("\x89PNG\x0D\x0A\x1A\x0A and so on")}
	clip := chat.File{Type: "audio/amr", Data: []byte("#!AMR\n and so on")}
	if _, err := client.Send(t.Context(), line, out, ""); err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := range 2_345 { // more than a page of any provider
		want = append(want, server.SendText(out.To, fmt.Sprint(i)))
	}
	want = append(want, server.SendText("72345", "", picture, clip))
	got, err := client.Received(t.Context(), line, start)
	if err != nil {
		t.Fatal(err)
	}
	delivered, err := p.Inbound(p.InboundWebhook(line, text(nil), nil).Body)
	if err != nil || len(got) != len(want) {
		t.Fatalf("got %d texts, want %d (%v)", len(got), len(want), err)
	}
	for i, in := range got {
		if in.ID != want[i] || i < 2_345 && in.Text != fmt.Sprint(i) || in.Provider != delivered.Provider || in.Account != delivered.Account || in.To != line.Number {
			t.Fatalf("text %d is %+v, want %s", i, in, want[i])
		}
		if in.At.Before(start.Add(-time.Second)) || in.At.After(time.Now().Add(time.Second)) {
			t.Fatalf("text %d was received at %v, want %v", i, in.At, start)
		}
	}
	last := got[len(got)-1]
	if last.From != "72345" || len(last.Media) != 2 {
		t.Fatalf("the text with two files is %+v", last)
	}
	if last.Media, err = client.Files(t.Context(), line, last); err != nil || len(last.Media) != 2 {
		t.Fatalf("its files are %+v, %v", last.Media, err)
	}
	for i, file := range []chat.File{picture, clip} {
		_, err := client.Fetch(t.Context(), line, last.Media[i])
		sendError(t, err, chat.NotSent) // not available yet
		if got, err := client.Fetch(t.Context(), line, last.Media[i]); err != nil || !reflect.DeepEqual(got, file) {
			t.Errorf("fetched %+v, %v; want %+v", got, err, file)
		}
	}
	if later, err := client.Received(t.Context(), line, start.Add(time.Hour)); err != nil || len(later) != 0 {
		t.Errorf("%d texts, want none after now, %v", len(later), err)
	}
}

// testQueryFaults tests that failed queries can be repeated, and that they return no
// partial results: a list is complete, or it is an error.
func testQueryFaults(t *testing.T, p Provider) {
	queries := map[string]func(Client, string) error{
		"status": func(c Client, _ string) error { _, err := c.Status(t.Context(), line, SentID); return err },
		"sent":   func(c Client, _ string) error { _, err := c.Sent(t.Context(), line, out.To, time.Now()); return err },
		"received": func(c Client, _ string) error {
			_, err := c.Received(t.Context(), line, time.Now())
			return err
		},
		"file": func(c Client, address string) error {
			_, err := c.Fetch(t.Context(), line, chat.Media{URL: p.FileURL(line, address)})
			return err
		},
	}
	for what, query := range queries {
		for name, handle := range faults {
			t.Run(what+", "+name, func(t *testing.T) {
				t.Parallel()
				var requests atomic.Int32
				server := newServer(t, func(w http.ResponseWriter, r *http.Request) { requests.Add(1); handle(w, r) })
				err, want := query(p.NewClient(server.URL), server.URL), int32(1)
				switch {
				case what == "file" && name == "null": // a file like any other
					if err != nil {
						t.Error(err)
					}
				case what == "file" && name == "moved": // to itself
					want = 2
					sendError(t, err, chat.Rejected)
				case what == "file" && name == "endless":
					sendError(t, err, chat.Rejected)
				default:
					sendError(t, err, chat.NotSent)
				}
				if requests.Load() != want {
					t.Errorf("%d requests, want %d", requests.Load(), want)
				}
			})
		}
		t.Run(what+", denied", func(t *testing.T) {
			t.Parallel()
			server := newServer(t, func(w http.ResponseWriter, _ *http.Request) { p.SendResponse(Denied).write(w) })
			if e := sendError(t, query(p.NewClient(server.URL), server.URL), chat.Rejected); !e.WholeAccount || e.RetryAfter < time.Minute {
				t.Errorf("got %+v", e)
			}
		})
		t.Run(what+", too many", func(t *testing.T) {
			t.Parallel()
			server := newServer(t, func(w http.ResponseWriter, _ *http.Request) { p.SendResponse(TooMany).write(w) })
			if e := sendError(t, query(p.NewClient(server.URL), server.URL), chat.NotSent); !e.WholeAccount || e.RetryAfter != 7*time.Second {
				t.Errorf("got %+v", e)
			}
		})
		t.Run(what+", no server", func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(nil)
			server.Close()
			sendError(t, query(p.NewClient(server.URL), server.URL), chat.NotSent)
		})
	}
	t.Run("file, too large", func(t *testing.T) {
		t.Parallel()
		server := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(bytes.Repeat([]byte("x"), 11<<20))
		})
		sendError(t, queries["file"](p.NewClient(server.URL), server.URL), chat.Rejected)
	})
	t.Run("file, another server", func(t *testing.T) {
		t.Parallel()
		server := newServer(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was made") })
		_, err := p.NewClient("http://127.0.0.1:1").Fetch(t.Context(), line, chat.Media{URL: p.FileURL(line, server.URL)})
		if e := new(chat.SendError); !errors.As(err, &e) || e.Outcome != chat.Rejected || e.Problem.Text == "" {
			t.Errorf("got %v", err)
		}
	})
}
