package courier_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/bridge/courier"
	"sidetext/chat"
)

// A memOutbox is an outbox in memory, and the handler of all kinds.
type memOutbox struct {
	mu        sync.Mutex
	rows      []*row
	run       func(context.Context, chat.Delivery) error
	runs      map[chat.DeliveryID][]time.Time
	takenOver []chat.DeliveryID
	polled    int
	busy      map[string]int
	maxBusy   int // of one account that ran at once
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
		return nil, errors.New("a row that can't be read")
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
	if due.Sub(s.now()) <= 0 { // at once: it was taken over
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

// TakeShards gives all shards to the one node there is.
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
		return errors.New("it can't be saved")
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

func TestAHangingVendorDelaysNoOther(t *testing.T) {
	t.Parallel()
	s := newMemOutbox(func(ctx context.Context, d chat.Delivery) error {
		if d.Account == "dead" {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	})
	for i := range 100 {
		s.put("dead", fmt.Sprint("dead", i), fmt.Sprint("dead", i), chat.SyncTicket)
	}
	for i := range 100 {
		s.put("fine", fmt.Sprint("fine", i%10), fmt.Sprint("fine", i), chat.SyncTicket)
	}
	runCourier(t, s, func(t *testing.T, c *courier.Courier) {
		time.Sleep(44 * time.Second)
		synctest.Wait()
		for i := range 100 {
			if at := s.runTimes(chat.DeliveryID(fmt.Sprint("fine", i))); len(at) != 1 || at[0] > time.Second {
				t.Fatalf("delivery %d was run at %v", i, at)
			}
		}
		if n := s.running("dead"); n != 6 {
			t.Errorf("%d to the dead vendor are in flight, want 6", n)
		}
		s.put("fine", "late", "late", chat.SyncTicket)
		c.Wake()
		before := time.Now()
		synctest.Wait()
		time.Sleep(3 * time.Millisecond)
		synctest.Wait()
		if at := s.runTimes("late"); len(at) != 1 || at[0] > before.Add(3*time.Millisecond).Sub(start) {
			t.Errorf("a later delivery was run at %v", at)
		}
		time.Sleep(2 * time.Second) // now the first six have timed out
		synctest.Wait()
		if n := s.running("dead"); n != 6 {
			t.Errorf("then %d are in flight, want the next 6", n)
		}
		for i := range 4 {
			s.add(chat.Delivery{ID: chat.DeliveryID(fmt.Sprint("urgent", i)), Account: "dead", Lane: fmt.Sprint("urgent", i), Kind: chat.PostCode, Urgent: true})
		}
		c.Wake()
		time.Sleep(3 * time.Millisecond)
		synctest.Wait()
		if n := s.running("dead"); n != 8 {
			t.Errorf("with urgent ones %d are in flight, want 8", n)
		}
	})
	if s.maxBusy != 8 {
		t.Errorf("at most %d at once, want 8", s.maxBusy)
	}
	for _, lane := range s.rows {
		if lane.Account == "fine" {
			t.Errorf("%s is left", lane.ID)
		}
	}
}

func TestALaneKeepsItsOrder(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var order []chat.DeliveryID
	s := newMemOutbox(func(_ context.Context, d chat.Delivery) error {
		if d.ID == "second" && d.Tries < 3 {
			return &chat.SendError{Outcome: chat.NotSent}
		}
		mu.Lock()
		defer mu.Unlock()
		order = append(order, d.ID)
		return nil
	})
	for _, id := range []string{"first", "second", "third"} {
		s.put("a", "lane", id, chat.SendSMS)
	}
	s.put("a", "other", "other", chat.SendSMS)
	runCourier(t, s, func(t *testing.T, _ *courier.Courier) { time.Sleep(10 * time.Second) })
	at := map[chat.DeliveryID]int{}
	for i, id := range order {
		at[id] = i
	}
	if len(order) != 4 || !(at["first"] < at["second"] && at["second"] < at["third"] && at["other"] < at["second"]) {
		t.Errorf("they ran in the order %v", order)
	}
}

func TestStoppingFinishesWhatHasBegun(t *testing.T) {
	t.Parallel()
	s := newMemOutbox(func(ctx context.Context, d chat.Delivery) error {
		select {
		case <-time.After(5 * time.Second):
			return ctx.Err()
		case <-ctx.Done():
			return errors.New("it was canceled")
		}
	})
	for i := range 7 {
		s.put("a", fmt.Sprint(i), fmt.Sprint(i), chat.SendSMS)
	}
	runCourier(t, s, func(*testing.T, *courier.Courier) { synctest.Wait() })
	if n := len(s.rows); n != 1 {
		t.Errorf("%d are left, want the one that had not begun", n)
	}
	if s.rows[0].running {
		t.Error("it was claimed but not run")
	}
}

func TestBackOff(t *testing.T) {
	t.Parallel()
	s := newMemOutbox(func(context.Context, chat.Delivery) error { return &chat.SendError{Outcome: chat.MaybeSent} })
	s.put("a", "lane", "it", chat.SyncTicket)
	runCourier(t, s, func(*testing.T, *courier.Courier) { time.Sleep(6 * time.Hour) })
	at := s.runTimes("it")
	for i := 1; i < len(at); i++ {
		gap, most := at[i]-at[i-1], min(time.Second<<min(i-1, 20), 10*time.Minute)
		if gap < most/2 || gap > most+time.Second { // the courier polls once a second
			t.Errorf("between try %d and the next there were %s, want about %s", i, gap, most)
		}
	}
	if n := len(at); n < 40 || n > 90 {
		t.Errorf("in six hours there were %d tries", n)
	}
}

// A delivery that keeps failing for an unknown reason is given up after a while, and
// listed among what failed; not so while only the store or the vendor is down.
func TestPoisonIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err   error
		aside bool
	}{
		"an unknown error":  {errors.New("no"), true},
		"the store is down": {fmt.Errorf("keep: %w", chat.ErrUnavailable), false},
		"the vendor is":     {&chat.SendError{Outcome: chat.NotSent}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newMemOutbox(func(_ context.Context, d chat.Delivery) error {
				if d.ID == "it" {
					return test.err
				}
				return nil
			})
			s.put("a", "lane", "it", chat.SyncTicket)
			s.put("a", "lane", "next", chat.SyncTicket)
			runCourier(t, s, func(*testing.T, *courier.Courier) { time.Sleep(6 * time.Hour) })
			if aside := s.rows[0].failed; aside != test.aside || aside && s.rows[0].problem == "" {
				t.Errorf("after %d tries it is given up: %v (%q)", len(s.runTimes("it")), aside, s.rows[0].problem)
			}
			if n := len(s.runTimes("next")); (n == 1) != test.aside {
				t.Errorf("the next of its lane was run %d times", n)
			}
		})
	}
}

