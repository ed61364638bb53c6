package bridge_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/chat"
)

// In each scenario one step fails, and the shopper sends more texts. Whichever step it
// is, in the end one ticket is open, and it has each text once, in order.
func TestEveryTicketStepMayFail(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]failureMode{
		"it fails":                 {before: errUnreachable},
		"it hangs":                 {before: errHangs, stride: 3}, // differs from failing only in the courier
		"it is refused":            {before: errRefused},
		"it is done and fails":     {after: errUnreachable},
		"it is done and hangs":     {after: errHangs, stride: 3},
		"it is done and refused":   {after: errRefused},
		"it is done and not saved": {unsaved: chat.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.config.Shop.Settings.Acknowledge = false // no texts are sent
			for i, sc := range []struct {
				run   func(*scenario)
				steps int // at least
			}{{(*scenario).createsTicket, 8}, {(*scenario).reopensTicket, 6}, {(*scenario).replacesTicket, 6}, {(*scenario).refusesText, 6}} {
				for n := 1; ; n += max(1, m.stride) {
					s := &scenario{world: w, phone: chat.Phone(fmt.Sprint("+1415555", 1000*(i+1)+n)), refused: m.before == errRefused || m.after == errRefused}
					steps := s.run(m, n, sc.run)
					if t.Failed() {
						t.Fatalf("scenario %d, step %d fails; calls: %v", i+1, n, w.helpdesk.calls[s.calls:])
					}
					if steps < n {
						if n <= sc.steps {
							t.Errorf("scenario %d has only %d steps", i+1, n-1)
						}
						break
					}
				}
			}
		})
	}
}

// A failureMode says how a step fails.
type failureMode struct {
	before, after error // of a call to the helpdesk
	unsaved       error // of a turn
	stride        int   // test every n-th step only; 0 for each
}

// run runs a scenario whose step n fails, and returns the number of steps.
func (s *scenario) run(m failureMode, n int, run func(*scenario)) int {
	s.Helper()
	_, err := s.store.ImportShoppers(s.ctx, s.config.Shop.ID, []chat.Shopper{{ID: chat.NewID[chat.ShopperID](s.time()), Phone: s.phone, Email: "jane@example.com"}})
	if err != nil {
		s.Fatal(err)
	}
	var step atomic.Int64
	fault := func(err error) func(string) error {
		if err == nil {
			return nil
		}
		return func(string) error {
			if step.Add(1) == int64(n) {
				return err
			}
			return nil
		}
	}
	s.failed = func() bool { return step.Load() >= int64(n) }
	s.begin = func() {
		s.calls = len(s.helpdesk.calls)
		s.helpdesk.fail(fault(m.before), fault(m.after))
		if unsaved := fault(m.unsaved); unsaved != nil {
			s.turns.fail(func() error { return unsaved("") })
		}
	}
	run(s)
	s.helpdesk.fail(nil, nil)
	s.turns.fail(nil)
	s.check()
	return int(step.Load())
}

// A scenario is what happens to one shopper's tickets. Once a step has failed, two more
// texts arrive before the next try.
type scenario struct {
	*world
	phone       chat.Phone
	begin       func()      // from here on steps are counted and may fail
	failed      func() bool // reports whether one has failed
	calls       int         // of the helpdesk before begin
	refused     bool        // the failure is a refusal
	textedAgain bool        // those two texts were sent
	wantTexts   []string    // the texts that the tickets must have
}

func (s *scenario) send(texts ...string) {
	s.Helper()
	s.receive(s.phone, texts...)
	s.wantTexts = append(s.wantTexts, texts...)
}

// settle runs all deliveries, also those that wait for a retry.
func (s *scenario) settle() {
	s.Helper()
	s.world.settle()
	if s.failed() && !s.textedAgain {
		s.textedAgain = true
		s.send("is anybody there", "hello hello")
	}
	s.finishRetries()
}

// retry retries the failed list.
func (s *scenario) retry() {
	s.Helper()
	if _, err := s.store.RetryAll(s.ctx, s.config.Shop.ID, s.time()); err != nil {
		s.Fatal(err)
	}
	s.finishRetries()
}

// finishRetries is the world's finishRetries, but does not wait for status checks.
func (s *scenario) finishRetries() {
	s.Helper()
	for range 8 {
		if waiting, _ := s.counts(); waiting == 0 {
			return
		}
		s.advance(16 * time.Minute)
		s.expireClaims()
		s.world.settle()
	}
}

// close closes the ticket as an agent would, until it stays closed.
func (s *scenario) close() {
	s.Helper()
	for range 3 { // a text may have just reopened it
		s.helpdesk.changeTicket(s.remote(), func(k *ticket) { k.open = false })
		s.withoutTurnFaults(func() { s.ticketWebhook(s.phone) })
		s.settle()
		if s.snapshot(s.phone).Escalation == nil {
			return
		}
	}
	s.Error("the ticket does not stay closed")
}

func (s *scenario) remote() string { s.Helper(); return s.snapshot(s.phone).Ticket.Remote }

// failureRemark matches what a note may say besides an agent's text.
var failureRemark = regexp.MustCompile(` \(it did not arrive: [^)]*\)`)

// check checks the helpdesk's tickets in the end.
func (s *scenario) check() {
	s.Helper()
	live, all, open, outOfOrder := map[string]int{}, map[string]int{}, 0, 0
	for remote, k := range s.helpdesk.tickets {
		if k.of != s.conversation(s.phone) {
			continue
		}
		for text, n := range k.textCounts() {
			text = failureRemark.ReplaceAllString(text, "")
			all[text] += n
			if !k.gone {
				live[text] += n
			}
			if n > 1 {
				s.Errorf("ticket %s says %q %d times", remote, text, n)
			}
		}
		if k.open && !k.gone {
			open++
		}
		outOfOrder += k.outOfOrder()
	}
	for _, text := range s.wantTexts {
		if all[text] == 0 || live[text] > 1 {
			s.Errorf("all tickets say %q %d times, those not trashed %d times", text, all[text], live[text])
		}
	}
	if open != 1 {
		s.Errorf("%d tickets are open", open)
	}
	if outOfOrder > 1 && !s.refused || outOfOrder > 2 { // "poison", and the step that was refused
		s.Errorf("%d messages are out of order", outOfOrder)
	}
	if waiting, failed := s.counts(); waiting+failed != 0 {
		s.Errorf("%d deliveries wait, %d failed", waiting, failed)
	}
}

// outOfOrder counts the ticket's messages that come after newer ones.
func (k *ticket) outOfOrder() (n int) {
	last := k.opening[len(k.opening)-1].Seq
	for _, m := range k.messages {
		_, place, _ := strings.Cut(m.name, "-")
		seq, err := strconv.ParseInt(place, 10, 64)
		switch {
		case err != nil: // a note on no text
		case seq <= last:
			n++
		default:
			last = seq
		}
	}
	return n
}

// withoutTurnFaults runs do while turns don't fail.
func (w *world) withoutTurnFaults(do func()) {
	w.turns.mu.Lock()
	fault := w.turns.fault
	w.turns.fault = nil
	w.turns.mu.Unlock()
	do()
	w.turns.fail(fault)
}
