package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
)

// A mediaHost is a provider's media host. It returns the same file for every address,
// unless fault returns an error.
type mediaHost struct {
	mu            sync.Mutex
	fault         func(asked int, m chat.Media) error // instead of returning it
	file          chat.File
	requestCounts map[string]int // requests by address
	unblock       chan struct{}  // if not nil, requests wait until it is closed
}

func (c *mediaHost) Fetch(ctx context.Context, _ chat.Line, m chat.Media) (chat.File, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requestCounts[m.URL]++
	if hold := c.unblock; hold != nil {
		c.mu.Unlock()
		select {
		case <-hold:
		case <-ctx.Done():
		}
		c.mu.Lock()
	}
	if c.fault != nil {
		if err := c.fault(c.requestCounts[m.URL], m); err != nil {
			return chat.File{}, err
		}
	}
	return c.file, nil
}

func (c *mediaHost) fail(fault func(asked int, m chat.Media) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = fault
}

// requestsFor counts the requests for an address.
func (c *mediaHost) requestsFor(address string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.requestCounts[address]
}

// requests counts all requests.
func (c *mediaHost) requests() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, times := range c.requestCounts {
		n += times
	}
	return n
}

// A faultyMediaStore is the store's media store. It fails on request.
type faultyMediaStore struct {
	*world
	mu      sync.Mutex
	failure error
}

func (a *faultyMediaStore) SaveMedia(ctx context.Context, shop chat.ShopID, c chat.ConversationID, id chat.MediaID, f chat.File, now time.Time) error {
	a.mu.Lock()
	broken := a.failure
	a.mu.Unlock()
	if broken != nil {
		return broken
	}
	return a.store.SaveMedia(ctx, shop, c, id, f, now)
}

func (a *faultyMediaStore) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failure = err
}

var photo = chat.File{Type: "image/png", Data: bytes.Repeat([]byte("photo"), 100_000)}

// newMediaWorld returns a world that can receive pictures.
func newMediaWorld(t *testing.T) (*world, *mediaHost, *faultyMediaStore) {
	t.Helper()
	w := newWorld(t)
	c, a := &mediaHost{file: photo, requestCounts: map[string]int{}}, &faultyMediaStore{world: w}
	w.worker.Fetcher, w.worker.MediaStore = c, a
	return w, c, a
}

// receivePictures receives a text from Jane with pictures at these addresses.
func (w *world) receivePictures(at chat.LineConfig, addresses ...string) {
	w.Helper()
	in := w.incoming(jane, "look")
	in.Account = at.Line.Account
	for _, address := range addresses {
		in.Media = append(in.Media, chat.Media{Type: "image/jpeg", URL: address})
	}
	if err := w.bridge.Receive(w.ctx, at, in); err != nil {
		w.Fatal(err)
	}
}

// picture returns the picture at an address from its entry.
func (w *world) picture(address string) chat.Media {
	w.Helper()
	for _, e := range w.snapshot(jane).Entries {
		for _, m := range e.Media {
			if m.URL == address {
				return m
			}
		}
	}
	w.Fatalf("no entry has picture %q", address)
	return chat.Media{}
}

// wantStored checks that a picture is stored.
func (w *world) wantStored(address string) {
	w.Helper()
	m := w.picture(address)
	if m.State != chat.MediaKept || m.Type != "image/png" || m.Size != int64(len(photo.Data)) || m.Problem != "" {
		w.Errorf("picture: got %+v", m)
		return
	}
	p, err := w.store.Media(w.ctx, w.config.Shop.ID, m.ID)
	if err != nil {
		w.Fatal(err)
	}
	if data, err := io.ReadAll(p); err != nil || !bytes.Equal(data, photo.Data) || p.Type != "image/png" {
		w.Errorf("stored %d bytes of %s, %v", len(data), p.Type, err)
	}
}

// wantFailed checks that a picture is not stored, with this problem.
func (w *world) wantFailed(address, problem string) {
	w.Helper()
	m := w.picture(address)
	if m.State != chat.MediaFailed || m.Problem != problem {
		w.Errorf("picture: got %+v", m)
	}
	if _, err := w.store.Media(w.ctx, w.config.Shop.ID, m.ID); !errors.Is(err, chat.ErrNotFound) {
		w.Errorf("a failed picture is stored: %v", err)
	}
}
