package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
)

// A logbook is a provider's list of the texts that it took in.
type logbook struct {
	mu    sync.Mutex
	texts []chat.Incoming
	fault error
	asked []time.Time // since when
}

func (l *logbook) Received(_ context.Context, _ chat.Line, since time.Time) (found []chat.Incoming, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, since)
	for _, in := range l.texts {
		if !in.At.Before(since) {
			found = append(found, in)
		}
	}
	return found, l.fault
}

// A night is a world with a provider whose webhooks may not reach us.
type night struct {
	*world
	list  *logbook
	u     *bridge.CatchUp
	found int
}

func newNight(t *testing.T) *night {
	n := &night{world: newWorld(t), list: &logbook{}}
	n.u = &bridge.CatchUp{Bridge: n.bridge, Lister: n.list, Ledger: n.store, Owns: func(string) bool { return true }, Found: func(m int) { n.found += m }, Log: slog.New(slog.DiscardHandler)}
	return n
}

func (l *logbook) Files(_ context.Context, _ chat.Line, in chat.Incoming) ([]chat.Media, error) {
	return in.Media, nil
}

// text is taken in by the provider; reaches says whether its webhook reaches us.
func (n *night) text(from chat.Phone, text string, reaches bool) {
	n.Helper()
	in := n.incoming(from, text)
	in.At = n.time()
	n.list.texts = append(n.list.texts, in)
	if reaches {
		in.At = time.Time{}
		if err := n.bridge.Receive(n.ctx, n.door, in); err != nil {
			n.Fatal(err)
		}
	}
}

func (n *night) compare() bool {
	n.Helper()
	settled, err := n.u.Compare(n.ctx, n.door)
	if err != nil {
		n.Fatal(err)
	}
	return settled
}

// said is what a shopper said, in our order.
func (n *night) said(who chat.Phone) (said []string) {
	if n.conversation(who) == "" {
		return nil
	}
	for _, e := range n.look(who).Entries {
		if e.Way == chat.In {
			said = append(said, e.Text)
		}
	}
	return said
}

func TestTextsThatNeverReachedUsAreFound(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	n.text(jane, "from before the number was ours", false)
	n.pass(time.Second)
	if !n.compare() || n.said(jane) != nil {
		t.Fatal("the first comparison brought something")
	}
	n.pass(time.Minute)
	n.text(jane, "one", true)
	n.pass(time.Second)
	n.text(jane, "two", false)
	n.text(joe, "menu", false)
	n.pass(time.Second)
	n.text(jane, "three", false)
	n.pass(time.Minute)
	n.text(jane, "four", false) // its webhook may still be on its way
	if n.compare() {
		t.Error("a young text is missing, and everything is said to be here")
	}
	if got := n.said(jane); !slices.Equal(got, []string{"one", "two", "three"}) {
		t.Errorf("Jane said %q", got)
	}
	if s := n.look(joe); len(s.Entries) != 2 || s.Entries[0].ReceivedAt.IsZero() || s.Entries[1].Way != chat.Out {
		t.Errorf("what came late is answered like everything else; got %+v", s.Entries)
	}
	n.pass(21 * time.Second)
	for range 2 { // a second time changes nothing
		if !n.compare() {
			t.Error("not everything is here")
		}
	}
	if got := n.said(jane); !slices.Equal(got, []string{"one", "two", "three", "four"}) || n.found != 4 {
		t.Errorf("Jane said %q, and %d were found", got, n.found)
	}
	all, err := n.store.Comparisons(n.ctx, n.door.Shop.ID)
	if c := all[n.door.Line.ID]; err != nil || c.Late != 4 || !c.At.Equal(n.time()) || c.Trouble != "" {
		t.Errorf("kept %+v, %v", c, err)
	}
	for _, since := range n.list.asked {
		if since.Before(noon.Add(time.Second)) {
			t.Errorf("texts since %v were asked for, when the number was not ours", since)
		}
	}
}

