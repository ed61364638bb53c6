package bridge_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store/pgtest"
)

// A delivery that can't be read fails with a reason, and its lane continues: one
// that a newer version wrote, one that was changed by hand, and one whose claim
// expired.
func TestUnreadableDeliveryFails(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "test.db") },
		"postgres": func(t *testing.T) string { return pgtest.Shared(t).Schema(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withFleetOn(t, url(t), 1, func(f *fleet) { unreadable(f) })
		})
	}
}

func unreadable(f *fleet) {
	jane, n := f.shoppers[0], f.nodes[0]
	account := jane.config.Line.SendAccount()
	lane := "sms/" + string(jane.id)
	ids := []chat.DeliveryID{"1-cut", "2-field", "3-kind", "4-number", "5-absent", "6-lost"}
	_, err := n.Store.Turn(f.Context(), jane.config.Shop.ID, jane.id, time.Now(), func(t *chat.Turn) error {
		for i, d := range []chat.Delivery{
			{Kind: chat.SendSMS, Payload: `{"entry":`},
			{Kind: chat.SendSMS, Payload: `{"entry":1,"after":"2027-01-01"}`},
			{Kind: "fax", Payload: `{"entry":1}`},
			{Kind: chat.SendSMS, Payload: `{"entry":"1"}`},
			{Kind: chat.SendSMS, Payload: `{"entry":999}`},
			{Kind: chat.SendSMS, Payload: `[]`, Account: "sms/lost"},
		} {
			d.ID, d.Shop, d.Conversation, d.Lane, d.Due = ids[i], jane.config.Shop.ID, jane.id, lane, t.At
			if d.Account == "" {
				d.Account = account
			} else {
				d.Lane = "lost"
			}
			t.Deliveries = append(t.Deliveries, d)
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	if lost, err := n.Store.Claim(f.Context(), "sms/lost", 1, 1, time.Now(), time.Second); len(lost) != 1 || err != nil {
		f.Fatal(lost, err)
	}
	f.reply(n, jane)
	f.waitForTexts(jane, 1, 5*time.Second)
	time.Sleep(5 * time.Second)
	found, total, err := n.Store.Failures(f.Context(), jane.config.Shop.ID, 9)
	if err != nil || total != len(ids) {
		f.Fatalf("%d failed, want %d: %v", total, len(ids), err)
	}
	for _, d := range found {
		if !slices.Contains(ids, d.ID) || d.Problem == "" {
			f.Errorf("%s failed with the reason %q", d.ID, d.Problem)
		}
	}
}
