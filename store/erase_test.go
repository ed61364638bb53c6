package store_test

import (
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/upkeep"
)

// The canaries are all that a shop stores of a person.
const (
	canaryPhone = chat.Phone("+14155550142")
	canaryEmail = "canary.jane@example.com"
	canaryID    = "6010777777"
)

var canaries = []string{"4155550142", "canary", canaryID, "Canary"}

var canaryRequest = chat.PrivacyRequest{ID: "erase", Kind: chat.PrivacyErase, Topic: "customers/redact", Person: canaryEmail, CustomerID: canaryID, Email: "Canary.Jane@Example.com", Phone: canaryPhone, At: noon, Due: noon.Add(30 * 24 * hour)}

// fillPerson stores a person everywhere: a conversation with texts, a picture, an
// escalation, a ticket and waiting texts, a customer, consents, webhooks, and requests.
func fillPerson(h *shopFixture) *chat.Turn {
	h.Helper()
	shop := h.config.Shop.ID
	addCustomer(h, canaryID, "9010777777", "Canary Jane", canaryEmail, canaryPhone)
	turn := h.receive(canaryPhone, "SM text", "canary one", func(t *chat.Turn) {
		t.Escalate(chat.AskedForPerson, "canary wants", 0)
		t.Ticket.Remote, t.Shopper.Name, t.Shopper.Email, t.Shopper.Customer = "77", "Canary Jane", canaryEmail, "900"
		t.Answer("canary two")
		t.OptOut("Canary Jane texted STOP.")
	})
	id := turn.Conversation.ID
	h.receive(canaryPhone, "SM picture", "canary three", func(t *chat.Turn) {
		t.Added[len(t.Added)-1].Media = []chat.Media{{ID: "canary-picture", Type: "image/png", State: chat.MediaKept, URL: "https://example.com/canary"}}
	})
	request := canaryRequest
	request.Shop = shop
	export := request
	export.ID, export.Kind, export.CustomerID, export.Phone = "export", chat.PrivacyExport, "", ""
	for _, err := range []error{
		h.SaveMedia(h.ctx, shop, id, "canary-picture", chat.File{Type: "image/png", Data: []byte(strings.Repeat("canary", 100_000))}, noon),
		h.Quarantine(h.ctx, h.config.Line, "x", base64.StdEncoding.EncodeToString([]byte("From=%2B14155550142&Body=canary")), noon),
		h.Quarantine(h.ctx, h.config.Line, "x", base64.StdEncoding.EncodeToString([]byte("From=%2B14155550143&Body=other")), noon),
		h.AddPrivacyRequest(h.ctx, request), h.AddPrivacyRequest(h.ctx, export),
		store.Exec(h.ctx, h.Store, `UPDATE shoppers SET directory = '{"name":"Canary"}', proof = 'canary', person = 'customer `+canaryID+`' WHERE shop = $1 AND phone = $2`, string(shop), string(canaryPhone)),
	} {
		if err != nil {
			h.Fatal(err)
		}
	}
	addEvent(h, chat.Shopify, "names the id", `{"id":`+canaryID+`}`)
	addEvent(h, chat.Shopify, "names the e-mail address", `{"email":"CANARY.jane@example.com"}`)
	addEvent(h, chat.Shopify, "names others", `{"id":`+canaryID+`1,"email":"x.`+canaryEmail+`"}`)
	return h.turn(id, noon, func(*chat.Turn) error { return nil })
}