// What was missed while the provider could not be asked either is found later.
func TestAProviderThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	n.compare()
	n.list.fault = &chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "x", Text: "Twilio does not answer."}, Cause: errors.New("no")}
	for range 30 {
		n.pass(10 * time.Minute)
		n.text(jane, fmt.Sprint("text ", n.time().Unix()), false)
		if _, err := n.u.Compare(n.ctx, n.door); err == nil {
			t.Fatal("nobody minds")
		}
	}
	all, _ := n.store.Comparisons(n.ctx, n.door.Shop.ID)
	if c := all[n.door.Line.ID]; c.Trouble != "Twilio does not answer." || !c.At.Equal(noon) {
		t.Errorf("kept %+v", c)
	}
	n.list.fault = nil
	n.pass(time.Minute)
	if !n.compare() || n.found != 30 || !slices.IsSorted(n.said(jane)) {
		t.Errorf("%d were found: %q", n.found, n.said(jane))
	}
}

// The store may refuse in the middle: what is missing then is found the next
// time, and in order.
func TestWhatCouldNotBeTakenInIsFoundAgain(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	n.compare()
	n.pass(time.Minute)
	for i := range 9 {
		n.text(jane, fmt.Sprint(i), false)
	}
	n.pass(time.Minute)
	taken := 0
	n.bridge.Turns = limited{n.turns, func() error {
		if taken++; taken%4 == 0 {
			return chat.ErrUnavailable
		}
		return nil
	}}
	for tries := 0; ; tries++ {
		if settled, err := n.u.Compare(n.ctx, n.door); settled && err == nil {
			break
		}
		if tries > 5 {
			t.Fatal("they are never all here")
		}
	}
	if got := n.said(jane); !slices.Equal(got, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8"}) {
		t.Errorf("Jane said %q", got)
	}
}

// limited are turns that are refused now and then.
type limited struct {
	*turns
	refuse func() error
}

func (l limited) Receive(ctx context.Context, at chat.LineConfig, from chat.Phone, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error) {
	if err := l.refuse(); err != nil {
		return nil, err
	}
	return l.turns.Receive(ctx, at, from, now, do)
}

// Words that came late count as if they had come in time: the last that was said
// decides, not the last that was heard.
func TestALateWordDoesNotUndoALaterOne(t *testing.T) {
	t.Parallel()
	type word struct {
		text    string
		reaches bool
	}
	for name, test := range map[string]struct {
		words  []word // in the order in which they were said
		silent bool
	}{
		"a late STOP":                       {[]word{{"STOP", false}}, true},
		"a late STOP, then START":           {[]word{{"STOP", false}, {"START", true}}, false},
		"STOP, then both late":              {[]word{{"STOP", true}, {"START", false}, {"STOP", false}}, true},
		"a late START, then STOP":           {[]word{{"START", false}, {"STOP", true}}, true},
		"STOP, a late START, STOP again":    {[]word{{"STOP", true}, {"START", false}, {"STOP", true}}, true},
		"both late":                         {[]word{{"STOP", false}, {"START", false}}, false},
		"both late, the other way":          {[]word{{"START", false}, {"STOP", false}}, true},
		"a late STOP, then something else":  {[]word{{"STOP", false}, {"where is it?", true}}, true},
		"STOP, then a late START":           {[]word{{"STOP", true}, {"START", false}}, false},
		"STOP late, YES, as carriers do it": {[]word{{"STOP", false}, {"YES", true}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNight(t)
			n.compare()
			for _, w := range test.words {
				n.pass(time.Minute)
				n.text(jane, w.text, w.reaches)
			}
			n.pass(2 * time.Minute)
			n.compare()
			if got := n.look(jane).Conversation.OptedOut; got != test.silent {
				t.Errorf("opted out: %v, want %v", got, test.silent)
			}
		})
	}
}

// A ledger of many lines that holds nothing.
type ledger struct {
	mu    sync.Mutex
	lines []chat.LineConfig
	at    map[chat.LineID][]time.Time
}

func (l *ledger) AllLineConfigs(context.Context) ([]chat.LineConfig, error) { return l.lines, nil }

func (l *ledger) HasText(context.Context, chat.Line, chat.Incoming) (bool, error) { return true, nil }

func (l *ledger) Comparisons(context.Context, chat.ShopID) (map[chat.LineID]chat.Comparison, error) {
	all := map[chat.LineID]chat.Comparison{}
	for _, d := range l.lines {
		all[d.Line.ID] = chat.Comparison{Until: time.Now()}
	}
	return all, nil
}

func (l *ledger) SaveComparison(_ context.Context, line chat.LineID, c chat.Comparison) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at[line] = append(l.at[line], time.Now())
	return nil
}

