package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

const phone chat.Phone = "+14155550199"

// A conversation is read back as it was stored, to the byte and the microsecond.
func TestFidelity(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		texts := []string{
			"plain", "", "  spaces \r\n\t", "O'Brien; DROP TABLE entries --", "100% $1 ? \\ \" ` {}", "日本語 العربية ﷽", "👩‍👩‍👧‍👦🏳️‍🌈", "e\u0301 \u200d\u2028 \ufeff",
			strings.Repeat("x", 1600), strings.Repeat("𝔸", 800), "cut \xed\xa0\x80 short \xff", "a\x00b",
		}
		var last *chat.Turn
		for i, text := range texts {
			last = h.receive(phone, fmt.Sprint("SM", i), text, func(t *chat.Turn) {
				t.Conversation.Dialog = chat.Dialog{Since: 3, MenuAt: noon.Add(time.Microsecond), Burst: 2}
				t.Shopper.Name, t.Shopper.Email, t.Shopper.Purchased, t.Shopper.Customer = "Zoë 🙂", "zoë@example.com", true, "987"
			})
		}
		snapshot, _, err := s.Snapshot(h.ctx, h.config.Shop.ID, last.Conversation.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range snapshot.Entries {
			want := strings.ReplaceAll(strings.ToValidUTF8(texts[i], "\uFFFD"), "\x00", "\uFFFD")
			if e.Text != want || !e.At.Equal(noon) || e.At.Location() != time.UTC || e.Seq != int64(i+1) || e.Rev != int64(i+1) {
				t.Errorf("%q was read back as %+v", texts[i], e)
			}
		}
		if !reflect.DeepEqual(snapshot.Conversation, last.Conversation) || snapshot.Shopper != last.Shopper || !reflect.DeepEqual(snapshot.LineConfig, h.config) {
			t.Errorf("got  %+v\nwant %+v", snapshot, last.Snapshot())
		}
	})
}

func TestEntryFidelity(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		media := []chat.Media{{Type: "image/jpeg", URL: "https://api.twilio.com/1?a=b&c"}, {Type: "text/x-vcard", URL: ""}}
		turn, err := s.Receive(h.ctx, h.config, phone, noon.Add(999*time.Nanosecond), func(t *chat.Turn) error {
			_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: "SM1", Media: media})
			t.Answer("Hello.")
			t.OptOut("asked for it")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		claims := h.claimed(h.config.Line.SendAccount(), 1, noon)
		turn2 := h.turn(turn.Conversation.ID, noon.Add(time.Second), func(t *chat.Turn) error {
			_, _, err := t.BeginAttempt(claims[0])
			return err
		})
		want := []chat.Entry{turn.Added[0], turn2.Changed[0], turn.Added[2]}
		if got := h.entries(turn.Conversation.ID); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if at := turn.Added[0].At; !at.Equal(noon) {
			t.Errorf("a turn's time has more than microseconds: %v", at)
		}
	})
}

// A text that is received five times at once is stored once; the other calls get
// ErrRepeat.
func TestReceiveOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		var calling sync.WaitGroup
		var mu sync.Mutex
		stored, repeated := 0, 0
		for range 5 {
			calling.Go(func() {
				_, err := s.Receive(h.ctx, h.config, phone, noon, func(t *chat.Turn) error {
					_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: "SM1", Text: "hello"})
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					stored++
				case errors.Is(err, chat.ErrRepeat):
					repeated++
				default:
					t.Error(err)
				}
			})
		}
		calling.Wait()
		if stored != 1 || repeated != 4 {
			t.Errorf("stored %d times, repeated %d times", stored, repeated)
		}
		turn := h.receive(phone, "SM2", "again")
		if got := h.entries(turn.Conversation.ID); len(got) != 2 {
			t.Errorf("%d entries", len(got))
		}
	})
}

// A burst of concurrent texts gets places without gaps, and makes one escalation
// with one ticket and one sync of it.
func TestReceiveAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		const texts = 20
		var calling sync.WaitGroup
		for i := range texts {
			calling.Go(func() {
				_, err := s.Receive(h.ctx, h.config, phone, noon, func(t *chat.Turn) error {
					_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("SM", i), Text: "help"})
					t.Escalate(chat.UnknownKeyword, "", 0)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		calling.Wait()
		turn := h.receive(phone, "SM-last", "that was all")
		if turn.Escalation == nil || turn.Ticket == nil || turn.Conversation.Seq != texts+2 || turn.Conversation.Rev != texts+1 {
			t.Errorf("conversation %+v", turn.Conversation)
		}
		for i, e := range h.entries(turn.Conversation.ID) {
			if e.Seq != int64(i+1) {
				t.Errorf("entry %d has place %d", i+1, e.Seq)
			}
		}
		claims, err := s.Claim(h.ctx, "gorgias/acme", 100, 100, noon, time.Minute)
		if err != nil || len(claims) != 1 || claims[0].Kind != chat.SyncTicket {
			t.Errorf("deliveries %+v %v", claims, err)
		}
		if open, err := s.OpenEscalations(h.ctx, h.config.Shop.ID); err != nil || len(open) != 1 || open[0] != turn.Conversation.ID {
			t.Errorf("escalated %v %v", open, err)
		}
	})
}

