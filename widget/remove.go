package widget

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidetext/chat"
	"sidetext/gorgias"
)

// A Leftover is an object of ours that could not be deleted from the helpdesk.
type Leftover struct {
	Name string // in the helpdesk
	Link string // its page in the helpdesk, or empty
	Off  bool   // it was switched off instead

	refused  bool   // the helpdesk refused permanently
	noAnswer bool   // temporary failure
	reason   string // the helpdesk's message
	cause    error
	shown    *chat.Error
}

// Err returns why the object could not be deleted. It wraps a *chat.Error.
func (l Leftover) Err() error { return &stepError{l.shown, l.cause} }

// Remove deletes the card and the integrations from the helpdesk. It ignores missing
// ones. It returns those that can't be deleted, switched off if possible, and deletes
// the rest. With an error it did nothing. The tag stays: tickets, views and rules may
// use it, and Gorgias does not delete a tag that rules use.
func Remove(ctx context.Context, api *gorgias.Client, made Installation) ([]Leftover, error) {
	if made.Account != api.Account() {
		return nil, fmt.Errorf("widget: remove: installation is in account %q, not %q", made.Account, api.Account())
	}
	var left []Leftover
	// Widgets first: Gorgias does not delete an integration that has widgets.
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

// removeIntegration deletes an integration and its widgets. If Gorgias refuses, for
// example because a rule uses it, the integration is switched off and returned.
func removeIntegration(ctx context.Context, api *gorgias.Client, id gorgias.ID, name string) *Leftover {
	page := api.Page(httpPage + id.String())
	widgets, err := api.Widgets(ctx, id)
	if err := ignoreGone(err); err == nil {
		for _, w := range widgets {
			if isOurs(w, id) {
				// On an error, deleting the integration fails as well.
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
