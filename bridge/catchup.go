package bridge

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"sidetext/chat"
)

// A Lister lists the texts that a provider received for a line since then, oldest
// first, all of them. The provider's client is one; its errors are *chat.SendError.
type Lister interface {
	Received(ctx context.Context, line chat.Line, since time.Time) ([]chat.Incoming, error)
	// Files returns where the pictures and files of one of them are: the list only
	// counts them.
	Files(ctx context.Context, line chat.Line, in chat.Incoming) ([]chat.Media, error)
}

// A Ledger knows which texts were received. The store has the real one.
type Ledger interface {
	AllLineConfigs(ctx context.Context) ([]chat.LineConfig, error)
	HasText(ctx context.Context, line chat.Line, in chat.Incoming) (bool, error)
	Comparisons(ctx context.Context, shop chat.ShopID) (map[chat.LineID]chat.Comparison, error)
	SaveComparison(ctx context.Context, line chat.LineID, c chat.Comparison) error
}

// A CatchUp finds texts whose webhook never arrived, because this server or the
// network was down: it compares the providers' lists with the texts that were
// received, and receives what is missing, in order, like any other text.
type CatchUp struct {
	*Bridge
	Lister Lister
	Ledger Ledger
	Owns   func(line string) bool // reports whether this node compares a line
	Found  func(n int)            // called with how many texts were missing
	Log    *slog.Logger
}

const (
	// compareEvery is the time between two comparisons of a line. compareSoon is the
	// time after a comparison that failed, or that left recent texts to their webhooks.
	compareEvery      = 2 * time.Minute
	compareSoon       = 20 * time.Second
	lineCheckInterval = 5 * time.Second // how often to look for lines that are due
	compareTime       = 3 * time.Minute // bounds one comparison; reading a list takes up to two
	// webhookGrace is how old a text must be before it counts as missing: its webhook is
	// retried for that long (Twilio: 15 s in all).
	webhookGrace = 20 * time.Second
	// compareOverlap is how far each comparison reaches back before the end of the last one:
	// a provider may list a text late, and clocks differ.
	compareOverlap = 10 * time.Minute
	// linesAtOnce is how many lines are compared at the same time.
	linesAtOnce = 32
	// shoppersAtOnce is how many shoppers' missing texts are received at the same time.
	shoppersAtOnce = 8
)

// Compare compares a line with its provider's list. complete says that every text
// in it was received. The first comparison of a line only notes the time: texts
// from before it was connected are not ours.
func (u *CatchUp) Compare(ctx context.Context, at chat.LineConfig) (complete bool, err error) {
	all, err := u.Ledger.Comparisons(ctx, at.Shop.ID)
	if err != nil {
		return false, err
	}
	c, now := all[at.Line.ID], u.Now()
	if c.Until.IsZero() {
		c.Until, c.At = now.Add(compareOverlap), now
		return true, u.Ledger.SaveComparison(ctx, at.Line.ID, c)
	}
	if latest := now.Add(compareOverlap); c.Until.After(latest) { // the clock was set back
		c.Until = latest
	}
	list, err := u.Lister.Received(ctx, at.Line, c.Until.Add(-compareOverlap))
	if err != nil {
		c.Trouble = "The provider could not be asked."
		if failed := (*chat.SendError)(nil); errors.As(err, &failed) {
			c.Trouble = failed.Problem.Text
		}
		return false, errors.Join(err, u.Ledger.SaveComparison(context.WithoutCancel(ctx), at.Line.ID, c))
	}
	missing, until, complete, err := u.findMissing(ctx, at, list, c.Until, now)
	if err != nil {
		return false, err
	}
	if len(missing) > 0 {
		u.Log.Warn("missing texts found", "shop", at.Shop.ID, "line", at.Line.ID, "texts", len(missing))
		if err := u.receiveMissing(ctx, at, missing); err != nil {
			return false, err
		}
		u.Found(len(missing))
	}
	c = chat.Comparison{Until: until, At: now, Late: c.Late + int64(len(missing))}
	return complete, u.Ledger.SaveComparison(ctx, at.Line.ID, c)
}

// findMissing returns the texts of a list that were not received, and the time before
// which none is missing: by the provider's clock, as ours may be wrong. Recent texts are left
// to their webhooks: then the result is not complete, and reaches only to the first
// of them.
func (u *CatchUp) findMissing(ctx context.Context, at chat.LineConfig, list []chat.Incoming, since, now time.Time) (missing []chat.Incoming, until time.Time, complete bool, err error) {
	until, complete = since, true
	for _, in := range list {
		received, err := u.Ledger.HasText(ctx, at.Line, in)
		if err != nil {
			return nil, until, false, err
		}
		switch {
		case received:
		case now.Sub(in.At).Abs() < webhookGrace:
			complete = false
		default:
			missing = append(missing, in)
		}
		if complete && in.At.After(until) && in.At.Before(now.Add(compareOverlap)) {
			until = in.At
		}
	}
	return missing, until, complete, nil
}

// receiveMissing receives missing texts: those of one shopper in order, of several
// shoppers at the same time. What fails is still missing the next time.
func (u *CatchUp) receiveMissing(ctx context.Context, at chat.LineConfig, missing []chat.Incoming) error {
	var order []chat.Phone
	texts := map[chat.Phone][]chat.Incoming{}
	for _, in := range missing {
		if texts[in.From] == nil {
			order = append(order, in.From)
		}
		texts[in.From] = append(texts[in.From], in)
	}
	var mu sync.Mutex
	var problems []error
	var working sync.WaitGroup
	slots := make(chan struct{}, shoppersAtOnce)
	for _, from := range order {
		slots <- struct{}{}
		working.Go(func() {
			defer func() { <-slots }()
			for _, in := range texts[from] {
				var err error
				if in.Media, err = u.Lister.Files(ctx, at.Line, in); err == nil {
					err = u.Receive(ctx, at, in)
				}
				if err != nil {
					mu.Lock()
					defer mu.Unlock()
					problems = append(problems, err)
					return
				}
			}
		})
	}
	working.Wait()
	return errors.Join(problems...)
}
