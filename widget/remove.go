package widget

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidetext/chat"
	"sidetext/gorgias"
)

// A Leftover is something of ours that could not be deleted from the helpdesk.
type Leftover struct {
	Name string // as the helpdesk shows it
	Link string // where to see it in the helpdesk, or empty
	Off  bool   // it is switched off: it calls us no more

	refused  bool   // the helpdesk understood and said no
	noAnswer bool   // the helpdesk did not answer, or could not
	reason   string // its own words
	cause    error
	shown    *chat.Error
}

// Err is why it could not be deleted. It has a *chat.Error in its tree.
func (l Leftover) Err() error { return &stepError{l.shown, l.cause} }

// Remove takes the card and the integrations out of the helpdesk; what is gone
// already is fine. What can't be deleted is switched off if that is possible, and
// returned; the rest is removed all the same. An error means that nothing was
// tried. The tag stays: it is on the merchant's tickets and maybe in views and
// rules, and Gorgias does not delete a tag that rules use.
func Remove(ctx context.Context, api *gorgias.Client, made Installation) ([]Leftover, error) {
	if made.Account != api.Account() {
		return nil, fmt.Errorf("widget: remove: made in %q, not in %q", made.Account, api.Account())
	}
	var left []Leftover
	// Widgets first: an integration isn't deleted under them.
	if made.Widget != 0 {
		if err := ignoreGone(api.DeleteWidget(ctx, made.Widget)); err != nil {
			left = append(left, newLeftover(api, "the card in the sidebar", "", err))
		}
	}
	for _, part := range []struct {
		id   gorgias.ID
		name string
	}{{made.Card, cardName}, {made.Events, eventsName}} {
		if part.id == 0 {
			continue
		}
		if l := removeIntegration(ctx, api, part.id, part.name); l != nil {
			left = append(left, *l)
		}
	}
	return left, nil
}

// removeIntegration deletes an integration and its widgets. One that Gorgias
// refuses to delete, as it does while a rule uses it, is switched off. It returns
// what is left, or nil.
func removeIntegration(ctx context.Context, api *gorgias.Client, id gorgias.ID, name string) *Leftover {
	page := api.Page(httpPage + id.String())
	widgets, err := api.Widgets(ctx, id)
	if err := ignoreGone(err); err == nil {
		for _, w := range widgets {
			if isOurs(w, id) {
				// An error comes back from the integration, which it keeps.
				_ = api.DeleteWidget(ctx, w.ID)
			}
		}
	}
	err = ignoreGone(api.DeleteIntegration(ctx, id))
	if err == nil {
		return nil
	}
	l := newLeftover(api, name, page, err)
	if l.refused {
		off := ignoreGone(api.DeactivateIntegration(ctx, id, time.Now()))
		l.Off = off == nil
	}
	return &l
}

func newLeftover(api *gorgias.Client, name, page string, err error) Leftover {
	l := Leftover{Name: name, Link: page, cause: err, shown: userError(err, api.Account())}
	var e *gorgias.Error
	if errors.As(err, &e) {
		l.refused = e.Status/100 == 4 && !e.Temporary() && !e.BadKey() && !e.NoAccount()
		l.noAnswer = e.Temporary()
		l.reason = e.Message
	}
	return l
}
