package bridge_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/chat"
)

// Whatever step goes wrong in whatever way, and although the shopper goes on
// texting: in the end there is one open ticket, and it has each text once, in
// order.
func TestEveryStepMayFail(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]struct {
		before, after error // of a call to the helpdesk
		unkept        error // of a turn
	}{
		"it fails":                {before: away},
		"it hangs":                {before: hangs},
		"it is refused":           {before: refuses},
		"it is done and fails":    {after: away},
		"it is done and hangs":    {after: hangs},
		"it is done and refused":  {after: refuses},
		"it is done and not kept": {unkept: chat.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for n := int64(1); ; n++ {
				var step atomic.Int64
				fault := func(err error) func(string) error {
					if err == nil {
						return nil
					}
					return func(string) error {
						if step.Add(1) == n {
							return err
						}
						return nil
					}
				}
				w.desk.fail(fault(mode.before), fault(mode.after))
				if unkept := fault(mode.unkept); unkept != nil {
					w.turns.fail(func() error { return unkept("") })
				}
				calls := len(w.desk.calls)
				s := &story{world: w, who: chat.Phone(fmt.Sprint("+1415555", 1000+n)), struck: func() bool { return step.Load() >= n }, refused: mode.before == refuses || mode.after == refuses}
				s.tell()
				if t.Failed() {
					t.Fatalf("with fault %d; calls: %v", n, w.desk.calls[calls:])
				}
				if step.Load() < n {
					if n < 25 {
						t.Errorf("there were only %d steps", n-1)
					}
					return
				}
			}
		})
	}
}

// A story is a shopper's. Once something has gone wrong, they have more to say
// before anybody tries again.
type story struct {
	*world
	who     chat.Phone
	struck  func() bool
	refused bool // what went wrong was a refusal
	more    bool
	said    []string
}

func (s *story) say(texts ...string) {
	s.Helper()
	s.hear(s.who, texts...)
	s.said = append(s.said, texts...)
}

// settle lets everything happen that was called for, and has what was refused
// tried again.
func (s *story) settle() {
	s.Helper()
	s.world.settle()
	if s.struck() && !s.more {
		s.more = true
		s.say("is anybody there", "hello hello")
	}
	s.heal()
}

func (s *story) retry() {
	s.Helper()
	if _, err := s.store.RetryAll(s.ctx, s.door.Shop.ID, s.time()); err != nil {
		s.Fatal(err)
	}
	s.heal()
}

// close has an agent close the ticket, until it stays closed.
func (s *story) close() {
	s.Helper()
	for range 3 { // perhaps the shopper has just reopened it
		s.desk.set(s.remote(), func(k *ticket) { k.open = false })
		s.turnless(func() { s.news(s.who, false) })
		s.settle()
		if s.look(s.who).Escalation == nil {
			return
		}
	}
	s.Error("the ticket can't be closed")
}

func (s *story) remote() string { s.Helper(); return s.look(s.who).Ticket.Remote }

// tell goes through all that a ticket may see: it is opened, added to, tagged,
// closed, reopened, followed by another, trashed, replaced; one text is refused
// for a while, and one did not arrive.
func (s *story) tell() {
	s.Helper()
	_, err := s.store.ImportShoppers(s.ctx, s.door.Shop.ID, []chat.Shopper{{ID: chat.NewID[chat.ShopperID](s.time()), Phone: s.who, Email: "jane@example.com"}})
	if err != nil {
		s.Fatal(err)
	}
	s.say(strange)
	s.settle()
	s.retry()
	s.say("one", "two")
	s.settle()
	s.turnless(func() { s.reply(s.who, "On it") })
	s.settle()
	s.say("three")
	s.turnless(func() { s.world.handBack(s.who) })
	s.settle()
	s.pass(2 * time.Hour)
	s.say("I want to speak with a person")
	s.settle()
	s.retry()
	s.close()
	s.say("the lid of the pot is missing too")
	s.settle()
	s.retry()
	if !s.look(s.who).Ticket.Open || !s.desk.tickets[s.remote()].open {
		s.Error("the ticket is not open again")
	}
	s.close()
	s.pass(80 * time.Hour)
	s.say("and now the kettle leaks all over the place")
	s.settle()
	s.retry()
	s.desk.set(s.remote(), func(k *ticket) { k.gone = true })
	s.say("hello?")
	s.settle()
	s.retry()
	s.desk.refuse("poison")
	s.say("poison")
	s.settle()
	s.say("after")
	s.settle()
	s.desk.refuse("")
	s.retry()
	s.failLater()
	s.check()
}

// failLater has a text fail of which the ticket tells as of one that was sent.
func (s *story) failLater() {
	s.Helper()
	var seq int64
	s.turnless(func() {
		seq = s.reply(s.who, "Will do")
		s.world.settle()
	})
	s.settle()
	s.turnless(func() {
		err := s.bridge.Report(s.ctx, chat.Attempt{Shop: s.door.Shop.ID, Conversation: s.conversation(s.who), Entry: seq},
			chat.Report{State: chat.Failed, Problem: &chat.Problem{Code: "30003", Text: "The phone is off."}})
		if err != nil {
			s.Fatal(err)
		}
	})
	s.settle()
	s.retry()
}

// check looks at what the helpdesk has in the end.
func (s *story) check() {
	s.Helper()
	live, ever, open, late := map[string]int{}, map[string]int{}, 0, 0
	for remote, k := range s.desk.tickets {
		if k.of != s.conversation(s.who) {
			continue
		}
		for text, n := range k.says() {
			ever[text] += n
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
		late += k.late()
	}
	for _, text := range append(s.said, "Anna texted by SMS: On it", "Anna texted by SMS: Will do", "Anna's text “Will do” did not arrive. The phone is off.") {
		if ever[text] == 0 || live[text] > 1 {
			s.Errorf("the tickets say %q %d times, those that are left %d times", text, ever[text], live[text])
		}
	}
	if open != 1 {
		s.Errorf("%d tickets are open", open)
	}
	if may := 1; late > may && !s.refused || late > 1+may { // "poison", and what else was refused
		s.Errorf("%d messages came too late", late)
	}
	if waiting, failed := s.left(); waiting+failed != 0 {
		s.Errorf("%d deliveries wait, %d failed", waiting, failed)
	}
}

// late is how many of a ticket's messages come after what was said later.
func (k *ticket) late() (n int) {
	last := k.opening[len(k.opening)-1].Seq
	for _, m := range k.messages {
		_, place, _ := strings.Cut(m.name, "-")
		seq, err := strconv.ParseInt(place, 10, 64)
		switch {
		case err != nil: // about no text
		case seq <= last:
			n++
		default:
			last = seq
		}
	}
	return n
}

// turnless does something whose own turns do not fail.
func (w *world) turnless(do func()) {
	w.turns.mu.Lock()
	fault := w.turns.fault
	w.turns.fault = nil
	w.turns.mu.Unlock()
	do()
	w.turns.fail(fault)
}