// A slowGate is a gate that lets four start each second.
type slowGate struct {
	mu   sync.Mutex
	next time.Time
}

func (p *slowGate) Free(account string, now time.Time) (int, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if account != "slow" {
		return 100, 0
	}
	if wait := p.next.Sub(now); wait > 0 {
		return 0, wait
	}
	p.next = now.Add(time.Second / 4)
	return 1, 0
}

func TestGateLimitsPace(t *testing.T) {
	t.Parallel()
	s := newMemOutbox(func(context.Context, chat.Delivery) error { return nil })
	s.gate = &slowGate{}
	for i := range 20 {
		s.put("slow", fmt.Sprint(i), fmt.Sprint(i), chat.SendSMS)
		s.put("fast", fmt.Sprint("f", i), fmt.Sprint("f", i), chat.SendSMS)
	}
	runCourier(t, s, func(t *testing.T, c *courier.Courier) {
		time.Sleep(1100 * time.Millisecond)
		s.add(chat.Delivery{ID: "agent", Account: "slow", Lane: "agent", Kind: chat.SendSMS, Urgent: true})
		time.Sleep(900 * time.Millisecond)
	})
	slow, fast := 0, 0
	for i := range 20 {
		slow += len(s.runTimes(chat.DeliveryID(fmt.Sprint(i))))
		fast += len(s.runTimes(chat.DeliveryID(fmt.Sprint("f", i))))
	}
	if at := s.runTimes("agent"); len(at) != 1 || at[0] > 1300*time.Millisecond {
		t.Errorf("the urgent one was run at %v", at)
	}
	if slow < 6 || slow > 8 || fast != 20 {
		t.Errorf("in two seconds %d were run at four a second, and %d without a limit", slow, fast)
	}
}

