package store_test

import (
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// Texts of every kind are read back as they were stored on both engines. Bytes that
// one of them cannot store are replaced.
func TestTexts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme \x00 shop")
		if shop := must[chat.Shop](t)(s.Shop(h.ctx, h.config.Shop.ID)); shop.Name != "acme \uFFFD shop" {
			t.Errorf("the shop's name is %q", shop.Name)
		}
		for name, test := range map[string]struct{ text, want string }{
			"plain":             {"Where is my order?", "Where is my order?"},
			"nothing":           {"", ""},
			"astral":            {"🧵 \U0001F9F5 𝒽𝑒𝓁𝓁𝑜 👨‍👩‍👧‍👦", "🧵 \U0001F9F5 𝒽𝑒𝓁𝓁𝑜 👨‍👩‍👧‍👦"},
			"not normalized":    {"e\u0301 é ﬁ", "e\u0301 é ﬁ"},
			"quotes and slants": {`'";--\ $1 %s {"a":"\u0000"}`, `'";--\ $1 %s {"a":"\u0000"}`},
			"controls":          {"a\tb\r\nc\x01\x7f\u200f\ufeff", "a\tb\r\nc\x01\x7f\u200f\ufeff"},
			"last of all":       {"\U0010FFFF\uFFFE", "\U0010FFFF\uFFFE"},
			"zero":              {"a\x00b", "a\uFFFDb"},
			"only zero":         {"\x00", "\uFFFD"},
			"no UTF-8":          {"a\xffb", "a\uFFFDb"},
			"half a character":  {"a\xf0\x9f\xa7", "a\uFFFD"},
			"a surrogate":       {"a\xed\xa0\x80b", "a\uFFFDb"},
			"all of it":         {"\x00\xff🧵", "\uFFFD\uFFFD🧵"},
			"much":              {strings.Repeat("🧵\x00", 5000), strings.Repeat("🧵\uFFFD", 5000)},
		} {
			id := "SM " + name
			var seq int64
			turn, err := h.Receive(h.ctx, h.config, phone, noon, func(t *chat.Turn) error {
				t.AddEvent(chat.Escalated, chat.Author{Role: chat.ByAgent, ID: "1", Name: test.text}, test.text)
				seq = t.Conversation.Seq
				t.Shopper.Name = test.text
				return nil
			})
			if err != nil {
				t.Errorf("%s: %v", id, err)
				continue
			}
			entries := h.entries(turn.Conversation.ID)
			if e := entries[seq-1]; e.Text != test.want || e.By.Name != test.want {
				t.Errorf("%s: %q by %q", name, e.Text, e.By.Name)
			}
			if snapshot, _, err := s.Snapshot(h.ctx, h.config.Shop.ID, turn.Conversation.ID, -1); err != nil || snapshot.Shopper.Name != test.want {
				t.Errorf("%s: %q %v", name, snapshot.Shopper.Name, err)
			}
		}
		// Arguments of queries are cleaned like stored texts.
		if _, err := s.LineConfig(h.ctx, "line-acme \x00 shop"); err != nil {
			t.Errorf("found by a path with a zero byte: %v", err)
		}
		if _, err := s.LineConfig(h.ctx, "line-\xff"); chat.ErrNotFound != err {
			t.Errorf("found by a path that is no UTF-8: %v", err)
		}
	})
}

// Times are read back to the microsecond.
func TestTimes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		id := h.receive(phone, "SM1", "hello").Conversation.ID
		for _, at := range []time.Time{
			time.UnixMicro(1), time.UnixMicro(-1), time.Date(1970, 1, 1, 0, 0, 1, 999999000, time.UTC), noon, noon.Add(time.Microsecond),
			time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC), time.Date(2026, 10, 25, 2, 30, 0, 1000, time.FixedZone("summer", 7200)),
		} {
			turn := h.turn(id, at, func(t *chat.Turn) error {
				t.AddEvent(chat.Escalated, chat.Author{Role: chat.BySystem}, "x")
				return nil
			})
			entries := h.entries(id)
			if got := entries[len(entries)-1].At; !got.Equal(at) {
				t.Errorf("%v was read back as %v", at, got)
			}
			snapshot, _, err := s.Snapshot(h.ctx, h.config.Shop.ID, id, -1)
			if err != nil || !snapshot.Conversation.LastAt.Equal(turn.Conversation.LastAt) {
				t.Errorf("the conversation of %v is last at %v, %v", at, snapshot.Conversation.LastAt, err)
			}
		}
	})
}

// Texts are ordered by their bytes on both engines, and not by language.
func TestOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		want := []string{"A", "B", "Z", "_", "a", "b", "É", "é", "ﬁ", "🧵"}
		h.receive(phone, "SM1", "hello", func(t *chat.Turn) {
			for _, i := range []int{4, 9, 0, 7, 3, 1, 8, 5, 2, 6} {
				t.Deliveries = append(t.Deliveries, chat.Delivery{ID: chat.NewID[chat.DeliveryID](noon), Shop: h.config.Shop.ID, Kind: chat.AddMessage, Account: "to " + want[i], Lane: want[i], Due: noon})
			}
		})
		waiting := must[[]string](t)(s.DueAccounts(h.ctx, noon))
		var got []string
		for _, account := range waiting {
			if name, ok := strings.CutPrefix(account, "to "); ok {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("ordered %q", got)
		}
	})
}
