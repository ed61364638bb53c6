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

// A fakeLister is a provider's list of the texts that it took in.
type fakeLister struct {
	mu         sync.Mutex
	texts      []chat.Incoming
	fault      error
	sinceTimes []time.Time // since when
}

func (l *fakeLister) Received(_ context.Context, _ chat.Line, since time.Time) (found []chat.Incoming, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sinceTimes = append(l.sinceTimes, since)
	for _, in := range l.texts {
		if !in.At.Before(since) {
			found = append(found, in)
		}
	}
	return found, l.fault
}

// A catchUpWorld is a world with a provider whose webhooks may not reach us.
type catchUpWorld struct {
	*world
	provider *fakeLister
	catchUp  *bridge.CatchUp
	found    int
}

func newCatchUpWorld(t *testing.T) *catchUpWorld {
	n := &catchUpWorld{world: newWorld(t), provider: &fakeLister{}}
	n.catchUp = &bridge.CatchUp{Bridge: n.bridge, Lister: n.provider, Ledger: n.store, Owns: func(string) bool { return true }, Found: func(m int) { n.found += m }, Log: slog.New(slog.DiscardHandler)}
	return n
}

func (l *fakeLister) Files(_ context.Context, _ chat.Line, in chat.Incoming) ([]chat.Media, error) {
	return in.Media, nil
}

// sendText is taken in by the provider; reaches says whether its webhook reaches us.
func (n *catchUpWorld) sendText(from chat.Phone, text string, reaches bool) {
	n.Helper()
	in := n.incoming(from, text)
	in.At = n.time()
	n.provider.texts = append(n.provider.texts, in)
	if reaches {
		in.At = time.Time{}
		if err := n.bridge.Receive(n.ctx, n.config, in); err != nil {
			n.Fatal(err)
		}
	}
}

func (n *catchUpWorld) compare() bool {
	n.Helper()
	settled, err := n.catchUp.Compare(n.ctx, n.config)
	if err != nil {
		n.Fatal(err)
	}
	return settled
}

// received is what a shopper said, in our order.
func (n *catchUpWorld) received(who chat.Phone) (said []string) {
	if n.conversation(who) == "" {
		return nil
	}
	for _, e := range n.snapshot(who).Entries {
		if e.Way == chat.In {
			said = append(said, e.Text)
		}
	}
	return said
}

func TestTextsThatNeverReachedUsAreFound(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.sendText(jane, "from before the number was ours", false)
	n.advance(time.Second)
	if !n.compare() || n.received(jane) != nil {
		t.Fatal("the first comparison brought something")
	}
	n.advance(time.Minute)
	n.sendText(jane, "one", true)
	n.advance(time.Second)
	n.sendText(jane, "two", false)
	n.sendText(joe, "menu", false)
	n.advance(time.Second)
	n.sendText(jane, "three", false)
	n.advance(time.Minute)
	n.sendText(jane, "four", false) // its webhook may still be on its way
	if n.compare() {
		t.Error("a young text is missing, and everything is said to be here")
	}
	if got := n.received(jane); !slices.Equal(got, []string{"one", "two", "three"}) {
		t.Errorf("Jane said %q", got)
	}
	if s := n.snapshot(joe); len(s.Entries) != 2 || s.Entries[0].ReceivedAt.IsZero() || s.Entries[1].Way != chat.Out {
		t.Errorf("what came late is answered like everything else; got %+v", s.Entries)
	}
	n.advance(21 * time.Second)
	for range 2 { // a second time changes nothing
		if !n.compare() {
			t.Error("not everything is here")
		}
	}
	if got := n.received(jane); !slices.Equal(got, []string{"one", "two", "three", "four"}) || n.found != 4 {
		t.Errorf("Jane said %q, and %d were found", got, n.found)
	}
	all, err := n.store.Comparisons(n.ctx, n.config.Shop.ID)
	if c := all[n.config.Line.ID]; err != nil || c.Late != 4 || !c.At.Equal(n.time()) || c.Trouble != "" {
		t.Errorf("kept %+v, %v", c, err)
	}
	for _, since := range n.provider.sinceTimes {
		if since.Before(noon.Add(time.Second)) {
			t.Errorf("texts since %v were asked for, when the number was not ours", since)
		}
	}
}

