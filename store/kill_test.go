package store_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// checkNothingLost checks that every acknowledged text is stored once, that places
// have no gaps, that each answer has its delivery, and that the database is sound.
func checkNothingLost(t *testing.T, database string, acknowledged map[string]bool) {
	t.Helper()
	s := open(t, database)
	config := must[chat.LineConfig](t)(s.LineConfig(t.Context(), "line-acme"))
	h := &shopFixture{t, s, t.Context(), config}
	found := map[string]int{}
	answers := 0
	for _, phone := range []chat.Phone{"+14155550100", "+14155550101", "+14155550102", phone} {
		turn, err := s.Receive(h.ctx, config, phone, noon, func(*chat.Turn) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		entries := h.entries(turn.Conversation.ID)
		for i, e := range entries {
			if e.Seq != int64(i+1) {
				t.Fatalf("entry %d of %s has place %d", i+1, string(phone), e.Seq)
			}
			if e.Way == chat.In {
				found[e.Origin]++
			} else {
				answers++
			}
		}
		if n := int64(len(entries)); turn.Conversation.Seq != n || turn.Conversation.Rev != n/2 {
			t.Errorf("%d entries, place %d, revision %d", n, turn.Conversation.Seq, turn.Conversation.Rev)
		}
	}
	for id := range acknowledged {
		if found[chat.FromProvider("twilio", id)] == 0 {
			t.Errorf("%s was acknowledged and is missing", id)
		}
	}
	for origin, n := range found {
		if n != 1 {
			t.Errorf("%s is stored %d times", origin, n)
		}
	}
	backlogs := must[[]store.Backlog](t)(s.Backlogs(h.ctx, config.Shop.ID))
	if len(backlogs) != 1 || backlogs[0].Ready != int64(answers) || answers != len(found) {
		t.Errorf("%d texts, %d answers, deliveries %+v", len(found), answers, backlogs)
	}
	if result, err := store.CheckIntegrity(t.Context(), s); result != "ok" {
		t.Errorf("integrity check: %q %v", result, err)
	}
}

// killRepeatedly starts a child process several times, kills each at a random
// moment, and returns the lines that they printed.
func killRepeatedly(t *testing.T, as, database string, times int) (printed []string) {
	t.Helper()
	for run := range times {
		cmd, out := spawn(t, as, database)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// After so many lines, and a little more.
		for range 1 + run*137%150 {
			if !out.Scan() {
				t.Fatal("the child process ended early")
			}
			printed = append(printed, out.Text())
		}
		time.AfterFunc(time.Duration(run*run*17%5000)*time.Microsecond, func() { _ = cmd.Process.Kill() })
		for out.Scan() {
			printed = append(printed, out.Text())
		}
		_ = cmd.Wait()
	}
	return printed
}

func TestKill(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	acknowledged := map[string]bool{}
	for _, id := range killRepeatedly(t, "append", database, 20) {
		acknowledged[id] = true
	}
	t.Logf("%d texts were acknowledged in 20 runs", len(acknowledged))
	checkNothingLost(t, database, acknowledged)
}

// A process that sends texts is killed: every attempt that was begun is stored,
// every result that was acknowledged is complete, and a text has a delivery until
// it has a result.
func TestKillWhileSending(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	printed := killRepeatedly(t, "send", database, 12)
	s := open(t, database)
	config := must[chat.LineConfig](t)(s.LineConfig(t.Context(), "line-acme"))
	type text struct {
		conversation chat.ConversationID
		place        int64
	}
	waits := map[text]bool{}
	for _, d := range must[[]store.StoredDelivery](t)(store.Deliveries(t.Context(), s, config.Shop.ID)) {
		waits[text{d.Conversation, d.Place}] = true
	}
	sent, tried := 0, 0
	for _, line := range printed {
		event, id, _ := strings.Cut(line, " ")
		got := must[chat.AttemptDetail](t)(s.AttemptDetail(t.Context(), config.Shop.ID, chat.AttemptID(id)))
		ended := got.Entry.State == chat.Sent
		switch event {
		case "tried":
			tried++
		case "sent":
			sent++
			if !ended {
				t.Errorf("%s was sent and is %s", id, got.Entry.State)
			}
		}
		if name := "SM" + id; ended != (got.Attempt.Provider == name) || ended == waits[text{got.Attempt.Conversation, got.Entry.Seq}] {
			t.Errorf("%s is %s, the provider calls it %q", id, got.Entry.State, got.Attempt.Provider)
		}
	}
	t.Logf("%d texts were tried, %d sent", tried, sent)
	if reports := must[int](t)(store.CountRows(t.Context(), s, "reports")); reports < sent {
		t.Errorf("%d reports of %d texts", reports, sent)
	}
	if attempts := must[int](t)(store.CountRows(t.Context(), s, "attempts")); attempts < tried {
		t.Errorf("%d attempts of %d", attempts, tried)
	}
	if result, err := store.CheckIntegrity(t.Context(), s); result != "ok" {
		t.Errorf("integrity check: %q %v", result, err)
	}
}
