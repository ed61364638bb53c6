package courier_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/bridge/courier"
	"sidetext/chat"
)

// A memOutbox is an outbox in memory. It also has the handler of all kinds.
type memOutbox struct {
	mu        sync.Mutex
	rows      []*row
	run       func(context.Context, chat.Delivery) error
	runs      map[chat.DeliveryID][]time.Time
	takenOver []chat.DeliveryID
	polled    int
	busy      map[string]int
	maxBusy   int // the most deliveries of one account that ran at once
	dueError  error
	gate      courier.Gate
	claims    int
	now       func() time.Time
}

type row struct {
	chat.Delivery
	running, failed bool
	problem         string
}

func newMemOutbox(run func(context.Context, chat.Delivery) error) *memOutbox {
	return &memOutbox{run: run, runs: map[chat.DeliveryID][]time.Time{}, busy: map[string]int{}}
}

func (s *memOutbox) put(account, lane string, id string, kind chat.DeliveryKind) {
	s.add(chat.Delivery{ID: chat.DeliveryID(id), Account: account, Lane: lane, Kind: kind})
}

func (s *memOutbox) add(d chat.Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Place, d.Due = int64(len(s.rows)), time.Now()
	s.rows = append(s.rows, &row{Delivery: d})
}

func (s *memOutbox) DueAccounts(_ context.Context, now time.Time) (accounts []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.polled++
	seen := map[string]bool{}
	for _, r := range s.rows {
		if !r.running && !r.failed && !r.Due.After(now) && !seen[r.Account] {
			seen[r.Account] = true
			accounts = append(accounts, r.Account)
		}
	}
	return accounts, s.dueError
}

func (s *memOutbox) Claim(_ context.Context, account string, all, calm int, now time.Time, lease time.Duration) (mine []chat.Delivery, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claims++
	if account == "broken" {
		return nil, errors.New("row can't be read")
	}
	for _, urgent := range []bool{true, false} {
		blocked := map[string]bool{}
		for _, r := range s.rows {
			if r.failed || r.Account != account {
				continue
			}
			if r.Urgent == urgent && !r.running && !blocked[r.Lane] && !r.Due.After(now) && len(mine) < all {
				r.running, r.Until, r.Tries = true, now.Add(lease), r.Tries+1
				mine = append(mine, r.Delivery)
			}
			blocked[r.Lane] = true
		}
		all = min(all, len(mine)+calm)
	}
	return mine, nil
}

func (s *memOutbox) update(d chat.Delivery, do func(*row)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rows {
		if r.ID == d.ID && r.Tries == d.Tries {
			do(r)
		}
	}
	return nil
}

func (s *memOutbox) Postpone(_ context.Context, d chat.Delivery, due time.Time, problem string) error {
	if due.Sub(s.now()) <= 0 { // a due time of now means that it was taken over
		s.locked(func() int { s.takenOver = append(s.takenOver, d.ID); return 0 })
	}
	return s.update(d, func(r *row) { r.running, r.Due, r.problem = false, due, problem })
}

func (s *memOutbox) GiveUp(_ context.Context, d chat.Delivery, problem string) error {
	return s.update(d, func(r *row) { r.running, r.failed, r.problem = false, true, problem })
}

func (s *memOutbox) ExpiredClaims(_ context.Context, now time.Time) (found []chat.Delivery, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rows {
		if r.running && r.Until.Before(now) {
			found = append(found, r.Delivery)
		}
	}
	return found, nil
}

// TakeShards gives all shards to the only node.
func (s *memOutbox) TakeShards(_ context.Context, _ []int, leaving bool, now time.Time, lease time.Duration) (chat.Share, error) {
	share := chat.Share{Fair: chat.Shards, Until: now.Add(lease)}
	for i := range chat.Shards {
		if !leaving {
			share.Held = append(share.Held, i)
		}
	}
	return share, nil
}

func (s *memOutbox) InFlight(context.Context) ([]chat.Delivery, error) { return nil, nil }

func (s *memOutbox) RepairDueTimes(_ context.Context, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rows {
		if r.Due.After(now.Add(2 * time.Hour)) {
			r.Due = now
		}
	}
	return nil
}

func (s *memOutbox) remove(d chat.Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range s.rows {
		if r.ID == d.ID {
			s.rows = append(s.rows[:i], s.rows[i+1:]...)
			return
		}
	}
}

func (s *memOutbox) Handle(ctx context.Context, d chat.Delivery) error {
	s.mu.Lock()
	s.runs[d.ID] = append(s.runs[d.ID], time.Now())
	s.busy[d.Account]++
	s.maxBusy = max(s.maxBusy, s.busy[d.Account])
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.busy[d.Account]--
		s.mu.Unlock()
	}()
	if err := s.run(ctx, d); err != nil {
		return err
	}
	s.remove(d)
	return nil
}

// expire is called for texts whose claim expired.
func (s *memOutbox) expire(_ context.Context, d chat.Delivery) error {
	s.mu.Lock()
	s.takenOver = append(s.takenOver, d.ID)
	s.mu.Unlock()
	if d.ID == "stuck" {
		return errors.New("can't be saved")
	}
	s.remove(d)
	return nil
}

// courier makes a courier that has handlers for every kind.
func (s *memOutbox) courier(now func() time.Time) *courier.Courier {
	s.now = now
	c := courier.New(s, s.gate, now, slog.New(slog.DiscardHandler))
	for _, kind := range chat.Kinds() {
		c.Handle(kind.Name, s.Handle)
	}
	c.HandleExpired(chat.SendSMS, s.expire)
	return c
}

// locked reads a value that other goroutines change.
func (s *memOutbox) locked(of func() int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return of()
}

func (s *memOutbox) polls() int { return s.locked(func() int { return s.polled }) }

func (s *memOutbox) running(account string) int {
	return s.locked(func() int { return s.busy[account] })
}

// runTimes returns when a delivery was run, since the start.
func (s *memOutbox) runTimes(id chat.DeliveryID) (all []time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range s.runs[id] {
		all = append(all, at.Sub(start))
	}
	return all
}

var start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when every bubble begins

// runCourier runs a courier in a synctest bubble while do checks it.
func runCourier(t *testing.T, s *memOutbox, do func(*testing.T, *courier.Courier)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		for _, r := range s.rows {
			r.Due = time.Now()
		}
		c := s.courier(time.Now)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { c.Run(ctx) })
		do(t, c)
		stop()
		running.Wait()
	})
}
