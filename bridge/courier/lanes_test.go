package courier_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/bridge/courier"
	"sidetext/chat"
)

func TestHangingVendorDelaysNoOtherAccount(t *testing.T) {
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
			t.Errorf("%d deliveries to the dead vendor are in flight, want 6", n)
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
			t.Errorf("after the timeouts %d are in flight, want the next 6", n)
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
		t.Errorf("at most %d were in flight at once, want 8", s.maxBusy)
	}
	for _, lane := range s.rows {
		if lane.Account == "fine" {
			t.Errorf("%s was not run", lane.ID)
		}
	}
}

func TestLaneKeepsOrder(t *testing.T) {
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
		t.Errorf("order %v", order)
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
		t.Errorf("the urgent delivery was run at %v", at)
	}
	if slow < 6 || slow > 8 || fast != 20 {
		t.Errorf("in two seconds %d deliveries were run with a limit of four a second, and %d without a limit", slow, fast)
	}
}

func TestErrorOfOneAccountAffectsNoOther(t *testing.T) {
	t.Parallel()
	s := newMemOutbox(func(context.Context, chat.Delivery) error { return nil })
	s.put("broken", "1", "1", chat.SyncTicket)
	s.put("fine", "2", "2", chat.SyncTicket)
	runCourier(t, s, func(t *testing.T, _ *courier.Courier) {
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if at := s.runTimes("2"); len(at) != 1 || at[0] > time.Second {
			t.Errorf("the other account's delivery was run at %v", at)
		}
	})
}
