package store

import (
	"context"
	"reflect"
	"testing"
	"time"

	"sidetext/chat"
)

// Every field of an entry is read back as it was stored or changed.
func TestEntries(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	at := time.Date(2026, 11, 22, 12, 0, 0, 1000, time.UTC)
	c := chat.Conversation{ID: "c", Shop: "shop"}
	first := chat.Entry{Seq: 1, Rev: 1, Kind: chat.Text, Way: chat.In, By: chat.Author{Role: chat.ByShopper}, At: at, ReceivedAt: at.Add(-time.Hour), Origin: "twilio:MM1", Media: []chat.Media{
		{ID: "a", Type: "image/jpeg", State: chat.MediaWaiting, URL: "https://api.twilio.com/a?b&c"},
		{ID: "b", Type: "image/png", Size: 1 << 40, State: chat.MediaKept, URL: "https://api.twilio.com/b"},
		{ID: "c", Type: "", State: chat.MediaFailed, Problem: "“No”, <it> & said."},
	}}
	second := chat.Entry{Seq: 2, Rev: 1, Kind: chat.Text, Way: chat.Out, By: chat.Author{Role: chat.ByAgent, ID: "1", Name: "Anna"}, Text: "ok", State: chat.Saved, At: at, ResendOf: 1}
	save := func(action string, do func(tx) error) {
		t.Helper()
		if err := s.write(t.Context(), action, do); err != nil {
			t.Fatal(err)
		}
	}
	want := func(when string, want ...chat.Entry) {
		t.Helper()
		var got []chat.Entry
		err := s.read(context.Background(), "read", func(tx tx) (err error) {
			got, err = tx.entries("shop", "c", `seq > $3 ORDER BY seq`, 0)
			return err
		})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", when, err, got, want)
		}
	}
	save("add", func(tx tx) error {
		_, err := tx.Exec(`PRAGMA defer_foreign_keys = 1`)
		if err == nil {
			_, err = tx.Exec(`INSERT INTO shops (id, name, settings, made_at) VALUES ('shop', '', '{}', 0)`)
		}
		if err == nil {
			_, err = tx.Exec(`INSERT INTO lines (id, shop, number, provider, account, token, endpoint, service) VALUES ('line', 'shop', '', '', '', '', '', '')`)
		}
		if err == nil {
			_, err = tx.Exec(`INSERT INTO shoppers (id, shop, phone, name, email, purchased, customer) VALUES ('p', 'shop', '', '', '', 0, '')`)
		}
		if err == nil {
			_, err = tx.Exec(`INSERT INTO conversations (id, shop, line, shopper, mode, opted_out, seq, rev, last_at, dialog, escalation, ticket) VALUES ('c', 'shop', 'line', 'p', '', 0, 0, 0, 0, '{}', '', '')`)
		}
		return err
	})
	save("add", func(tx tx) error { return tx.addEntry(c, first) })
	save("add", func(tx tx) error { return tx.addEntry(c, second) })
	want("added", first, second)

	first.Rev, first.Media[0].State, first.Media[0].Size, first.Media[0].Type = 2, chat.MediaKept, 77, "image/webp"
	second.Rev, second.State, second.Problem = 2, chat.Unknown, &chat.Problem{Code: "looking", Text: "…"}
	save("change", func(tx tx) error { return tx.updateEntry(c, first) })
	save("change", func(tx tx) error { return tx.updateEntry(c, second) })
	want("changed", first, second)

	save("change another shop's", func(tx tx) error {
		foreign := first
		foreign.Media = nil
		return tx.updateEntry(chat.Conversation{ID: "c", Shop: "other"}, foreign)
	})
	want("changed by another shop", first, second)

	// As the first version stored media, which it did not fetch.
	save("age", func(tx tx) error {
		_, err := tx.Exec(`UPDATE entries SET media = '[{"type":"image/jpeg","url":"https://api.twilio.com/a"},{"type":""}]' WHERE seq = 1`)
		return err
	})
	first.Media = []chat.Media{{Type: "image/jpeg", State: chat.MediaFailed, Problem: unnamedMedia, URL: "https://api.twilio.com/a"}, {State: chat.MediaFailed, Problem: unnamedMedia}}
	want("from the first version", first, second)
}
