package directory_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"sidetext/bridge/directory"
	"sidetext/chat"
)

// errKilled ends a run as if the process had been killed.
var errKilled = errors.New("killed")

// A memStore keeps a directory's records in memory. Like the store, each of its methods
// does all of its work or none.
type memStore struct {
	mu          sync.Mutex
	connections map[chat.Vendor]chat.Connection
	events      []*memEvent
	parts       []chat.Reconciliation
	requests    []chat.PrivacyRequest
	own         map[chat.Phone][]string // Shopify customers whose phone it is

	records  []string // names of applied customers, in order
	phones   []chat.Phone
	did      []string // what was done besides applying records, in order
	ready    []chat.Delivery
	finished []chat.DeliveryID

	// fail is called before each change with its name; an error means that nothing
	// is changed.
	fail func(call string, u chat.DirectoryUpdate) error
	// after is called after each change. An error means that the caller does not
	// learn of it.
	after func(call string) error
}

type memEvent struct {
	directory.Event
	state   string
	problem string
}

func newMemStore(connections ...chat.Connection) *memStore {
	s := &memStore{connections: map[chat.Vendor]chat.Connection{}, own: map[chat.Phone][]string{}}
	for _, c := range connections {
		s.connections[c.Vendor] = c
	}
	return s
}

// change makes a change between the hooks.
func (s *memStore) change(ctx context.Context, call string, u chat.DirectoryUpdate, do func()) error {
	if err := ctx.Err(); err != nil {
		return errors.Join(chat.ErrUnavailable, err)
	}
	if s.fail != nil {
		if err := s.fail(call, u); err != nil {
			return err
		}
	}
	s.mu.Lock()
	do()
	s.mu.Unlock()
	if s.after != nil {
		return s.after(call)
	}
	return nil
}

func (s *memStore) Connection(_ context.Context, shop chat.ShopID, v chat.Vendor) (chat.Connection, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.connections[v]
	if !ok || c.Shop != shop {
		return c, chat.ErrNotFound
	}
	return c, nil
}

func (s *memStore) Connections(context.Context) (all []chat.Connection, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range chat.Vendors() {
		if c, ok := s.connections[v]; ok {
			all = append(all, c)
		}
	}
	return all, nil
}

func (s *memStore) SetConnectionStatus(ctx context.Context, _ chat.ShopID, v chat.Vendor, status chat.ConnectionStatus, problem chat.Problem, _ time.Time) error {
	return s.change(ctx, "status", chat.DirectoryUpdate{}, func() {
		c := s.connections[v]
		c.Status, c.Problem = status, problem
		s.connections[v] = c
	})
}

func (s *memStore) WaitingEvents(_ context.Context, shop chat.ShopID, limit int) (found []directory.Event, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e.state == "" && e.Shop == shop && s.connections[e.Vendor].Status != chat.ConnectionPaused && len(found) < limit {
			found = append(found, e.Event)
		}
	}
	return found, nil
}

func (s *memStore) ApplyEvents(ctx context.Context, _ chat.ShopID, events []directory.AppliedEvent, _ time.Time) (change chat.DirectoryChange, err error) {
	for _, e := range events {
		if s.fail == nil {
			break
		}
		if err := s.fail("apply "+e.ID, e.Update); err != nil && e.Problem == "" {
			return change, err
		}
	}
	err = s.change(ctx, "apply", chat.DirectoryUpdate{}, func() {
		for _, e := range events {
			stored := s.event(e.ID)
			if stored == nil || stored.state != "" {
				continue
			}
			if stored.state, stored.problem = "applied", e.Problem; e.Problem != "" {
				stored.state = "failed"
				continue
			}
			change.Conversations = append(change.Conversations, s.apply(e.Update)...)
		}
	})
	return change, err
}

// apply records an update, and returns a conversation for each of its customers.
func (s *memStore) apply(u chat.DirectoryUpdate) (changed []chat.ConversationRev) {
	for _, c := range u.Customers {
		s.records = append(s.records, c.ID)
		changed = append(changed, chat.ConversationRev{Shop: "tea", ID: chat.ConversationID(c.ID), Rev: int64(len(s.records))})
		for _, p := range c.Phones {
			s.phones = append(s.phones, p.Phone)
		}
	}
	return changed
}

func (s *memStore) event(id string) *memEvent {
	for _, e := range s.events {
		if e.ID == id {
			return e
		}
	}
	return nil
}

