package bridge

import (
	"context"
	"errors"
	"time"

	"sidetext/chat"
)

// A Fetcher fetches the files that came with texts: a provider's client. A
// *chat.SendError that is Rejected says that asking again will not help.
type Fetcher interface {
	Fetch(ctx context.Context, line chat.Line, m chat.Media) (chat.File, error)
}

// A MediaStore keeps pictures and files. The store has the real one. Keeping one
// that is there changes nothing.
type MediaStore interface {
	SaveMedia(ctx context.Context, shop chat.ShopID, conversation chat.ConversationID, id chat.MediaID, f chat.File, now time.Time) error
}

const (
	// maxFetches is how many times a file is requested, with pauses that grow from a
	// second to ten minutes: for about an hour.
	maxFetches = 17
	// storeFailurePause is how long the fetches of an account pause after a file could
	// not be stored. If the disk is full, texts have priority.
	storeFailurePause = 5 * time.Minute
	// maxFetching is how many files may be in memory at once.
	maxFetching = 16
)

var (
	notFetched = chat.Problem{Code: "not_fetched", Text: "It could not be fetched."}
	notKept    = chat.Problem{Code: "not_kept", Text: "It could not be stored here."}
	tooLarge   = chat.Problem{Code: "too_large", Text: "It is larger than 10 MB."}
	empty      = chat.Problem{Code: "empty", Text: "There is nothing in it."}
)

// fetchMedia fetches a picture or file, stores it, and has the text show it.
func (w *Worker) fetchMedia(ctx context.Context, d chat.Delivery, p chat.MediaPayload) error {
	var m *chat.Media
	t, err := w.Turns.Turn(ctx, d.Shop, d.Conversation, w.Now(), func(t *chat.Turn) (err error) {
		m, err = t.MediaToFetch(d)
		return err
	})
	if errors.Is(err, chat.ErrNotFound) {
		return w.Finish(ctx, d)
	}
	if err := w.finishTurn(t, err, "find file"); err != nil || m == nil {
		return err
	}
	select {
	case w.fetching <- struct{}{}:
		defer func() { <-w.fetching }()
	case <-ctx.Done():
		return &chat.SendError{Outcome: chat.NotSent, Problem: notFetched, Cause: context.Cause(ctx)}
	}
	file, failed := w.fetch(ctx, t.Line, d, *m)
	if failed != nil {
		return w.fetchFailed(ctx, d, p, *m, failed)
	}
	m.Type, m.Size, m.State, m.Problem = file.Type, int64(len(file.Data)), chat.MediaKept, ""
	return w.saveMedia(ctx, d, p, *m)
}

// fetch fetches a file and stores it. The error says what to do next.
func (w *Worker) fetch(ctx context.Context, line chat.Line, d chat.Delivery, m chat.Media) (chat.File, *chat.SendError) {
	file, err := w.Fetcher.Fetch(ctx, line, m)
	var failed *chat.SendError
	switch {
	case errors.As(err, &failed):
		return file, failed
	case err != nil:
		return file, &chat.SendError{Outcome: chat.NotSent, Problem: notFetched, Cause: err}
	case len(file.Data) > chat.MaxFile:
		return file, &chat.SendError{Outcome: chat.Rejected, Problem: tooLarge}
	case len(file.Data) == 0:
		return file, &chat.SendError{Outcome: chat.Rejected, Problem: empty}
	}
	if err := w.MediaStore.SaveMedia(ctx, d.Shop, d.Conversation, m.ID, file, w.Now()); err != nil {
		return file, &chat.SendError{Outcome: chat.NotSent, Problem: notKept, RetryAfter: storeFailurePause, WholeAccount: true, Cause: err}
	}
	return file, nil
}

// fetchFailed decides whether a file is requested again. Otherwise the text shows
// that it failed, and it is listed among what failed, where a person can retry it.
func (w *Worker) fetchFailed(ctx context.Context, d chat.Delivery, p chat.MediaPayload, m chat.Media, failed *chat.SendError) error {
	permanent := failed.Outcome == chat.Rejected && !failed.WholeAccount
	if !permanent && d.Tries < maxFetches {
		return failed
	}
	m.State, m.Problem = chat.MediaFailed, failed.Problem.Text
	if err := w.saveMedia(ctx, d, p, m); err != nil {
		return err
	}
	return &chat.SendError{Outcome: chat.Rejected, Problem: failed.Problem, Cause: failed}
}

// saveMedia saves the state of a file. The delivery of one that is stored is done.
func (w *Worker) saveMedia(ctx context.Context, d chat.Delivery, p chat.MediaPayload, m chat.Media) error {
	ctx, cancel := savingContext(ctx)
	defer cancel()
	t, err := w.Turns.Turn(ctx, d.Shop, d.Conversation, w.Now(), func(t *chat.Turn) error {
		if m.State == chat.MediaKept {
			t.Done = append(t.Done, d.ID)
		}
		return t.SaveMedia(p.Entry, m)
	})
	return w.finishTurn(t, err, "save file")
}
