package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
)

func TestMediaArriveAfterTheirText(t *testing.T) {
	t.Parallel()
	w, c, _ := newMediaWorld(t)
	c.fail(func(asked int, m chat.Media) error {
		if m.URL == "slow" && asked <= 3 {
			return failure(chat.NotSent) // for some seconds
		}
		return nil
	})
	w.receivePictures(w.config, "quick", "slow")
	if e := w.snapshot(jane).Entries[0]; e.Text != "look" || e.Media[0].State != chat.MediaWaiting || e.Media[1].State != chat.MediaWaiting {
		t.Errorf("the text is %+v", e)
	}
	rev := w.snapshot(jane).Conversation.Rev
	w.settle()
	w.wantStored("quick")
	if m := w.picture("slow"); m.State != chat.MediaWaiting {
		t.Errorf("the other picture is %+v", m)
	}
	if got := w.snapshot(jane).Entries[0].Rev; got <= rev {
		t.Errorf("the text shows its picture at revision %d, as before at %d", got, rev)
	}
	for range 20 {
		w.advance(time.Second)
		w.settle()
	}
	w.wantStored("slow")
	if n := c.requestsFor("slow"); n != 4 {
		t.Errorf("%d requests, want 4", n)
	}
	if waiting, failed := w.counts(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
}

// A file that can never be fetched is requested once and shown as failed, until a
// person retries it.
func TestRejectedMediaFail(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   error
		file    chat.File
		problem string
	}{
		"rejected":  {failure(chat.Rejected), photo, "A reason."},
		"too large": {nil, chat.File{Type: "image/png", Data: make([]byte, chat.MaxFile+1)}, "It is larger than 10 MB."},
		"empty":     {nil, chat.File{Type: "image/png"}, "There is nothing in it."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c, _ := newMediaWorld(t)
			c.fault, c.file = func(int, chat.Media) error { return test.fault }, test.file
			w.receivePictures(w.config, "a")
			w.settle()
			w.wantFailed("a", test.problem)
			w.finishRetries()
			if n := c.requestsFor("a"); n != 1 {
				t.Errorf("%d requests", n)
			}
			failures, total, err := w.store.Failures(w.ctx, w.config.Shop.ID, 10)
			if err != nil || total != 1 || failures[0].Kind != chat.FetchMedia || failures[0].Problem != test.problem || failures[0].Shopper.Phone != jane {
				t.Fatalf("what failed: %+v %v", failures, err)
			}
			c.fault, c.file = nil, photo
			if err := w.store.Retry(w.ctx, w.config.Shop.ID, failures[0].ID, w.time()); err != nil {
				t.Fatal(err)
			}
			w.settle()
			w.wantStored("a")
			if waiting, failed := w.counts(); waiting+failed != 0 {
				t.Errorf("%d wait, %d failed", waiting, failed)
			}
		})
	}
}

func TestMediaAreGivenUpAfterAnHour(t *testing.T) {
	t.Parallel()
	badKey := failure(chat.Rejected)
	badKey.WholeAccount = true
	for name, fault := range map[string]error{"not there": failure(chat.NotSent), "a bad key": badKey, "a mistake": errors.New("of ours")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c, _ := newMediaWorld(t)
			c.fail(func(int, chat.Media) error { return fault })
			w.receivePictures(w.config, "a")
			began := w.time()
			for w.picture("a").State == chat.MediaWaiting && w.time().Sub(began) < 3*time.Hour {
				w.advance(30 * time.Second)
				w.settle()
			}
			tried, took := c.requestsFor("a"), w.time().Sub(began)
			if tried < 15 || tried > 20 || name == "not there" && (took < 35*time.Minute || took > 90*time.Minute) {
				t.Errorf("given up after %d tries in %s", tried, took)
			}
			problem := "A reason."
			if name == "a mistake" {
				problem = "It could not be fetched."
			}
			w.wantFailed("a", problem)
			failures, _, err := w.store.Failures(w.ctx, w.config.Shop.ID, 10)
			if err != nil || len(failures) != 1 || failures[0].Problem != problem {
				t.Fatalf("what failed: %+v %v", failures, err)
			}
			// A retry makes another request; if that fails, too, it is listed again.
			again := func() {
				w.advance(time.Hour)
				if err := w.store.Retry(w.ctx, w.config.Shop.ID, failures[0].ID, w.time()); err != nil {
					t.Fatal(err)
				}
				w.settle()
			}
			again()
			w.wantFailed("a", problem)
			if n := c.requestsFor("a"); n != tried+1 {
				t.Errorf("%d requests after %d", n, tried)
			}
			c.fail(nil)
			again()
			w.wantStored("a")
		})
	}
}

