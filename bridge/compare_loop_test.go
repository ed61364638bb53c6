package bridge_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
)

// A fakeLedger has many lines and every text. It records when a line was compared.
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

// A partlyDeadLister is a provider that does not answer for some of its lines.
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

// compareFor compares the ledger's lines for some time, in a synctest bubble.
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

func TestHangingProviderDelaysItsOwnLinesOnly(t *testing.T) {
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
			t.Errorf("line %d was compared %d times in ten minutes", i, n)
		}
	}
}

// A slowLister is a provider whose list takes 300 ms to read.
type slowLister struct{}

func (slowLister) Files(context.Context, chat.Line, chat.Incoming) ([]chat.Media, error) {
	return nil, nil
}

func (slowLister) Received(ctx context.Context, line chat.Line, _ time.Time) ([]chat.Incoming, error) {
	time.Sleep(300 * time.Millisecond)
	return nil, nil
}

// Each of many lines is compared, and none much more often than the others.
func TestAllLinesAreCompared(t *testing.T) {
	t.Parallel()
	l := &fakeLedger{compared: map[chat.LineID][]time.Time{}}
	for i := range 400 {
		l.lines = append(l.lines, chat.LineConfig{Line: chat.Line{ID: chat.LineID(fmt.Sprint("fine", i)), Account: "fine"}})
	}
	compareFor(t, 2*time.Minute, l, slowLister{})
	if n := len(l.compared); n != 400 {
		t.Errorf("after two minutes %d of 400 lines are compared", n)
	}
	for i := range 400 {
		if n := len(l.compared[chat.LineID(fmt.Sprint("fine", i))]); n > 2 {
			t.Errorf("line %d was compared %d times", i, n)
		}
	}
}
