package directory_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sidetext/bridge/directory"
	"sidetext/chat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func connection(v chat.Vendor) chat.Connection {
	return chat.Connection{Shop: "tea", Vendor: v, Account: "tea.myshopify.com", Endpoint: "end-" + string(v), Status: chat.ConnectionActive, ConnectedAt: noon.Add(-48 * time.Hour)}
}

// A world is a Directory on a memStore, with a source that plays both vendors.
type world struct {
	*testing.T
	ctx       context.Context
	store     *memStore
	source    *source
	directory *directory.Directory
	run       map[chat.DeliveryKind]func(context.Context, chat.Delivery) error
	published []string
	rechecked []chat.Vendor
	revoked   []string
	revoke    func(customer string) error
	woken     int
	events    int
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, ctx: t.Context(), store: newMemStore(connection(chat.Shopify), connection(chat.Recharge)), source: &source{lists: map[string][]string{}}}
	w.directory = &directory.Directory{
		Store: w.store, Sources: map[chat.Vendor]directory.Source{chat.Shopify: w.source, chat.Recharge: w.source}, Consents: w,
		Notices:    map[chat.Vendor]directory.NoticeReader{chat.Shopify: readNotice, chat.Recharge: readNotice},
		ParsePhone: parsePhone, Country: func(context.Context, chat.ShopID) (string, error) { return "PR", nil },
		ShopperPhone: func(_ context.Context, _ chat.ShopID, id chat.ConversationID) (chat.Phone, error) {
			if id != "jane" {
				return "", chat.ErrNotFound
			}
			return "+13125550101", nil
		},
		Published: func(c chat.ConversationRev) { w.published = append(w.published, string(c.ID)) },
		Recheck: func(_ context.Context, _ chat.ShopID, v chat.Vendor) error {
			w.rechecked = append(w.rechecked, v)
			return chat.ErrUnavailable
		},
		Wake: func() { w.woken++ }, Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
	}
	w.run = map[chat.DeliveryKind]func(context.Context, chat.Delivery) error{}
	w.directory.Register(w)
	return w
}

// parsePhone knows the phone of customer.
func parsePhone(raw, country string) (chat.Phone, error) {
	if raw != "(787) 555-0142" || country != "PR" {
		return "", chat.Invalid("This is not a phone.")
	}
	return "+17875550142", nil
}

func (w *world) Handle(k chat.DeliveryKind, run func(context.Context, chat.Delivery) error) {
	w.run[k] = run
}

// handle runs a delivery as the courier does, in its try.
func (w *world) handle(d chat.Delivery, try int) error {
	d.Tries = try
	ctx, cancel := context.WithTimeout(w.ctx, 45*time.Second)
	defer cancel()
	return w.run[d.Kind](ctx, d)
}

// killAfter has the process killed after so many changes of the store: it does not learn
// of the last one, and changes nothing more. revive starts it again.
func (w *world) killAfter(changes int) (revive func()) {
	ctx, kill := context.WithCancel(w.ctx)
	alive := w.ctx
	w.ctx = ctx
	w.store.after = func(string) error {
		if changes--; changes != 0 {
			return nil
		}
		kill()
		return errKilled
	}
	return func() {
		kill()
		w.ctx, w.store.after = alive, nil
	}
}

func (w *world) RevokeSMSConsent(_ context.Context, c chat.Connection, customer string, at time.Time) error {
	if w.revoke != nil {
		if err := w.revoke(customer); err != nil {
			return err
		}
	}
	w.revoked = append(w.revoked, fmt.Sprint(c.Account, " ", customer, " ", at.Format(time.RFC3339)))
	return nil
}

// send adds a webhook whose body is the customer's id, or what readNotice reads.
func (w *world) send(v chat.Vendor, topic, body string) (id string) {
	w.events++
	id = fmt.Sprintf("e%03d", w.events)
	w.store.events = append(w.store.events, &memEvent{Event: directory.Event{ID: id, VendorEvent: chat.VendorEvent{Shop: "tea", Vendor: v, Topic: topic, Body: []byte(body), ReceivedAt: noon}}})
	return id
}

// customers sends a webhook for each of the customers.
func (w *world) customers(v chat.Vendor, ids ...string) {
	for _, id := range ids {
		w.send(v, "customers/update", id)
	}
}

func (w *world) applyEvents(try int) error {
	return w.handle(chat.NewEventsDelivery("tea", noon), try)
}

// states lists what became of the events.
func (w *world) states() string {
	var all []string
	for _, e := range w.store.events {
		all = append(all, e.state)
	}
	return strings.Join(all, " ")
}

func (w *world) expectRecords(want ...string) {
	w.Helper()
	if !slices.Equal(w.store.records, want) {
		w.Errorf("applied %q, want %q", w.store.records, want)
	}
}

// must ends a test that can't go on after an error.
func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// readNotice reads notices whose body is a privacy request in JSON.
func readNotice(topic string, body []byte) (n directory.Notice, err error) {
	switch topic {
	case "app/uninstalled":
		n.Uninstalled = true
	case "app/scopes_update":
		n.ScopesChanged = true
	case "privacy":
		err = json.Unmarshal(body, &n.Privacy)
	case "panic notice":
		panic("notice")
	}
	return n, err
}

// A source plays a vendor. A webhook's body, and each object of a list, is a customer's
// id. A cursor is the place of the next object.
type source struct {
	page    int                 // size of the pages; 0: pageSize
	lists   map[string][]string // by part
	takes   time.Duration       // to read a page
	before  func(part, cursor string) error
	pages   []string // that were read: "customers 2"
	since   []time.Time
	refresh func(customer string) (chat.DirectoryUpdate, error)
	parsing func(topic, body string) error
}

const pageSize = 2

func customer(id string) chat.CustomerRecord {
	return chat.CustomerRecord{ID: id, Phones: []chat.PhoneRecord{{Raw: "(787) 555-0142", Source: chat.ShippingPhone}}}
}

func (*source) Parts() []string { return []string{"customers", "orders"} }

func (s *source) Page(ctx context.Context, _ chat.Connection, part, cursor string, since time.Time) (u chat.DirectoryUpdate, next string, err error) {
	s.pages, s.since = append(s.pages, strings.TrimSpace(part+" "+cursor)), append(s.since, since)
	if s.before != nil {
		if err := s.before(part, cursor); err != nil {
			return u, "", err
		}
	}
	if s.takes > 0 {
		select {
		case <-time.After(s.takes):
		case <-ctx.Done():
			return u, "", unreachable(ctx.Err())
		}
	}
	begin := 0
	if cursor != "" {
		if _, err := fmt.Sscan(cursor, &begin); err != nil {
			return u, "", err
		}
	}
	all := s.lists[part]
	end := min(begin+cmp.Or(s.page, pageSize), len(all))
	for _, id := range all[begin:end] {
		u.Customers = append(u.Customers, customer(id))
	}
	if end < len(all) {
		next = fmt.Sprint(end)
	}
	return u, next, nil
}

func unreachable(cause error) error {
	return &chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "unreachable", Text: "Shopify can't be reached."}, Cause: cause}
}

func (s *source) Parse(topic string, body []byte) (u chat.DirectoryUpdate, err error) {
	if s.parsing != nil {
		if err := s.parsing(topic, string(body)); err != nil {
			return u, err
		}
	}
	if topic == "customers/update" {
		u.Customers = append(u.Customers, customer(string(body)))
	}
	return u, nil
}

func (s *source) Refresh(_ context.Context, _ chat.Connection, customer string) (chat.DirectoryUpdate, error) {
	return s.refresh(customer)
}
