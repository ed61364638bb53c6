package store_test

import (
	"testing"

	"sidetext/chat"
	"sidetext/store"
)

// TestImportList: an import saves rows as a whole, finds a shopper by every notation
// of the phone, and marks conversations of a number with a new owner.
func TestImportList(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		row := func(phone chat.Phone, name, email string, line, rank int) chat.ImportRow {
			return chat.ImportRow{ID: chat.NewID[chat.ShopperID](noon), Phone: phone, Name: name, Email: email, Line: line, Rank: rank}
		}
		first, err := s.ImportList(h.ctx, shop, "one", []chat.ImportRow{
			row(phone, "Jane Doe", "jane@example.com", 2, 4), row(phone, "Bob Roe", "", 3, 4), row("+525512345678", "Eva", "", 4, 1),
		})
		if err != nil || len(first) != 3 || first[0] != (chat.MergeResult{New: true}) || first[1] != (chat.MergeResult{Clash: 2}) || !first[2].New {
			t.Fatalf("the first list: %+v, %v", first, err)
		}
		jane := h.receive(phone, "SM1", "hello", func(t *chat.Turn) { t.Shopper.Customer = "7" })
		if p := jane.Shopper; p.Name != "Jane Doe" || p.Email != "jane@example.com" || !p.Purchased || jane.Conversation.OwnedFrom != 0 {
			t.Errorf("shopper %+v, %+v", p, jane.Conversation)
		}
		// The old notation is the same shopper, in a text and in a list.
		eva := h.receive("+5215512345678", "SM2", "hola")
		if again := h.receive("+525512345678", "SM3", "hola"); eva.Shopper.Name != "Eva" || eva.Conversation.ID != again.Conversation.ID {
			t.Errorf("shoppers %+v, %+v", eva.Shopper, again.Shopper)
		}
		second, err := s.ImportList(h.ctx, shop, "two", []chat.ImportRow{
			row(phone, "Ann Poe", "ann@example.com", 2, 4), row("+5215512345678", "Eva", "eva@example.com", 3, 1),
		})
		if err != nil || second[0] != (chat.MergeResult{Replaced: true}) || second[1] != (chat.MergeResult{}) {
			t.Errorf("the second list: %+v, %v", second, err)
		}
		ann := h.receive(phone, "SM4", "hi")
		if p := ann.Shopper; p.ID != jane.Shopper.ID || p.Name != "Ann Poe" || p.Email != "ann@example.com" || p.Customer != "" {
			t.Errorf("shopper %+v", p)
		}
		if c := ann.Conversation; c.ID != jane.Conversation.ID || c.OwnedFrom != jane.Conversation.Seq+1 {
			t.Errorf("conversation %+v after %+v", c, jane.Conversation)
		}
		if p := h.receive("+525512345678", "SM5", "hola"); p.Shopper.Email != "eva@example.com" || p.Conversation.OwnedFrom != 0 {
			t.Errorf("shopper %+v", p.Shopper)
		}
		if all, _, err := s.Shoppers(h.ctx, shop); all != 2 || err != nil {
			t.Errorf("%d shoppers, %v", all, err)
		}
	})
}