func (s *memStore) StartReconciliation(ctx context.Context, c chat.Connection, parts []string, since, now time.Time) error {
	return s.change(ctx, "start", chat.DirectoryUpdate{}, func() {
		for _, part := range parts {
			i := slices.IndexFunc(s.parts, func(r chat.Reconciliation) bool { return r.Vendor == c.Vendor && r.Part == part })
			if i >= 0 && !s.parts[i].Done() && !since.Before(s.parts[i].Since) {
				continue
			}
			fresh := chat.Reconciliation{Shop: c.Shop, Vendor: c.Vendor, Part: part, Since: since, StartedAt: now}
			if i < 0 {
				s.parts = append(s.parts, fresh)
			} else {
				s.parts[i] = fresh
			}
		}
		s.ready = append(s.ready, chat.NewReconcileDelivery(c, now))
	})
}

func (s *memStore) Reconciliations(_ context.Context, shop chat.ShopID) (all []chat.Reconciliation, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.parts {
		if r.Shop == shop {
			all = append(all, r)
		}
	}
	return all, nil
}

func (s *memStore) part(r chat.Reconciliation) *chat.Reconciliation {
	for i, known := range s.parts {
		if known.Vendor == r.Vendor && known.Part == r.Part && known.StartedAt.Equal(r.StartedAt) && !known.Done() {
			return &s.parts[i]
		}
	}
	return nil
}

func (s *memStore) SavePage(ctx context.Context, r chat.Reconciliation, u chat.DirectoryUpdate, _ time.Time) (change chat.DirectoryChange, err error) {
	gone := false
	err = s.change(ctx, "page", u, func() {
		known := s.part(r)
		if gone = known == nil; gone {
			return
		}
		*known = r
		change.Conversations = s.apply(u)
	})
	if gone {
		return change, chat.ErrNotFound
	}
	return change, err
}

func (s *memStore) SaveReconciliationProblem(ctx context.Context, r chat.Reconciliation, problem string) error {
	return s.change(ctx, "problem", chat.DirectoryUpdate{}, func() {
		if known := s.part(r); known != nil {
			known.Problem = problem
		}
	})
}

func (s *memStore) AddPrivacyRequest(ctx context.Context, r chat.PrivacyRequest) error {
	return s.change(ctx, "request", chat.DirectoryUpdate{}, func() {
		if !slices.ContainsFunc(s.requests, func(k chat.PrivacyRequest) bool { return k.ID == r.ID }) {
			s.requests = append(s.requests, r)
		}
	})
}

func (s *memStore) FinishPrivacyRequest(ctx context.Context, _ chat.ShopID, id string, now time.Time) error {
	return s.change(ctx, "finish request", chat.DirectoryUpdate{}, func() {
		for i := range s.requests {
			if s.requests[i].ID == id {
				s.requests[i].DoneAt = now
			}
		}
	})
}

func (s *memStore) ErasePerson(ctx context.Context, _ chat.ShopID, r chat.PrivacyRequest, _ time.Time) error {
	return s.change(ctx, "erase", chat.DirectoryUpdate{}, func() {
		s.records = slices.DeleteFunc(s.records, func(id string) bool { return id == r.CustomerID })
		s.did = append(s.did, "erase "+r.CustomerID)
	})
}

func (s *memStore) EraseVendor(ctx context.Context, _ chat.ShopID, v chat.Vendor, _ time.Time) error {
	return s.change(ctx, "erase all", chat.DirectoryUpdate{}, func() {
		s.records = nil
		s.did = append(s.did, "erase all of "+string(v))
	})
}

func (s *memStore) ApplyUpdate(ctx context.Context, _ chat.ShopID, u chat.DirectoryUpdate, _ time.Time) (change chat.DirectoryChange, err error) {
	err = s.change(ctx, "update", u, func() { change.Conversations = s.apply(u) })
	return change, err
}

func (s *memStore) ShopifyCustomers(_ context.Context, _ chat.ShopID, phone chat.Phone) ([]string, error) {
	return s.own[phone], nil
}

func (s *memStore) Finish(ctx context.Context, d chat.Delivery) error {
	return s.change(ctx, "finish", chat.DirectoryUpdate{}, func() { s.finished = append(s.finished, d.ID) })
}

func (s *memStore) Continue(ctx context.Context, d, next chat.Delivery, _ time.Time) error {
	return s.change(ctx, "continue", chat.DirectoryUpdate{}, func() {
		s.finished = append(s.finished, d.ID)
		s.ready = append(s.ready, next)
	})
}
