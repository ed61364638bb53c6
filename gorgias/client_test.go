package gorgias_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sidetext/gorgias"
)

const (
	owner = "ann@acme.com"
	key   = "key-canary-8491"
)

// fakeHelpdesk returns a client of a helpdesk that answers with the handler.
func fakeHelpdesk(t *testing.T, answer http.HandlerFunc) *gorgias.Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return client(t, server.URL, gorgias.Limits{PerSecond: 1000, Burst: 1000})
}

func client(t *testing.T, address string, limits gorgias.Limits) *gorgias.Client {
	t.Helper()
	accounts, err := gorgias.NewAccounts(address+"/{account}", limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(accounts.Close)
	c, err := accounts.Client("acme", " "+owner+"\n", key+" ")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// apiError returns err as a *gorgias.Error, or fails the test.
func apiError(t *testing.T, err error) *gorgias.Error {
	t.Helper()
	var e *gorgias.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *gorgias.Error", err)
	}
	return e
}

func post(c *gorgias.Client, ctx context.Context) error {
	_, err := c.CreateTicket(ctx, gorgias.TicketDraft{})
	return err
}

func get(c *gorgias.Client, ctx context.Context) error {
	_, err := c.Ticket(ctx, 7)
	return err
}

func TestClientSendsCredentials(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if user != owner || password != key {
			t.Errorf("credentials %q, %q", user, password)
		}
		if r.URL.Path != "/acme/api/tickets/7" || r.Header.Get("Accept") != "application/json" {
			t.Errorf("requested %s with %v", r.URL, r.Header)
		}
		io.WriteString(w, `{"id":7,"status":"open","trashed_datetime":"2025-02-07T09:55:18.820000",
			"customer":{"id":9,"email":null,"name":null},"external_id":null,"messages":[{"id":1,"public":true,"source":null,"sender":{"id":2,"name":null}}]}`)
	})
	ticket, err := c.Ticket(t.Context(), 7)
	if err != nil || ticket.ID != 7 || ticket.TrashedAt.IsZero() ||
		len(ticket.Messages) != 1 || ticket.Messages[0].Sender.ID != 2 {
		t.Errorf("got %+v, %v", ticket, err)
	}
}

func TestResponseWithWrongObject(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"id":7,"ticket_id":8,"external_id":"other"}`)
	})
	_, err := c.CreateMessage(t.Context(), 9, gorgias.MessageDraft{})
	if e := apiError(t, err); !e.Unknown() {
		t.Errorf("message of another ticket: %v", e)
	}
	_, err = c.CreateTicket(t.Context(), gorgias.TicketDraft{ExternalID: "ours"})
	if e := apiError(t, err); !e.Unknown() {
		t.Errorf("another ticket: %v", e)
	}
}

func TestContextEndsRequest(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	e := apiError(t, post(c, ctx))
	if !errors.Is(e, context.Canceled) || !e.Unknown() {
		t.Errorf("canceled after the request was sent: %v, unknown %v", e, e.Unknown())
	}
	e = apiError(t, post(c, ctx))
	if !errors.Is(e, context.Canceled) || e.Unknown() {
		t.Errorf("canceled before: %v, unknown %v", e, e.Unknown())
	}
}

func TestResponseTooLarge(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"id":7,"subject":"`)
		for range 9 << 4 {
			io.WriteString(w, strings.Repeat("a", 64<<10))
		}
		io.WriteString(w, `"}`)
	})
	if e := apiError(t, get(c, t.Context())); e.Status != 200 || !e.Temporary() {
		t.Errorf("got %v", e)
	}
}
