package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// whole checks that every acknowledged text is there once, that places have no
// gaps, that each answer has its delivery, and that the database is sound.
func whole(t *testing.T, database string, acknowledged map[string]bool) {
	t.Helper()
	s := open(t, database)
	door := must[chat.Door](t)(s.Door(t.Context(), "line-acme"))
	h := &house{t, s, t.Context(), door}
	found := map[string]int{}
	answers := 0
	for _, phone := range []chat.Phone{"+14155550100", "+14155550101", "+14155550102", phone} {
		turn, err := s.Receive(h.ctx, door, phone, noon, func(*chat.Turn) error { return nil })
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
			t.Errorf("%s was acknowledged and is lost", id)
		}
	}
	for origin, n := range found {
		if n != 1 {
			t.Errorf("%s is there %d times", origin, n)
		}
	}
	backlogs := must[[]store.Backlog](t)(s.Backlogs(h.ctx, door.Shop.ID))
	if len(backlogs) != 1 || backlogs[0].Ready != int64(answers) || answers != len(found) {
		t.Errorf("%d texts, %d answers, deliveries %+v", len(found), answers, backlogs)
	}
	if said, err := store.Integrity(t.Context(), s); said != "ok" {
		t.Errorf("the database says %q %v", said, err)
	}
}

func TestKill(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	acknowledged := map[string]bool{}
	for life := range 20 {
		cmd, out := spawn(t, "append", database)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// A random moment: after so many acknowledgements, and a little more.
		for range 1 + life*137%150 {
			if !out.Scan() {
				t.Fatal("the child ended by itself")
			}
			acknowledged[out.Text()] = true
		}
		time.AfterFunc(time.Duration(life*life*17%5000)*time.Microsecond, func() { _ = cmd.Process.Kill() })
		for out.Scan() {
			acknowledged[out.Text()] = true
		}
		_ = cmd.Wait()
	}
	t.Logf("%d texts were acknowledged in 20 lives", len(acknowledged))
	whole(t, database, acknowledged)
}
