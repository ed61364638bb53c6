package bridge

import (
	"context"
	"errors"
	"time"

	"sidetext/chat"
)

// A Fetcher fetches what came with texts: a provider's client. Of its errors, a
// *chat.SendError that is Rejected says that asking again will not help.
type Fetcher interface {
	Fetch(ctx context.Context, line chat.Line, m chat.Media) (chat.File, error)
}

// An Album keeps pictures and files. The store has the real one. Keeping one
// that is there changes nothing.
type MediaStore interface {
	KeepMedia(ctx context.Context, shop chat.ShopID, conversation chat.ConversationID, id chat.MediaID, f chat.File, now time.Time) error
}

const (
	// patience is how many times a picture is asked for, with pauses that grow
	// from a second to ten minutes: for about an hour.
	patience = 17
	// short is how long no picture of the line's account is fetched after one
	// could not be kept. Where room is short, texts come first.
	short = 5 * time.Minute
)

// inHands has a place for each picture that may be in memory at once.
var inHands = make(chan struct{}, 16)

var (
	notFetched = chat.Problem{Code: "not_fetched", Text: "It could not be fetched."}
	notKept    = chat.Problem{Code: "not_kept", Text: "It could not be stored here."}
	tooLarge   = chat.Problem{Code: "too_large", Text: "It is larger than 10 MB."}
	empty      = chat.Problem{Code: "empty", Text: "There is nothing in it."}
)

// media fetches a picture or file, keeps it, and has the text show it.
func (c *Worker) media(ctx context.Context, d chat.Delivery) error {
	var m *chat.Media
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) (err error) {
		m, err = t.MediaToFetch(d)
		return err
	})
	if errors.Is(err, chat.ErrNotFound) {
		return c.Finish(ctx, d)
	}
	if err := c.kept(t, err, "look for a picture"); err != nil || m == nil {
		return err
	}
	select {
	case inHands <- struct{}{}:
		defer func() { <-inHands }()
	case <-ctx.Done():
		return &chat.SendError{Outcome: chat.NotSent, Problem: notFetched, Cause: context.Cause(ctx)}
	}
	file, failed := c.fetch(ctx, t.Line, d, *m)
	if failed != nil {
		return c.unfetched(ctx, d, *m, failed)
	}
	m.Type, m.Size, m.State, m.Problem = file.Type, int64(len(file.Data)), chat.MediaKept, ""
	return c.fetched(ctx, d, *m)
}

// fetch fetches what the text came with and keeps it. Whatever goes wrong says
// what to do next.
func (c *Worker) fetch(ctx context.Context, line chat.Line, d chat.Delivery, m chat.Media) (chat.File, *chat.SendError) {
	file, err := c.Fetcher.Fetch(ctx, line, m)
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
	if err := c.MediaStore.KeepMedia(ctx, d.Shop, d.Conversation, m.ID, file, c.Now()); err != nil {
		return file, &chat.SendError{Outcome: chat.NotSent, Problem: notKept, RetryAfter: short, WholeAccount: true, Cause: err}
	}
	return file, nil
}

// unfetched says whether a picture is asked for again. One that is not is seen
// to have failed, in the conversation as among what failed; from there a person
// can have it tried again.
func (c *Worker) unfetched(ctx context.Context, d chat.Delivery, m chat.Media, failed *chat.SendError) error {
	if never := failed.Outcome == chat.Rejected && !failed.WholeAccount; !never && d.Tries < patience {
		return failed
	}
	m.State, m.Problem = chat.MediaFailed, failed.Problem.Text
	if err := c.fetched(ctx, d, m); err != nil {
		return err
	}
	return &chat.SendError{Outcome: chat.Rejected, Problem: failed.Problem, Cause: failed}
}

// fetched records what became of a picture, however little time fetching it has
// left. One that is kept needs its delivery no more.
func (c *Worker) fetched(ctx context.Context, d chat.Delivery, m chat.Media) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noting)
	defer cancel()
	t, err := c.Turns.Turn(ctx, d.Shop, d.Conversation, c.Now(), func(t *chat.Turn) error {
		if m.State == chat.MediaKept {
			t.Done = append(t.Done, d.ID)
		}
		return t.SaveMedia(d.Entry, m)
	})
	return c.kept(t, err, "record a picture")
}
