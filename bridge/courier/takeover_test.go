package courier_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/bridge/courier"
	"sidetext/chat"
)

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
