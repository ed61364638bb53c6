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

// heartbeat is the default of Settings.Heartbeat.
const heartbeat = 15 * time.Second

// A reporter is what the tests need of *testing.T and *rapid.T.
type reporter interface {
	Helper()
	Error(...any)
	Errorf(string, ...any)
}

// A fakeStore holds the revisions 1, 2, 3 … of rooms.
type fakeStore struct {
	mu      sync.Mutex
	revs    map[string]int64
	reads   []string // "room since"
	batches []int    // the number of rooms in each call of readRevisions
	down    bool
	onRead  func(ctx context.Context, room string) // called by read, after the revision was read
	onOpen  func(room string)                      // called when a viewer opens a room, after the revision was read
}

// A testHub is a hub that reads a fakeStore, with its viewers.
type testHub struct {
	reporter
	*hub.Hub
	*fakeStore
	viewers sync.WaitGroup
}

func newFakeStore() *fakeStore { return &fakeStore{revs: make(map[string]int64)} }

func newTestHub(t reporter, settings hub.Settings) *testHub {
	return newTestHubOn(t, newFakeStore(), settings)
}

// newTestHubOn returns a testHub that shares a store with others.
func newTestHubOn(t reporter, store *fakeStore, settings hub.Settings) *testHub {
	return &testHub{reporter: t, fakeStore: store, Hub: hub.New(store.read, settings, discard)}
}

// end drains the hub and waits for the viewers.
func (h *testHub) end() {
	if err := h.Drain(context.Background()); err != nil {
		h.Error(err)
	}
	h.viewers.Wait()
}

// commit makes one change to room and returns its revision.
func (s *fakeStore) commit(room string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revs[room]++
	return s.revs[room]
}

func (s *fakeStore) rev(room string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revs[room]
}

func (s *fakeStore) setDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

func (s *fakeStore) setOnRead(onRead func(context.Context, string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onRead = onRead
}

func (s *fakeStore) readLog() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.reads)
}

func (s *fakeStore) read(ctx context.Context, room string, since int64) (hub.Update, error) {
	s.mu.Lock()
	s.reads = append(s.reads, fmt.Sprint(room, " ", since))
	rev, down, onRead := s.revs[room], s.down, s.onRead
	s.mu.Unlock()
	if onRead != nil {
		onRead(ctx, room)
	}
	if down || ctx.Err() != nil {
		return hub.Update{}, errDown
	}
	if rev == since {
		return hub.Update{}, nil
	}
	return changed(room, since, rev), nil
}

func (s *fakeStore) readRevisions(_ context.Context, rooms []string) (map[string]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches = append(s.batches, len(rooms))
	if s.down {
		return nil, errDown
	}
	revs := make(map[string]int64, len(rooms))
	for _, room := range rooms {
		if rev, ok := s.revs[room]; ok {
			revs[room] = rev
		}
	}
	return revs, nil
}

// changed returns an update whose frame names the room and the revisions.
func changed(room string, from, rev int64) hub.Update {
	return hub.Update{From: from, Rev: rev, Frame: encode(frame{Type: "changed", Room: room, From: from, Rev: rev})}
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
