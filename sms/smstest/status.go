package smstest

import (
	"testing"

	"sidetext/chat"
)

func testStatus(t *testing.T, p Provider) {
	const token = chat.AttemptID("01j9zz")
	read := func(t *testing.T, sent chat.Report) chat.Report {
		t.Helper()
		w := p.StatusWebhook(line, sent)
		if err := p.Verify(w, line.Token); err != nil {
			t.Fatalf("verify: %v", err)
		}
		got, err := p.Status(w.Body, token)
		if err != nil {
			t.Fatal(err)
		}
		if got.Token != token || got.ID != sent.ID {
			t.Errorf("got a report with token %q and id %q; want %q, %q", got.Token, got.ID, token, sent.ID)
		}
		return got
	}
	for _, state := range []chat.State{chat.Queued, chat.Sending, chat.Sent, chat.Delivered, chat.Failed} {
		t.Run(string(state), func(t *testing.T) {
			got := read(t, chat.Report{Token: token, ID: SentID, State: state})
			if got.State != state || got.OptedOut || got.Looped {
				t.Errorf("got %+v", got)
			}
			if failed := state == chat.Failed; failed != (got.Problem != nil) {
				t.Errorf("got problem %v", got.Problem)
			}
			if got.Problem != nil && (got.Problem.Code == "" || got.Problem.Text == "") {
				t.Errorf("the problem has no code or text: %+v", got.Problem)
			}
		})
	}
	t.Run("opted out", func(t *testing.T) {
		got := read(t, chat.Report{Token: token, ID: SentID, State: chat.Failed, OptedOut: true})
		if got.State != chat.Failed || !got.OptedOut || got.Looped || got.Problem == nil {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("looped", func(t *testing.T) {
		got := read(t, chat.Report{Token: token, ID: SentID, State: chat.Failed, Looped: true})
		if got.State != chat.Failed || !got.Looped || got.OptedOut || got.Problem == nil {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("out of order", func(t *testing.T) {
		known := chat.Saved
		for _, next := range []chat.State{chat.Sent, chat.Sending, chat.Delivered, chat.Queued, chat.Sent, chat.Failed, chat.Delivered} {
			if got := read(t, chat.Report{Token: token, ID: SentID, State: next}); got.State.Follows(known) {
				known = got.State
			}
		}
		if known != chat.Delivered {
			t.Errorf("got %s, want delivered", known)
		}
	})
}
