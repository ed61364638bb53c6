package store_test

import (
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// DeleteExpired deletes all expired rows, and leaves those that are needed.
func TestDeleteExpired(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		// Ids begin with their time, and those that this process makes are of today.
		// At a time a century later they are old, and young ones are made by hand.
		later := time.Date(2126, 1, 1, 12, 0, 0, 0, time.UTC)
		young := func(age time.Duration) string { return chat.FirstID[string](later.Add(-age)) + "x" }
		const days = 24 * time.Hour
		addAttempts(h,
			chat.Attempt{ID: chat.NewID[chat.AttemptID](noon), At: noon}, chat.Attempt{ID: chat.AttemptID(young(89 * days)), At: noon},
			chat.Attempt{ID: chat.AttemptID(young(91 * days)), At: noon},
		)
		unknown := addAttempts(newShop(t, s, "other"), chat.Attempt{ID: "00unknown", At: noon})
		shop, line := string(h.config.Shop.ID), string(h.config.Line.ID)
		for query, args := range map[string][]any{
			`UPDATE entries SET state = 'unknown' WHERE conversation = $1 AND seq = 2`:                                                                                                     {string(unknown.Conversation.ID)},
			`UPDATE entries SET state = 'sent' WHERE state = 'saved'`:                                                                                                                      nil,
			`INSERT INTO reports (attempt, state, code, shop, provider, source, at) SELECT id, 'sent', '', shop, '', 'list', 0 FROM attempts`:                                              nil,
			`INSERT INTO strays (line, provider, report, at) WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 450) SELECT $1, 'SM' || i, '{}', 1 FROM n`:        {line},
			`INSERT INTO strays (line, provider, report, at) VALUES ($1, 'SM', '{}', $2)`:                                                                                                  {line, later.Add(-9 * time.Minute).UnixMicro()},
			`INSERT INTO deletions (shop, kind, id, at, erased) VALUES ($1, 'shopify/order', 'old', 1, 0), ('x', 'shopify/order', 'erased', 1, 1), ('x', 'shopify/order', 'young', $2, 0)`: {shop, later.Add(-89 * days).UnixMicro()},
			`INSERT INTO quarantine (id, shop, line, at, reason, body) VALUES ($1, $2, $3, 0, '', '')`:                                                                                     {young(89 * days), shop, line},
			`INSERT INTO sessions (id, shop, role, agent, name, made_at, seen_at, ended_at) VALUES ('old', $1, '', '', '', 1, 1, 0), ('young', $1, '', '', '', 1, $2, 1)`:                  {shop, later.Add(-29 * days).UnixMicro()},
			`INSERT INTO sign_in_links (hash, shop, made_at, used_at) VALUES ('old', $1, 1, 0), ('young', $1, $2, 0)`:                                                                      {shop, later.Add(-23 * time.Hour).UnixMicro()},
			`INSERT INTO codes (id, shop, conversation, agent, agent_name, hash, tries, made_at, used_at) VALUES ('old', $1, $2, '', '', '', 0, 1, 0), ('young', $1, $2, '', '', '', 0, $3, 0)`: {
				shop, string(unknown.Conversation.ID), later.Add(-23 * time.Hour).UnixMicro()},
		} {
			if err := store.Exec(h.ctx, s, query, args...); err != nil {
				t.Fatalf("%s: %v", query, err)
			}
		}
		if err := s.Quarantine(h.ctx, h.config.Line, "", "", noon); err != nil {
			t.Fatal(err)
		}
		failed, old, waiting := sms(young(89*days), "x", 1), sms(young(91*days), "y", 1), sms("00waits", "z", 1)
		failed.Problem, old.Problem = "refused", "refused"
		post(h, failed, old, waiting)
		want := store.Deleted{Sessions: 1, Links: 1, Codes: 1, UnmatchedReports: 450, Attempts: 2, Reports: 2, Failures: 1, Quarantined: 1, Deletions: 1}
		for _, want := range []store.Deleted{want, {}} {
			if got := must[store.Deleted](t)(s.DeleteExpired(h.ctx, later)); got != want {
				t.Errorf("deleted %+v, want %+v", got, want)
			}
		}
		for table, want := range map[string]int{"sessions": 1, "sign_in_links": 1, "codes": 1, "strays": 1, "attempts": 2, "reports": 2, "quarantine": 1, "deletions": 2} {
			if n := must[int](t)(store.CountRows(h.ctx, s, table)); n != want {
				t.Errorf("%d rows are left in %s, want %d", n, table, want)
			}
		}
		if got := h.failed(); len(got) != 1 || got[0] != string(failed.ID) {
			t.Errorf("failures %v", got)
		}
		if got := h.claim("twilio/A", 9, noon); !slices.Equal(got, []string{"00waits"}) {
			t.Errorf("claimed %v", got)
		}
	})
}
