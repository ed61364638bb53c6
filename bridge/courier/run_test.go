package courier_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/bridge/courier"
	"sidetext/chat"
)

func TestStoppingFinishesRunningDeliveries(t *testing.T) {
	t.Parallel()
	s := newMemOutbox(func(ctx context.Context, d chat.Delivery) error {
		select {
		case <-time.After(5 * time.Second):
			return ctx.Err()
		case <-ctx.Done():
			return errors.New("canceled")
		}
	})
	for i := range 7 {
		s.put("a", fmt.Sprint(i), fmt.Sprint(i), chat.SendSMS)
	}
	runCourier(t, s, func(*testing.T, *courier.Courier) { synctest.Wait() })
	if n := len(s.rows); n != 1 {
		t.Errorf("%d deliveries are left, want the one that had not begun", n)
	}
	if s.rows[0].running {
		t.Error("it was claimed but not run")
	}
}

// When the clock is set back or forward, no delivery is delayed or run twice.
func TestSettingTheClockDelaysNothing(t *testing.T) {
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
				t.Errorf("run at %v and %v, %d left, taken over: %v", slow, again, len(s.rows), s.takenOver)
			}
		})
	}
}

// However often the courier is woken, it polls at most once every minPollInterval.
func TestPollsAreLimited(t *testing.T) {
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
			t.Errorf("polled %d times in a second", n)
		}
		if n := s.locked(func() int { return s.claims }); n != 0 {
			t.Errorf("claimed %d times without deliveries", n)
		}
	})
}