// When the clock is set back or forward, nothing is delayed and nothing runs twice.
func TestClockIsSet(t *testing.T) {
	t.Parallel()
	for name, by := range map[string]time.Duration{"back": -5 * time.Hour, "forward": 5 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newMemOutbox(func(_ context.Context, d chat.Delivery) error {
				if d.ID == "slow" {
					time.Sleep(20 * time.Second)
				}
				if d.ID == "again" && d.Tries == 1 {
					return &chat.SendError{Outcome: chat.NotSent, RetryAfter: 10 * time.Second}
				}
				return nil
			})
			s.put("a", "1", "slow", chat.SyncTicket)
			s.put("a", "2", "again", chat.SyncTicket)
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var set time.Duration
				for _, r := range s.rows {
					r.Due = time.Now()
				}
				c := s.courier(func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(set) })
				ctx, stop := context.WithCancel(t.Context())
				var running sync.WaitGroup
				running.Go(func() { c.Run(ctx) })
				time.Sleep(5 * time.Second)
				mu.Lock()
				set = by
				mu.Unlock()
				time.Sleep(30 * time.Second)
				stop()
				running.Wait()
			})
			if slow, again := s.runTimes("slow"), s.runTimes("again"); len(slow) != 1 || len(again) != 2 || len(s.rows) != 0 || len(s.takenOver) != 0 {
				t.Errorf("run at %v and %v, %d left, taken over %v", slow, again, len(s.rows), s.takenOver)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	s := newMemOutbox(func(_ context.Context, d chat.Delivery) error {
		if d.Account == "busy" && time.Since(start) < 30*time.Second {
			return &chat.SendError{Outcome: chat.NotSent, WholeAccount: d.ID == "all", RetryAfter: 40 * time.Second, Problem: chat.Problem{Text: "Slow down."}}
		}
		return nil
	})
	s.put("busy", "1", "own", chat.SyncTicket)
	runCourier(t, s, func(t *testing.T, c *courier.Courier) {
		time.Sleep(time.Second)
		s.put("busy", "2", "all", chat.SyncTicket)
		time.Sleep(time.Second)
		synctest.Wait()
		s.put("busy", "3", "late", chat.SyncTicket)
		s.put("fine", "4", "fine", chat.SyncTicket)
		asked := s.polls()
		time.Sleep(37 * time.Second)
		synctest.Wait()
		if n := s.polls() - asked; n > 80 {
			t.Errorf("while an account is paused the courier polled %d times in 37 s", n)
		}
		if at := s.runTimes("late"); len(at) != 0 {
			t.Errorf("a paused account was used, at %v", at)
		}
		if at := s.runTimes("fine"); len(at) != 1 || at[0] > 4*time.Second {
			t.Errorf("another account was used at %v", at)
		}
		if n := s.locked(func() int { return len(s.rows[0].problem) }); n != len("Slow down.") {
			t.Error("the problem was not saved")
		}
		time.Sleep(3 * time.Minute)
	})
	for _, id := range []chat.DeliveryID{"own", "all"} {
		if at := s.runTimes(id); len(at) < 2 || at[1]-at[0] < 40*time.Second || at[1]-at[0] > 52*time.Second {
			t.Errorf("%s: run at %v, want a wait of 40 to 50 s", id, at)
		}
	}
	if len(s.rows) != 0 {
		t.Errorf("%d are left", len(s.rows))
	}
}

