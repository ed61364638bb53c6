package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"sidetext/chat"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	told := &chat.Error{Kind: chat.KindConflict, Code: "newer"}
	for name, test := range map[string]struct{ err, want error }{
		"nothing":      {nil, nil},
		"no rows":      {sql.ErrNoRows, chat.ErrNotFound},
		"for people":   {told, told},
		"wrapped":      {fmt.Errorf("say: %w", told), told},
		"heard before": {chat.ErrRepeat, chat.ErrRepeat},
		"anything":     {errors.New("disk I/O error"), chat.ErrUnavailable},
		"a context":    {context.DeadlineExceeded, context.DeadlineExceeded},
	} {
		if got := explain("do", test.err); !errors.Is(got, test.want) {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if got := explain("save a shop", errors.New("disk I/O error")).Error(); !strings.HasPrefix(got, "store: save a shop: ") {
		t.Errorf("got %q", got)
	}
}

// Whoever can't wait for a place among the readers goes away without one.
func TestReadersAreBounded(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	inside, wait := make(chan struct{}), make(chan struct{})
	var reading sync.WaitGroup
	for range cap(s.reader.places) {
		reading.Go(func() {
			if err := s.read(t.Context(), "read", func(l link) error {
				inside <- struct{}{}
				<-wait
				return l.row(`SELECT 1`).Scan(new(int))
			}); err != nil {
				t.Error(err)
			}
		})
	}
	for range cap(s.reader.places) {
		<-inside
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Shops(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, chat.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	close(wait)
	reading.Wait()
	if s.noted(t, "nothing") {
		t.Error("there is something")
	}
}