// deaf is a provider that does not answer for some of its lines.
type deaf struct{}

func (deaf) Received(ctx context.Context, line chat.Line, _ time.Time) ([]chat.Incoming, error) {
	if line.Account == "dead" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return nil, nil
}

func (deaf) Files(context.Context, chat.Line, chat.Incoming) ([]chat.Media, error) { return nil, nil }

// compareFor lets time pass in which the ledger's lines are compared, in a bubble
// whose clock waits for nobody.
func compareFor(t *testing.T, lasts time.Duration, l *ledger, lister bridge.Lister) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		u := &bridge.CatchUp{Bridge: &bridge.Bridge{Now: time.Now}, Lister: lister, Ledger: l, Owns: func(string) bool { return true }, Found: func(int) {}, Log: slog.New(slog.DiscardHandler)}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { u.Run(ctx) })
		time.Sleep(lasts)
		stop()
		running.Wait()
	})
}

func TestADeadProviderDelaysItsOwnLinesOnly(t *testing.T) {
	t.Parallel()
	l := &ledger{at: map[chat.LineID][]time.Time{}}
	for i := range 3 {
		l.lines = append(l.lines, chat.LineConfig{Line: chat.Line{ID: chat.LineID(fmt.Sprint("dead", i)), Account: "dead"}})
	}
	for i := range 20 {
		l.lines = append(l.lines, chat.LineConfig{Line: chat.Line{ID: chat.LineID(fmt.Sprint("fine", i)), Account: "fine"}})
	}
	compareFor(t, 10*time.Minute, l, deaf{})
	for i := range 20 {
		if n := len(l.at[chat.LineID(fmt.Sprint("fine", i))]); n < 4 || n > 6 {
			t.Errorf("in ten minutes line %d was compared %d times", i, n)
		}
	}
}

// The same within seconds.
func TestAWordThatIsSomeSecondsLate(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	n.compare()
	n.pass(time.Minute)
	n.text(jane, "STOP", true)
	n.pass(time.Hour)
	n.text(jane, "START", false)
	n.pass(10 * time.Second)
	n.text(jane, "STOP", true)
	n.pass(30 * time.Second)
	n.compare()
	if !n.look(jane).Conversation.OptedOut {
		t.Error("a STOP is undone by a START that was said before it")
	}
}

// slow is a provider whose list takes a moment.
type slow struct{}

func (slow) Files(context.Context, chat.Line, chat.Incoming) ([]chat.Media, error) { return nil, nil }

func (slow) Received(ctx context.Context, line chat.Line, _ time.Time) ([]chat.Incoming, error) {
	time.Sleep(300 * time.Millisecond)
	return nil, nil
}

// Many lines have their turn, each, and none twice before the others.
func TestManyLines(t *testing.T) {
	t.Parallel()
	l := &ledger{at: map[chat.LineID][]time.Time{}}
	for i := range 400 {
		l.lines = append(l.lines, chat.LineConfig{Line: chat.Line{ID: chat.LineID(fmt.Sprint("fine", i)), Account: "fine"}})
	}
	compareFor(t, 2*time.Minute, l, slow{})
	if n := len(l.at); n != 400 {
		t.Errorf("two minutes after the start %d of 400 lines are compared", n)
	}
	for i := range 400 {
		if n := len(l.at[chat.LineID(fmt.Sprint("fine", i))]); n > 2 {
			t.Errorf("line %d: %d", i, n)
		}
	}
}

// The carrier's word for a text of before is no news after START, also where
// START changed nothing because the STOP before it never came.
func TestOldNewsOfAnOptOutAfterALostSTOP(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	n.compare()
	n.text(jane, wish, true)
	n.settle()
	out := n.sender.taken[0]
	a, err := n.store.Attempt(n.ctx, n.door.Line, out.Token, "")
	if err != nil {
		t.Fatal(err)
	}
	n.text(jane, "STOP", false)
	n.text(jane, "START", true)
	err = n.bridge.Report(n.ctx, a, chat.Report{Token: out.Token, ID: "SM1", State: chat.Failed, Problem: &chat.Problem{Code: "21610"}, OptedOut: true})
	if err != nil || n.look(jane).Conversation.OptedOut {
		t.Errorf("opted out although START came after: %v", err)
	}
}
