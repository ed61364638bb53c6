package bridge_test

import (
	"fmt"
	"regexp"
	"slices"
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
	for name, m := range map[string]mode{
		"it fails":                {before: away},
		"it hangs":                {before: errHangs, stride: 3}, // what differs from failing is the courier's
		"it is refused":           {before: refuses},
		"it is done and fails":    {after: away},
		"it is done and hangs":    {after: errHangs, stride: 3},
		"it is done and refused":  {after: refuses},
		"it is done and not kept": {unkept: chat.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.door.Shop.Settings.Acknowledge = false // nothing happens here but at the helpdesk
			for i, chapter := range []struct {
				tell  func(*story)
				steps int // at least
			}{{(*story).opened, 8}, {(*story).reopened, 6}, {(*story).replaced, 6}, {(*story).refusedFor, 6}} {
				for n := 1; ; n += max(1, m.stride) {
					s := &story{world: w, who: chat.Phone(fmt.Sprint("+1415555", 1000*(i+1)+n)), refused: m.before == refuses || m.after == refuses}
					steps := s.play(m, n, chapter.tell)
					if t.Failed() {
						t.Fatalf("chapter %d with fault %d; calls: %v", i+1, n, w.desk.calls[s.calls:])
					}
					if steps < n {
						if n <= chapter.steps {
							t.Errorf("chapter %d has only %d steps", i+1, n-1)
						}
						break
					}
				}
			}
		})
	}
}

// A mode is a way in which a step goes wrong.
type mode struct {
	before, after error // of a call to the helpdesk
	unkept        error // of a turn
	stride        int   // from the step that goes wrong to the next that does, in another telling
}

// play tells a chapter, in which step n goes wrong, and returns how many steps
// there were.
func (s *story) play(m mode, n int, tell func(*story)) int {
	s.Helper()
	_, err := s.store.ImportShoppers(s.ctx, s.door.Shop.ID, []chat.Shopper{{ID: chat.NewID[chat.ShopperID](s.time()), Phone: s.who, Email: "jane@example.com"}})
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
	s.struck = func() bool { return step.Load() >= int64(n) }
	s.begin = func() {
		s.calls = len(s.desk.calls)
		s.desk.fail(fault(m.before), fault(m.after))
		if unkept := fault(m.unkept); unkept != nil {
			s.turns.fail(func() error { return unkept("") })
		}
	}
	tell(s)
	s.desk.fail(nil, nil)
	s.turns.fail(nil)
	s.check()
	return int(step.Load())
}

// A story is a shopper's. Once something has gone wrong, they have more to say
// before anybody tries again.
type story struct {
	*world
	who     chat.Phone
	begin   func()      // from here on a step may go wrong
	struck  func() bool // one has
	calls   int         // made before
	refused bool        // what goes wrong is a refusal
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

// heal is the world's, and asks nothing of the provider.
func (s *story) heal() {
	s.Helper()
	for range 8 {
		if waiting, _ := s.left(); waiting == 0 {
			return
		}
		s.pass(16 * time.Minute)
		s.sweep()
		s.world.settle()
	}
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

// opened has a ticket opened, added to and tagged.
func (s *story) opened() {
	s.Helper()
	s.begin()
	s.say(strange)
	s.settle()
	s.retry()
	s.say("one", "two")
	s.settle()
	s.reply("On it")
	s.settle()
	s.say("three")
	s.turnless(func() { s.world.handBack(s.who) })
	s.settle()
	s.pass(2 * time.Hour)
	s.say("I want to speak with a person")
	s.settle()
	s.retry()
}

// reopened has it reopened, and later followed by another.
func (s *story) reopened() {
	s.Helper()
	s.say(strange)
	s.settle()
	s.begin()
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
}

// replaced has it trashed while there is something to say.
func (s *story) replaced() {
	s.Helper()
	s.say(strange)
	s.settle()
	s.begin()
	s.desk.set(s.remote(), func(k *ticket) { k.gone = true })
	s.say("hello?")
	s.settle()
	s.retry()
	s.reply("Here I am")
	s.settle()
	s.say("good")
	s.settle()
	s.retry()
}

// refusedFor has one text refused for a while, and one that did not arrive.
func (s *story) refusedFor() {
	s.Helper()
	s.say(strange)
	s.settle()
	s.begin()
	s.desk.refuse("poison")
	s.say("poison")
	s.settle()
	s.say("after")
	s.settle()
	s.desk.refuse("")
	s.retry()
	s.failLater()
}

// reply has Anna say something.
func (s *story) reply(text string) (seq int64) {
	s.Helper()
	s.turnless(func() { seq = s.world.reply(s.who, text) })
	s.said = append(s.said, "Anna texted by SMS: "+text)
	return seq
}

// failLater has a text fail of which the ticket tells as of one that was sent.
func (s *story) failLater() {
	s.Helper()
	seq := s.reply("Will do")
	s.settle()
	s.retry()
	entries := s.look(s.who).Entries
	if i := slices.IndexFunc(entries, func(e chat.Entry) bool { return e.Seq == seq }); entries[i].State != chat.Failed {
		s.said = append(s.said, "Anna's text “Will do” did not arrive. The phone is off.")
	}
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

// arrived is what a note may say of an agent's text besides.
var arrived = regexp.MustCompile(` \(it did not arrive: [^)]*\)`)

// check looks at what the helpdesk has in the end.
func (s *story) check() {
	s.Helper()
	live, ever, open, late := map[string]int{}, map[string]int{}, 0, 0
	for remote, k := range s.desk.tickets {
		if k.of != s.conversation(s.who) {
			continue
		}
		for text, n := range k.says() {
			text = arrived.ReplaceAllString(text, "")
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
	for _, text := range s.said {
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