// What was missed while the provider could not be asked either is found later.
func TestAProviderThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.compare()
	n.provider.fault = &chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "x", Text: "Twilio does not answer."}, Cause: errors.New("no")}
	for range 30 {
		n.advance(10 * time.Minute)
		n.sendText(jane, fmt.Sprint("text ", n.time().Unix()), false)
		if _, err := n.catchUp.Compare(n.ctx, n.config); err == nil {
			t.Fatal("nobody minds")
		}
	}
	all, _ := n.store.Comparisons(n.ctx, n.config.Shop.ID)
	if c := all[n.config.Line.ID]; c.Trouble != "Twilio does not answer." || !c.At.Equal(noon) {
		t.Errorf("kept %+v", c)
	}
	n.provider.fault = nil
	n.advance(time.Minute)
	if !n.compare() || n.found != 30 || !slices.IsSorted(n.received(jane)) {
		t.Errorf("%d were found: %q", n.found, n.received(jane))
	}
}

// The store may refuse in the middle: what is missing then is found the next
// time, and in order.
func TestWhatCouldNotBeTakenInIsFoundAgain(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.compare()
	n.advance(time.Minute)
	for i := range 9 {
		n.sendText(jane, fmt.Sprint(i), false)
	}
	n.advance(time.Minute)
	taken := 0
	n.bridge.Turns = flakyReceive{n.turns, func() error {
		if taken++; taken%4 == 0 {
			return chat.ErrUnavailable
		}
		return nil
	}}
	for tries := 0; ; tries++ {
		if settled, err := n.catchUp.Compare(n.ctx, n.config); settled && err == nil {
			break
		}
		if tries > 5 {
			t.Fatal("they are never all here")
		}
	}
	if got := n.received(jane); !slices.Equal(got, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8"}) {
		t.Errorf("Jane said %q", got)
	}
}

// flakyReceive are turns that are refused now and then.
type flakyReceive struct {
	*turns
	refuse func() error
}

func (l flakyReceive) Receive(ctx context.Context, at chat.LineConfig, from chat.Phone, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error) {
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
			n := newCatchUpWorld(t)
			n.compare()
			for _, w := range test.words {
				n.advance(time.Minute)
				n.sendText(jane, w.text, w.reaches)
			}
			n.advance(2 * time.Minute)
			n.compare()
			if got := n.snapshot(jane).Conversation.OptedOut; got != test.silent {
				t.Errorf("opted out: %v, want %v", got, test.silent)
			}
		})
	}
}

// A fakeLedger of many lines that holds nothing.
type fakeLedger struct {
	mu       sync.Mutex
	lines    []chat.LineConfig
	compared map[chat.LineID][]time.Time
}

func (l *fakeLedger) AllLineConfigs(context.Context) ([]chat.LineConfig, error) { return l.lines, nil }

func (l *fakeLedger) HasText(context.Context, chat.Line, chat.Incoming) (bool, error) {
	return true, nil
}

func (l *fakeLedger) Comparisons(context.Context, chat.ShopID) (map[chat.LineID]chat.Comparison, error) {
	all := map[chat.LineID]chat.Comparison{}
	for _, d := range l.lines {
		all[d.Line.ID] = chat.Comparison{Until: time.Now()}
	}
	return all, nil
}

func (l *fakeLedger) SaveComparison(_ context.Context, line chat.LineID, c chat.Comparison) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.compared[line] = append(l.compared[line], time.Now())
	return nil
}

// partlyDeadLister is a provider that does not answer for some of its lines.
type partlyDeadLister struct{}