// When a file can't be stored, no more are fetched for a while.
func TestFetchingPausesWhenStoreFails(t *testing.T) {
	t.Parallel()
	w, c, a := newMediaWorld(t)
	a.fail(fmt.Errorf("store: keep media: %w", chat.ErrUnavailable))
	w.receivePictures(w.config, "a")
	w.settle()
	for range 4 {
		w.receivePictures(w.config, fmt.Sprint("later", w.texts))
		w.advance(time.Minute)
		w.settle()
	}
	if n := c.requests(); n != 1 {
		t.Errorf("%d pictures were fetched while the store failed", n)
	}
	if m := w.picture("a"); m.State != chat.MediaWaiting {
		t.Errorf("the picture is %+v", m)
	}
	a.fail(nil)
	w.advance(5 * time.Minute)
	w.settle()
	w.wantStored("a")
	if waiting, failed := w.counts(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
}

// After any fault the file is stored in the end, once.
func TestMediaAfterFaults(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(w *world, c *mediaHost){
		"the store is away at first": func(w *world, _ *mediaHost) {
			w.turns.fail(func() error { return chat.ErrUnavailable })
		},
		"the store is away once it is kept": func(w *world, c *mediaHost) {
			c.fail(func(int, chat.Media) error {
				w.turns.fail(func() error { return chat.ErrUnavailable })
				return nil
			})
		},
		"the store is away once it is refused": func(w *world, c *mediaHost) {
			c.fail(func(int, chat.Media) error {
				w.turns.fail(func() error { return chat.ErrUnavailable })
				return failure(chat.Rejected)
			})
		},
		"a panic": func(_ *world, c *mediaHost) {
			c.fail(func(int, chat.Media) error { panic("in the client") })
		},
		"the process is killed": func(w *world, _ *mediaHost) {
			if mine, err := w.store.Claim(w.ctx, w.config.Line.MediaAccount(), 8, 8, w.time(), time.Minute); err != nil || len(mine) != 1 {
				w.Fatal(len(mine), err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c, _ := newMediaWorld(t)
			w.receivePictures(w.config, "a")
			trouble(w, c)
			w.settle()
			if m := w.picture("a"); m.State != chat.MediaWaiting {
				t.Errorf("after a fault the picture is %+v", m)
			}
			w.turns.fail(nil)
			c.fail(nil)
			w.finishRetries()
			w.wantStored("a")
			if waiting, failed := w.counts(); waiting+failed != 0 {
				t.Errorf("%d wait, %d failed", waiting, failed)
			}
		})
	}
}

// Only some of many files that arrive at once are in memory at the same time.
func TestFilesInMemoryAreLimited(t *testing.T) {
	w, c, _ := newMediaWorld(t)
	c.unblock = make(chan struct{})
	var mine []chat.Delivery
	for i := range 17 {
		config := w.addShop(fmt.Sprint("Shop ", i), fmt.Sprint("shop", i))
		w.receivePictures(config, fmt.Sprint("picture", i))
		some, err := w.store.Claim(w.ctx, config.Line.MediaAccount(), 8, 8, w.time(), time.Minute)
		if err != nil || len(some) != 1 {
			t.Fatal(len(some), err)
		}
		mine = append(mine, some...)
	}
	var carrying sync.WaitGroup
	for _, d := range mine[:16] {
		carrying.Go(func() {
			if err := w.handle(w.ctx, d); err != nil {
				t.Error(err)
			}
		})
	}
	for deadline := time.Now().Add(15 * time.Minute); c.requests() < 16; {
		if time.Now().After(deadline) {
			t.Fatalf("%d pictures are being fetched, want 16", c.requests())
		}
		<-time.After(time.Millisecond)
	}
	short, cancel := context.WithTimeout(w.ctx, 200*time.Millisecond)
	defer cancel()
	var failed *chat.SendError
	if err := w.handle(short, mine[16]); !errors.As(err, &failed) || failed.Outcome != chat.NotSent || c.requests() != 16 {
		t.Errorf("one more: %v, and %d are being fetched", err, c.requests())
	}
	close(c.unblock)
	carrying.Wait()
	if err := w.handle(w.ctx, mine[16]); err != nil {
		t.Error(err)
	}
}