// A refused turn stores nothing, not even the shopper.
func TestRefusedTurn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		refused := &chat.Error{Kind: chat.KindConflict, Code: "no"}
		_, err := s.Receive(h.ctx, h.config, phone, noon, func(t *chat.Turn) error {
			_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: "SM1"})
			t.Answer("Hello.")
			return errors.Join(err, refused)
		})
		if !errors.Is(err, refused) || errors.Is(err, chat.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		if all, _, err := s.Shoppers(h.ctx, h.config.Shop.ID); all != 0 || err != nil {
			t.Errorf("%d shoppers %v", all, err)
		}
		if accounts, err := s.DueAccounts(h.ctx, noon); len(accounts) != 0 || err != nil {
			t.Errorf("waiting %v %v", accounts, err)
		}
		// The next turn's entry is the first.
		if turn := h.receive(phone, "SM1", "hello"); turn.Conversation.Seq != 1 || turn.Conversation.Rev != 1 {
			t.Errorf("conversation %+v", turn.Conversation)
		}
	})
}

// A ticket that is replaced by another stays as its last turn left it.
func TestReplacedTicket(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		turn := h.receive(phone, "SM1", "help", func(t *chat.Turn) { t.Escalate(chat.UnknownKeyword, "", 0) })
		id := turn.Conversation.ID
		h.turn(id, noon, func(t *chat.Turn) error { t.Ticket.Remote, t.Ticket.Mirrored = "77", 2; t.TicketClosed(); return nil })
		h.turn(id, noon, func(t *chat.Turn) error { // a closed ticket turns out to be gone
			t.Ticket.Lost = true
			t.NewTicket(2)
			t.Ticket.Remote = "78"
			return nil
		})
		old := must[chat.Ticket](t)(s.Ticket(h.ctx, shop, id, "77"))
		if !old.Lost || old.Open || !old.ClosedAt.Equal(noon) || old.Mirrored != 2 {
			t.Errorf("the old ticket %+v", old)
		}
		fresh := must[chat.Ticket](t)(s.Ticket(h.ctx, shop, id, "78"))
		if fresh.Before != "77" || !fresh.Open || fresh.From != 2 {
			t.Errorf("the new ticket %+v", fresh)
		}
		for _, remote := range []string{"77", "78"} {
			if got := must[[]chat.ConversationID](t)(s.TicketConversations(h.ctx, shop, remote, "")); len(got) != 1 || got[0] != id {
				t.Errorf("ticket %s leads to %v", remote, got)
			}
		}
		if _, err := s.Ticket(h.ctx, shop, id, ""); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("found a ticket without an id: %v", err)
		}
		// One turn ends an escalation and begins another.
		h.turn(id, noon, func(t *chat.Turn) error { t.Escalate(chat.AskedForPerson, "", 0); return nil })
		both := h.turn(id, noon, func(t *chat.Turn) error {
			t.HandBack(chat.Author{Role: chat.BySystem}, "")
			t.Escalate(chat.TakenOver, "", 0)
			return nil
		})
		if open := must[[]chat.ConversationID](t)(s.OpenEscalations(h.ctx, shop)); len(open) != 1 {
			t.Errorf("escalated %v", open)
		}
		if snapshot, _, err := s.Snapshot(h.ctx, shop, id, -1); err != nil || !reflect.DeepEqual(snapshot.Escalation, both.Escalation) || !reflect.DeepEqual(snapshot.Ticket, both.Ticket) {
			t.Errorf("read %+v %+v %v", snapshot.Escalation, snapshot.Ticket, err)
		}
	})
}

func TestImportShoppers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		h.receive(phone, "SM1", "hello", func(t *chat.Turn) { t.Shopper.Name, t.Shopper.Email = "Zoë", "z@example.com" })
		people := []chat.Shopper{{ID: "new-id", Phone: phone, Name: "Zoë", Email: "zoe@example.com"}}
		for i := range 450 {
			people = append(people, chat.Shopper{ID: chat.NewID[chat.ShopperID](noon), Phone: chat.Phone(fmt.Sprintf("+1415666%04d", i))})
		}
		for _, want := range []int{450, 0} {
			if added, err := s.ImportShoppers(h.ctx, shop, people); added != want || err != nil {
				t.Errorf("added %d, want %d: %v", added, want, err)
			}
		}
		if all, bought, err := s.Shoppers(h.ctx, shop); all != 451 || bought != 451 || err != nil {
			t.Errorf("%d shoppers, %d bought, %v", all, bought, err)
		}
		if p := h.receive(phone, "SM2", "hello").Shopper; p.Name != "Zoë" || p.Email != "zoe@example.com" || !p.Purchased || p.ID == "new-id" {
			t.Errorf("shopper %+v", p)
		}
	})
}
