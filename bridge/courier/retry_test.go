package courier_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/bridge/courier"
	"sidetext/chat"
)

func TestBackOff(t *testing.T) {
	t.Parallel()
	s := newMemOutbox(func(context.Context, chat.Delivery) error { return &chat.SendError{Outcome: chat.MaybeSent} })
	s.put("a", "lane", "it", chat.SyncTicket)
	runCourier(t, s, func(*testing.T, *courier.Courier) { time.Sleep(6 * time.Hour) })
	at := s.runTimes("it")
	for i := 1; i < len(at); i++ {
		gap, most := at[i]-at[i-1], min(time.Second<<min(i-1, 20), 10*time.Minute)
		if gap < most/2 || gap > most+time.Second { // the courier polls once a second
			t.Errorf("%[2]s between try %[1]d and the next, want about %[3]s", i, gap, most)
		}
	}
	if n := len(at); n < 40 || n > 90 {
		t.Errorf("%d tries in six hours", n)
	}
}

// A delivery that keeps failing for an unknown reason is given up and listed as
// failed, but not while only the store or the vendor is down.
func TestDeliveryThatKeepsFailingIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err     error
		givenUp bool
	}{
		"an unknown error":   {errors.New("no"), true},
		"the store is down":  {fmt.Errorf("keep: %w", chat.ErrUnavailable), false},
		"the vendor is down": {&chat.SendError{Outcome: chat.NotSent}, false},
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
			if givenUp := s.rows[0].failed; givenUp != test.givenUp || givenUp && s.rows[0].problem == "" {
				t.Errorf("after %d tries: given up %v (%q)", len(s.runTimes("it")), givenUp, s.rows[0].problem)
			}
			if n := len(s.runTimes("next")); (n == 1) != test.givenUp {
				t.Errorf("the next delivery of its lane was run %d times", n)
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
		before := s.polls()
		time.Sleep(37 * time.Second)
		synctest.Wait()
		if n := s.polls() - before; n > 80 {
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