func (partlyDeadLister) Received(ctx context.Context, line chat.Line, _ time.Time) ([]chat.Incoming, error) {
	if line.Account == "dead" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return nil, nil
}

func (partlyDeadLister) Files(context.Context, chat.Line, chat.Incoming) ([]chat.Media, error) {
	return nil, nil
}

// compareFor lets time pass in which the ledger's lines are compared, in a bubble
// whose clock waits for nobody.
func compareFor(t *testing.T, lasts time.Duration, l *fakeLedger, lister bridge.Lister) {
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
	l := &fakeLedger{compared: map[chat.LineID][]time.Time{}}
	for i := range 3 {
		l.lines = append(l.lines, chat.LineConfig{Line: chat.Line{ID: chat.LineID(fmt.Sprint("dead", i)), Account: "dead"}})
	}
	for i := range 20 {
		l.lines = append(l.lines, chat.LineConfig{Line: chat.Line{ID: chat.LineID(fmt.Sprint("fine", i)), Account: "fine"}})
	}
	compareFor(t, 10*time.Minute, l, partlyDeadLister{})
	for i := range 20 {
		if n := len(l.compared[chat.LineID(fmt.Sprint("fine", i))]); n < 4 || n > 6 {
			t.Errorf("in ten minutes line %d was compared %d times", i, n)
		}
	}
}

// The same within seconds.
func TestAWordThatIsSomeSecondsLate(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.compare()
	n.advance(time.Minute)
	n.sendText(jane, "STOP", true)
	n.advance(time.Hour)
	n.sendText(jane, "START", false)
	n.advance(10 * time.Second)
	n.sendText(jane, "STOP", true)
	n.advance(30 * time.Second)
	n.compare()
	if !n.snapshot(jane).Conversation.OptedOut {
		t.Error("a STOP is undone by a START that was said before it")
	}
}

// slowLister is a provider whose list takes a moment.
type slowLister struct{}

func (slowLister) Files(context.Context, chat.Line, chat.Incoming) ([]chat.Media, error) {
	return nil, nil
}

func (slowLister) Received(ctx context.Context, line chat.Line, _ time.Time) ([]chat.Incoming, error) {
	time.Sleep(300 * time.Millisecond)
	return nil, nil
}

// Many lines have their turn, each, and none twice before the others.
func TestManyLines(t *testing.T) {
	t.Parallel()
	l := &fakeLedger{compared: map[chat.LineID][]time.Time{}}
	for i := range 400 {
		l.lines = append(l.lines, chat.LineConfig{Line: chat.Line{ID: chat.LineID(fmt.Sprint("fine", i)), Account: "fine"}})
	}
	compareFor(t, 2*time.Minute, l, slowLister{})
	if n := len(l.compared); n != 400 {
		t.Errorf("two minutes after the start %d of 400 lines are compared", n)
	}
	for i := range 400 {
		if n := len(l.compared[chat.LineID(fmt.Sprint("fine", i))]); n > 2 {
			t.Errorf("line %d: %d", i, n)
		}
	}
}

// The carrier's word for a text of before is no news after START, also where
// START changed nothing because the STOP before it never came.
func TestOldNewsOfAnOptOutAfterALostSTOP(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.compare()
	n.sendText(jane, clearRequest, true)
	n.settle()
	out := n.sender.accepted[0]
	a, err := n.store.Attempt(n.ctx, n.config.Line, out.Token, "")
	if err != nil {
		t.Fatal(err)
	}
	n.sendText(jane, "STOP", false)
	n.sendText(jane, "START", true)
	err = n.bridge.Report(n.ctx, a, chat.Report{Token: out.Token, ID: "SM1", State: chat.Failed, Problem: &chat.Problem{Code: "21610"}, OptedOut: true})
	if err != nil || n.snapshot(jane).Conversation.OptedOut {
		t.Errorf("opted out although START came after: %v", err)
	}
}
