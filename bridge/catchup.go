package bridge

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"sidetext/chat"
)

// A Lister reads a provider's list of the texts that it took in for a line since
// then, oldest first, all of them. The provider's client is one; its errors are
// *chat.SendError.
type Lister interface {
	Received(ctx context.Context, line chat.Line, since time.Time) ([]chat.Incoming, error)
	// Files finds out where the pictures and files of one of them are: the list
	// only counts them.
	Files(ctx context.Context, line chat.Line, in chat.Incoming) ([]chat.Media, error)
}

// A Ledger says what is here. The store has the real one.
type Ledger interface {
	Leases
	AllLineConfigs(ctx context.Context) ([]chat.LineConfig, error)
	HasText(ctx context.Context, line chat.Line, in chat.Incoming) (bool, error)
	Comparisons(ctx context.Context, shop chat.ShopID) (map[chat.LineID]chat.Comparison, error)
	SaveComparison(ctx context.Context, line chat.LineID, c chat.Comparison) error
}

// A CatchUp finds texts whose delivery never reached us, because we were down or
// the network was: it compares what providers list with what is here, and takes
// in what is missing, in order, by the same door as everything else.
type CatchUp struct {
	*Bridge
	Lister Lister
	Ledger Ledger
	Found  func(n int) // called with how many were missing
	Log    *slog.Logger
}

const (
	// Between two comparisons of a line; sooner after one that left young texts to
	// their webhooks, or that failed.
	compareEvery = 2 * time.Minute
	lookAround   = 5 * time.Second // for lines whose turn it is
	compareSoon  = 20 * time.Second
	compareTime  = 3 * time.Minute // how long one may take: reading a list alone two
	// young is how old a text must be before it counts as missing: its webhook is
	// tried again for that long (Twilio: 15 s in all).
	young = 20 * time.Second
	// overlap is how far back each comparison reaches behind the last: a provider
	// may list a text late, and clocks differ.
	overlap = 10 * time.Minute
	// compareTenure is how long a line is ours while we compare it, renewed as long
	// as that takes; afterwards it is ours until our next turn, and a little longer.
	// When we are gone it waits for no more than that.
	compareTenure = 30 * time.Second
	// linesAtOnce is how many lines are compared at the same time.
	linesAtOnce = 32
	// atOnce is of how many shoppers' missing texts are taken in at the same time.
	atOnce = 8
)

// Compare compares a line with its provider's list. settled says that everything
// in it is here. The first comparison of a line only begins: what was texted
// before it was ours is not.
func (u *CatchUp) Compare(ctx context.Context, door chat.LineConfig) (settled bool, err error) {
	all, err := u.Ledger.Comparisons(ctx, door.Shop.ID)
	if err != nil {
		return false, err
	}
	c, now := all[door.Line.ID], u.Now()
	if c.Until.IsZero() {
		c.Until, c.At = now.Add(overlap), now
		return true, u.Ledger.SaveComparison(ctx, door.Line.ID, c)
	}
	if latest := now.Add(overlap); c.Until.After(latest) { // the clock was set back
		c.Until = latest
	}
	list, err := u.Lister.Received(ctx, door.Line, c.Until.Add(-overlap))
	if err != nil {
		c.Trouble = "The provider could not be asked."
		if failed := (*chat.SendError)(nil); errors.As(err, &failed) {
			c.Trouble = failed.Problem.Text
		}
		return false, errors.Join(err, u.Ledger.SaveComparison(context.WithoutCancel(ctx), door.Line.ID, c))
	}
	missing, until, settled, err := u.missing(ctx, door, list, c.Until, now)
	if err != nil {
		return false, err
	}
	if len(missing) > 0 {
		u.Log.Warn("texts came late: their webhooks never reached us", "shop", door.Shop.ID, "line", door.Line.ID, "texts", len(missing))
		if err := u.takeIn(ctx, door, missing); err != nil {
			return false, err
		}
		u.Found(len(missing))
	}
	c = chat.Comparison{Until: until, At: now, Late: c.Late + int64(len(missing))}
	return settled, u.Ledger.SaveComparison(ctx, door.Line.ID, c)
}

// missing picks out of a list what is not here, and says until when everything is
// known to be: by the provider's clock, as ours may be wrong. Young texts are left
// to their webhooks: then not everything is settled, and only until the first of
// them.
func (u *CatchUp) missing(ctx context.Context, door chat.LineConfig, list []chat.Incoming, since, now time.Time) (missing []chat.Incoming, until time.Time, settled bool, err error) {
	until, settled = since, true
	for _, in := range list {
		heard, err := u.Ledger.HasText(ctx, door.Line, in)
		if err != nil {
			return nil, until, false, err
		}
		switch {
		case heard:
		case now.Sub(in.At).Abs() < young:
			settled = false
		default:
			missing = append(missing, in)
		}
		if settled && in.At.After(until) && in.At.Before(now.Add(overlap)) {
			until = in.At
		}
	}
	return missing, until, settled, nil
}

// takeIn takes in what was missing: of each shopper in order, of several at the
// same time. Whatever fails, is missing the next time.
func (u *CatchUp) takeIn(ctx context.Context, door chat.LineConfig, missing []chat.Incoming) error {
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
	places := make(chan struct{}, atOnce)
	for _, from := range order {
		places <- struct{}{}
		working.Go(func() {
			defer func() { <-places }()
			for _, in := range texts[from] {
				var err error
				if in.Media, err = u.Lister.Files(ctx, door.Line, in); err == nil {
					err = u.Receive(ctx, door, in)
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