// ErasePerson leaves nothing of a person but keyed hashes of the opt-out, and nothing
// of others is lost.
func TestErasePerson(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		addCustomer(h, "6010000001", "9010000001", "Joe Doe", "joe@example.com", phone)
		h.receive(phone, "SM other", "hello")
		others := dump(t, s, shop)
		before := fillPerson(h)
		id := before.Conversation.ID
		// It is the other's webhook, although it looks like the person's.
		if err := store.Exec(h.ctx, s, `UPDATE events SET body = '{}' WHERE key = 'names others' AND state = 'waiting'`); err != nil {
			t.Fatal(err)
		}
		if err := s.ErasePerson(h.ctx, shop, canaryRequest, noon.Add(hour)); err != nil {
			t.Fatal(err)
		}
		after := dump(t, s, shop)
		for _, word := range canaries {
			// What a vendor has deleted is remembered by its id.
			if i := strings.Index(withoutTable(after, "deletions"), word); i >= 0 {
				t.Errorf("%q is left: …%s…", word, after[max(i-200, 0):i+50])
			}
		}
		for line := range strings.Lines(others) {
			if !strings.Contains(after, line) && !strings.Contains(line, "lane=events/") {
				t.Errorf("of others this was lost or changed: %s", line)
			}
		}
		if n := must[int](t)(store.CountRows(h.ctx, s, "media")) + must[int](t)(store.CountRows(h.ctx, s, "media_pieces")); n != 0 {
			t.Errorf("%d rows of pictures are left", n)
		}
		if n := must[int64](t)(s.Quarantined(h.ctx, shop)); n != 1 {
			t.Errorf("%d requests are in quarantine, want the other's", n)
		}
		if got := must[[]store.Event](t)(s.WaitingEvents(h.ctx, shop, 9)); len(got) != 1 || got[0].Key != "names others" {
			t.Errorf("waiting are %+v", got)
		}
		snapshot, reset, err := s.Snapshot(h.ctx, shop, id, before.Conversation.Rev)
		if err != nil || reset || len(snapshot.Entries) != int(before.Conversation.Seq) || snapshot.Conversation.Rev != before.Conversation.Rev+1 {
			t.Errorf("a viewer gets revision %d with %d entries, reset %v, %v", snapshot.Conversation.Rev, len(snapshot.Entries), reset, err)
		}
		for _, e := range snapshot.Entries {
			if e.Text != "(erased)" || len(e.Media) > 0 {
				t.Errorf("entry %d is %+v", e.Seq, e)
			}
			if e.Way == chat.Out && (e.State != chat.Failed || e.Problem == nil || e.Problem.Code != "erased") {
				t.Errorf("a text that waited is %+v", e)
			}
		}
		if c := snapshot.Conversation; c.Mode != chat.Automated || !c.OptedOut || snapshot.Escalation != nil || snapshot.Shopper.Phone.Reachable() || snapshot.Shopper.Name+snapshot.Shopper.Email+snapshot.Shopper.Customer != "" {
			t.Errorf("the conversation is %+v of %+v", c, snapshot.Shopper)
		}
		if got := h.claim(h.config.Line.SendAccount(), 9, noon); len(got) != 0 {
			t.Errorf("texts wait to be sent: %v", got)
		}
		for _, r := range must[[]chat.PrivacyRequest](t)(s.PrivacyRequests(h.ctx, shop)) {
			if r.Person+r.CustomerID+r.Email+string(r.Phone) != "" || r.DoneAt.IsZero() == (r.Kind == chat.PrivacyErase) || r.DoneAt.IsZero() == strings.Contains(r.Result, "Tickets in your helpdesk were not changed") {
				t.Errorf("the request is %+v", r)
			}
		}
		again := canaryRequest
		if err := s.ErasePerson(h.ctx, shop, again, noon.Add(2*hour)); err != nil || dump(t, s, shop) != after {
			t.Errorf("erasing again changes something: %v", err)
		}
		// The provider's list does not bring the text back to the conversation, and a
		// picture that is fetched now is not kept.
		if err := s.SaveMedia(h.ctx, shop, id, "late", chat.File{Type: "image/png", Data: []byte("x")}, noon); err != chat.ErrNotFound {
			t.Errorf("a picture that came late: %v", err)
		}
	})
}

// withoutTable removes a table of a dump.
func withoutTable(dump, table string) string {
	before, rest, _ := strings.Cut(dump, "\n"+table+"\n")
	i := strings.Index(rest, "\n"+shopTables[slices.Index(shopTables, table)+1]+"\n")
	return before + rest[i:]
}

