package bridge_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
)

// A comparisonLog records which node compared a line when.
type comparisonLog struct {
	mu     sync.Mutex
	byLine map[chat.LineID][]comparison
}

type comparison struct {
	by *node
	at time.Time
}

// A nodeLister is the provider that one node reads; it logs the comparisons.
type nodeLister struct {
	*comparisonLog
	*node
}

func (v nodeLister) Received(_ context.Context, line chat.Line, _ time.Time) ([]chat.Incoming, error) {
	v.comparisonLog.mu.Lock()
	defer v.comparisonLog.mu.Unlock()
	v.byLine[line.ID] = append(v.byLine[line.ID], comparison{v.node, time.Now()})
	return nil, nil
}

func (nodeLister) Files(context.Context, chat.Line, chat.Incoming) ([]chat.Media, error) {
	return nil, nil
}

// since lists the comparisons of a line since then.
func (w *comparisonLog) since(line chat.LineID, then time.Time) (found []comparison) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.byLine[line] {
		if !l.at.Before(then) {
			found = append(found, l)
		}
	}
	return found
}

// Several nodes compare a line no more often than one node would. When a node stops or
// is killed, the others compare its lines.
func TestLinesAreComparedByOneNodeAtATime(t *testing.T) {
	t.Parallel()
	withFleet(t, 3, func(f *fleet) {
		w := &comparisonLog{byLine: map[chat.LineID][]comparison{}}
		var running sync.WaitGroup
		stops := map[*node]context.CancelFunc{}
		for _, n := range f.nodes {
			ctx, stop := context.WithCancel(context.Background())
			stops[n] = stop
			u := &bridge.CatchUp{Bridge: n.bridge, Lister: nodeLister{w, n}, Ledger: n, Owns: n.courier.Owns, Found: func(int) {}, Log: slog.New(slog.DiscardHandler)}
			running.Go(func() { u.Run(ctx) })
		}
		began := time.Now()
		time.Sleep(10*time.Minute + time.Second)
		var last []*node
		for _, config := range f.configs {
			comparisons := w.since(config.Line.ID, began)
			if n := len(comparisons); n < 4 || n > 6 {
				t.Fatalf("in ten minutes a line was compared %d times", n)
			}
			last = append(last, comparisons[len(comparisons)-1].by)
		}
		begin := time.Now()
		stops[last[0]]()
		f.stopNode(last[0])
		time.Sleep(2*time.Minute + 10*time.Second)
		comparisons := w.since(f.configs[0].Line.ID, begin)
		if len(comparisons) == 0 || comparisons[0].by == last[0] {
			t.Fatalf("after a node stopped, its line was compared %d times", len(comparisons))
		}
		begin, next := time.Now(), comparisons[len(comparisons)-1].by
		next.kill()
		stops[next]()
		time.Sleep(2*time.Minute + 20*time.Second)
		if comparisons := w.since(f.configs[0].Line.ID, begin); len(comparisons) == 0 || comparisons[0].by == next {
			t.Errorf("after a node was killed, its line was compared %d times", len(comparisons))
		}
		for _, stop := range stops {
			stop()
		}
		running.Wait()
	})
}