func TestRejectedDeliveryFails(t *testing.T) {
	t.Parallel()
	s := newMemOutbox(func(_ context.Context, d chat.Delivery) error {
		if d.ID == "first" {
			return fmt.Errorf("wrapped: %w", &chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Text: "No."}})
		}
		return nil
	})
	s.put("a", "lane", "first", chat.SyncTicket)
	s.put("a", "lane", "second", chat.SyncTicket)
	runCourier(t, s, func(*testing.T, *courier.Courier) { time.Sleep(time.Hour) })
	if len(s.rows) != 1 || !s.rows[0].failed || s.rows[0].problem != "No." || len(s.runTimes("first")) != 1 || len(s.runTimes("second")) != 1 {
		t.Errorf("left: %+v", s.rows)
	}
}

// After a panic or an unknown outcome a repeatable delivery is run again; another is
// left alone until its claim expires.
func TestPanicsAndUnknownOutcomes(t *testing.T) {
	t.Parallel()
	s := newMemOutbox(func(_ context.Context, d chat.Delivery) error {
		switch {
		case d.Tries > 1:
			return nil
		case d.Lane == "panic":
			panic("a mistake")
		case d.Lane == "lost":
			return &chat.SendError{Outcome: chat.MaybeSent}
		}
		return errors.New("unknown")
	})
	for _, lane := range []string{"panic", "lost", "odd"} {
		s.put("sms", lane, "sms "+lane, chat.SendSMS)
		s.put("desk", lane, "desk "+lane, chat.SyncTicket)
	}
	runCourier(t, s, func(*testing.T, *courier.Courier) { time.Sleep(2 * time.Minute) })
	for _, lane := range []string{"panic", "lost", "odd"} {
		if n := len(s.runTimes(chat.DeliveryID("sms " + lane))); n != 1 {
			t.Errorf("%s: the text was run %d times", lane, n)
		}
		if at := s.runTimes(chat.DeliveryID("desk " + lane)); len(at) != 2 || at[1] > 5*time.Second {
			t.Errorf("%s: the ticket was run at %v", lane, at)
		}
	}
	if len(s.takenOver) != 3 || len(s.rows) != 0 {
		t.Errorf("taken over: %v; left: %d", s.takenOver, len(s.rows))
	}
}

func TestExpiredClaims(t *testing.T) {
	t.Parallel()
	s := newMemOutbox(func(context.Context, chat.Delivery) error { return nil })
	for _, id := range []string{"stuck", "text", "ticket"} {
		kind := chat.SendSMS
		if id == "ticket" {
			kind = chat.SyncTicket
		}
		s.put("a", id, id, kind)
		s.rows[len(s.rows)-1].running = true // by a process that was killed
	}
	runCourier(t, s, func(t *testing.T, _ *courier.Courier) {
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		if at := s.runTimes("ticket"); len(at) != 1 {
			t.Errorf("the ticket was run at %v", at)
		}
		if at := s.runTimes("text"); len(at) != 0 {
			t.Errorf("the text was run at %v", at)
		}
		if n := s.locked(func() int { return len(s.rows) }); n != 1 {
			t.Errorf("%d are left", n)
		}
	})
}

func TestOneAccountFails(t *testing.T) {
	t.Parallel()
	s := newMemOutbox(func(context.Context, chat.Delivery) error { return nil })
	s.put("broken", "1", "1", chat.SyncTicket)
	s.put("fine", "2", "2", chat.SyncTicket)
	runCourier(t, s, func(t *testing.T, _ *courier.Courier) {
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if at := s.runTimes("2"); len(at) != 1 || at[0] > time.Second {
			t.Errorf("the other account's was run at %v", at)
		}
	})
}

// However often the courier is woken, it polls once in minPollInterval at most.
func TestWakingOftenIsCheap(t *testing.T) {
	t.Parallel()
	s := newMemOutbox(func(context.Context, chat.Delivery) error { return nil })
	runCourier(t, s, func(t *testing.T, c *courier.Courier) {
		for range 1000 {
			for range 100 {
				c.Wake()
			}
			time.Sleep(time.Millisecond)
		}
		if n := s.polls(); n > 520 {
			t.Errorf("in a second it polled %d times", n)
		}
		if n := s.locked(func() int { return s.claims }); n != 0 {
			t.Errorf("without deliveries it claimed %d times", n)
		}
	})
}
