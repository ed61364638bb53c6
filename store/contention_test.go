package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/pgtest"
)

// Two nodes write to the same few conversations, in opposite orders, and run their
// deliveries. No write fails because of a conflict, and no text is lost or doubled.
func TestContention(t *testing.T) {
	t.Parallel()
	schema := pgtest.Shared(t).Schema(t)
	nodes := []*store.Store{openURL(t, schema), openURL(t, schema)}
	const callers, turns, conversations = 12, 30, 5
	h := newShop(t, nodes[0], "acme")
	var writing, delivering sync.WaitGroup
	var slowest atomic.Int64
	done := make(chan struct{})
	for n, s := range nodes {
		for caller := range callers {
			writing.Go(func() {
				for turn := range turns {
					which := (caller + turn) % conversations
					if n == 1 {
						which = conversations - 1 - which
					}
					began := time.Now()
					_, err := s.Receive(h.ctx, h.config, chat.Phone(fmt.Sprint("+1415555010", which)), noon, func(t *chat.Turn) error {
						_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("SM", n, "-", caller, "-", turn), Text: "menu"})
						t.Escalate(chat.AskedForPerson, "", 0)
						t.Answer("Reply with a number.")
						return err
					})
					if err != nil {
						t.Error(err)
						return
					}
					slowest.Store(max(slowest.Load(), int64(time.Since(began))))
				}
			})
		}
		delivering.Go(func() { finishDeliveries(t, s, h, done) })
	}
	writing.Wait()
	close(done)
	delivering.Wait()
	t.Logf("the slowest write took %v, %d writes were retried", time.Duration(slowest.Load()), nodes[0].RetriedWrites()+nodes[1].RetriedWrites())
	received := 0
	for which := range conversations {
		turn := h.receive(chat.Phone(fmt.Sprint("+1415555010", which)), "last", "bye")
		entries := h.entries(turn.Conversation.ID)
		seen := map[string]bool{}
		for i, e := range entries {
			if e.Seq != int64(i+1) {
				t.Fatalf("entry %d is at place %d", e.Seq, i+1)
			}
			if e.Origin != "" && seen[e.Origin] {
				t.Errorf("%s is stored twice", e.Origin)
			}
			seen[e.Origin] = true
			if e.Kind == chat.Text && e.Way == chat.In && e.Text == "menu" {
				received++
			}
		}
	}
	if received != 2*callers*turns {
		t.Errorf("%d texts are stored of %d", received, 2*callers*turns)
	}
}

// finishDeliveries claims and finishes deliveries until done is closed.
func finishDeliveries(t *testing.T, s *store.Store, h *shopFixture, done chan struct{}) {
	for {
		select {
		case <-done:
			return
		default:
		}
		claims, err := s.Claim(h.ctx, h.config.Line.SendAccount(), 4, 4, noon.Add(time.Minute), time.Minute)
		for _, d := range claims {
			if err == nil {
				err = s.Finish(h.ctx, d)
			}
		}
		if err != nil {
			t.Error(err)
			return
		}
	}
}
