package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"sidetext/hub"
)

var (
	errDown = errors.New("the store is down")
	discard = slog.New(slog.DiscardHandler)
)

// A reporter is what the tests need of *testing.T and *rapid.T.
type reporter interface {
	Helper()
	Error(...any)
	Errorf(string, ...any)
}

// A shelf is a store that holds revisions 1, 2, 3 … of rooms.
type shelf struct {
	mu      sync.Mutex
	rev     map[string]int64
	looks   []string // "room since"
	counts  []int    // of rooms whose revisions were asked for
	down    bool
	looking func(ctx context.Context, room string) // runs in a look, after the store was read
	opening func(room string)                      // runs in an opening, after the store was read
}

// A world is a hub on a shelf, and the viewers of it.
type world struct {
	reporter
	*hub.Hub
	*shelf
	viewers sync.WaitGroup
}

func newWorld(t reporter, settings hub.Settings) *world {
	return newNode(t, &shelf{rev: make(map[string]int64)}, settings)
}

// newNode is a world on a shelf that has others on it.
func newNode(t reporter, on *shelf, settings hub.Settings) *world {
	return &world{reporter: t, shelf: on, Hub: hub.New(on.look, settings, discard)}
}

// end drains the hub and waits for everybody.
func (w *world) end() {
	if err := w.Drain(context.Background()); err != nil {
		w.Error(err)
	}
	w.viewers.Wait()
}

// commit makes one change to room and returns its revision.
func (s *shelf) commit(room string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rev[room]++
	return s.rev[room]
}

func (s *shelf) at(room string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rev[room]
}

func (s *shelf) set(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

func (s *shelf) looked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.looks)
}

func (s *shelf) look(ctx context.Context, room string, since int64) (hub.News, error) {
	s.mu.Lock()
	s.looks = append(s.looks, fmt.Sprint(room, " ", since))
	rev, down, looking := s.rev[room], s.down, s.looking
	s.mu.Unlock()
	if looking != nil {
		looking(ctx, room)
	}
	if down || ctx.Err() != nil {
		return hub.News{}, errDown
	}
	if rev == since {
		return hub.News{}, nil
	}
	return changed(room, since, rev), nil
}

func (s *shelf) revs(_ context.Context, rooms []string) (map[string]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts = append(s.counts, len(rooms))
	if s.down {
		return nil, errDown
	}
	revs := make(map[string]int64, len(rooms))
	for _, room := range rooms {
		if rev, ok := s.rev[room]; ok {
			revs[room] = rev
		}
	}
	return revs, nil
}

func changed(room string, from, rev int64) hub.News {
	return hub.News{From: from, Rev: rev, Frame: encode(frame{Type: "changed", Room: room, From: from, Rev: rev})}
}

type frame struct {
	Type string `json:"type"`
	Room string `json:"room,omitempty"`
	From int64  `json:"from,omitempty"`
	Rev  int64  `json:"rev,omitempty"`

	People []hub.Person `json:"people,omitempty"`
}

func encode(f frame) []byte {
	data, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return data
}

const beat = 15 * time.Second