// An opt-out survives the erasure until the shopper texts START.
func TestOptOutSurvivesErasure(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h, other := newShop(t, s, "acme"), newShop(t, s, "other")
		shop := h.config.Shop.ID
		former := fillPerson(h).Conversation.ID
		erase := func() {
			t.Helper()
			if err := s.ErasePerson(h.ctx, shop, canaryRequest, noon); err != nil {
				t.Fatal(err)
			}
		}
		optedOut := func(h *shopFixture, phone chat.Phone, id string) bool {
			t.Helper()
			turn := h.receive(phone, id, "hello", func(t *chat.Turn) { t.Answer("never after STOP") })
			if turn.Conversation.ID == former {
				t.Error("the erased conversation goes on")
			}
			return turn.Conversation.OptedOut
		}
		erase()
		if optedOut(other, canaryPhone, "SM1") || optedOut(h, "+14155550143", "SM1") {
			t.Error("others are opted out")
		}
		if !optedOut(h, canaryPhone, "SM2") {
			t.Error("the opt-out was erased")
		}
		erase()
		if !optedOut(h, canaryPhone, "SM3") {
			t.Error("the opt-out was erased the second time")
		}
		if got := h.claim(h.config.Line.SendAccount(), 9, noon); len(got) != 1 { // to the other phone
			t.Errorf("to send there are %v", got)
		}
		h.receive(canaryPhone, "SM4", "START", func(t *chat.Turn) { t.OptIn() })
		erase()
		if optedOut(h, canaryPhone, "SM5") {
			t.Error("START was forgotten")
		}
	})
}

// The hashes of opt-outs are valid after the secret key was changed, and other keys
// give other hashes.
func TestRekeyKeepsSuppressions(t *testing.T) {
	t.Parallel()
	for engine, url := range places(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, url, key)
			h := newShop(t, s, "acme")
			fillPerson(h)
			if err := s.ErasePerson(t.Context(), h.config.Shop.ID, canaryRequest, noon); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := upkeep.Rekey(t.Context(), url, key, otherKey, slog.New(slog.DiscardHandler)); err != nil {
				t.Fatal(err)
			}
			s = openAt(t, url, otherKey)
			defer s.Close()
			h.Store = s
			if turn := h.receive(canaryPhone, "SM1", "hello"); !turn.Conversation.OptedOut {
				t.Error("the opt-out was lost")
			}
		})
	}
}

// No byte of an erased person is left in the files of a SQLite database.
func TestErasedBytes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	s, err := store.Open(t.Context(), "sqlite:"+path, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h := newShop(t, s, "acme")
	fillPerson(h)
	if err := store.Exec(h.ctx, s, `DELETE FROM events WHERE key = 'names others'`); err != nil {
		t.Fatal(err)
	}
	if n := bytesWith(t, path, canaries...); n == 0 {
		t.Fatal("the test stores nothing that can be found")
	}
	if err := s.ErasePerson(h.ctx, h.config.Shop.ID, canaryRequest, noon); err != nil {
		t.Fatal(err)
	}
	if err := store.Exec(h.ctx, s, `DELETE FROM deletions`); err != nil { // only ids, which stay on purpose
		t.Fatal(err)
	}
	if err := s.Close(); err != nil { // a checkpoint
		t.Fatal(err)
	}
	if n := bytesWith(t, path, canaries...); n != 0 {
		t.Errorf("canaries are in %d places", n)
	}
}

// bytesWith counts the words in a database's files.
func bytesWith(t *testing.T, path string, words ...string) (n int) {
	t.Helper()
	for _, name := range must[[]string](t)(filepath.Glob(path + "*")) {
		raw := must[[]byte](t)(os.ReadFile(name))
		for _, word := range words {
			n += strings.Count(string(raw), word)
		}
	}
	return n
}

// Of a phone that two people have, the conversation is erased with the person whose
// name it has, or who is named by the phone.
func TestEraseSharedPhone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		addCustomer(h, "6010000001", "", "Jane", "jane@example.com", phone)
		addCustomer(h, "6010000002", "", "Joe", "joe@example.com", phone)
		id := h.receive(phone, "SM1", "hello", func(t *chat.Turn) { t.Shopper.Name = "Joe" }).Conversation.ID
		if err := store.Exec(h.ctx, s, `UPDATE shoppers SET person = 'customer 6010000002' WHERE shop = $1`, string(shop)); err != nil {
			t.Fatal(err)
		}
		text := func() string { return h.entries(id)[0].Text }
		if err := s.ErasePerson(h.ctx, shop, chat.PrivacyRequest{CustomerID: "6010000001"}, noon); err != nil || text() != "hello" {
			t.Errorf("after the other person was erased the text is %q, %v", text(), err)
		}
		if n := must[int](t)(store.CountRows(h.ctx, s, "customers")); n != 1 {
			t.Errorf("%d customers are left", n)
		}
		if err := s.ErasePerson(h.ctx, shop, chat.PrivacyRequest{CustomerID: "6010000002"}, noon); err != nil || text() != "(erased)" {
			t.Errorf("after the person was erased the text is %q, %v", text(), err)
		}
	})
}
