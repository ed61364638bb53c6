package widget

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sidetext/gorgias"
)

// integration makes the integration, or puts right the one that is there, and
// deletes others of ours: a request whose answer was lost may have made one.
func integration(ctx context.Context, api *gorgias.Client, known gorgias.ID, draft gorgias.IntegrationDraft) (gorgias.ID, string, error) {
	all, err := api.HTTPIntegrations(ctx)
	if err != nil {
		return 0, "", err
	}
	address, _, _ := strings.Cut(draft.HTTP.URL, "?")
	var ours []gorgias.Integration
	for _, i := range all {
		called, _, _ := strings.Cut(i.HTTP.URL, "?")
		switch {
		case i.ID == known && known != 0:
			ours = slices.Insert(ours, 0, i)
		case called == address, i.Name == draft.Name && i.Description == draft.Description:
			ours = append(ours, i)
		}
	}
	if len(ours) == 0 {
		made, err := api.CreateIntegration(ctx, draft)
		if err != nil {
			return 0, "", err
		}
		return made.ID, "Made.", nil
	}
	keep, detail := ours[0], "It was there already, and is up to date."
	if !keep.DeactivatedAt.IsZero() {
		detail = "It had been switched off, and is on again."
	}
	if err := api.RepairIntegration(ctx, keep.ID, draft); err != nil {
		return 0, "", err
	}
	for _, extra := range ours[1:] {
		if err := removeIntegration(ctx, api, extra.ID); err != nil {
			return 0, "", err
		}
	}
	return keep.ID, detail, nil
}

// sidebar makes the card in the sidebar, or puts it right where it stands:
// merchants move cards about.
func sidebar(ctx context.Context, api *gorgias.Client, plan Plan, made Made) (gorgias.ID, string, error) {
	body, err := template(strings.TrimRight(plan.PublicURL, "/"))
	if err != nil {
		return 0, "", err
	}
	draft := gorgias.WidgetDraft{Type: "http", Context: "ticket", IntegrationID: made.Card, Template: body}
	all, err := api.Widgets(ctx, made.Card)
	if err != nil {
		return 0, "", err
	}
	// A merchant may show the same data beside customers too: not ours to touch.
	ours := slices.DeleteFunc(all, func(w gorgias.Widget) bool { return w.Context != "ticket" })
	if len(ours) == 0 {
		w, err := api.CreateWidget(ctx, draft)
		return w.ID, "Tickets now show the card, from their next event on.", err
	}
	keep := ours[0]
	for _, w := range ours {
		if w.ID == plan.Known.Widget {
			keep = w
		}
	}
	draft.Order = keep.Order
	if err := api.RepairWidget(ctx, keep.ID, draft); err != nil {
		return 0, "", err
	}
	for _, w := range ours {
		if w.ID != keep.ID {
			if err := absent(api.DeleteWidget(ctx, w.ID)); err != nil {
				return 0, "", err
			}
		}
	}
	return keep.ID, "It was there already, and is up to date.", nil
}

// Remove takes the card and the integrations out of the helpdesk; what is gone
// already is fine. It goes on after a failure and returns all of them. The tag
// stays: it is on the merchant's tickets and maybe in views and rules, and
// Gorgias won't delete a tag that rules use.
func Remove(ctx context.Context, api *gorgias.Client, made Made) error {
	if made.Account != api.Account() {
		return fmt.Errorf("widget: remove: made in %q, not in %q", made.Account, api.Account())
	}
	var errs []error
	// Widgets first: an integration isn't deleted under them.
	if made.Widget != 0 {
		errs = append(errs, absent(api.DeleteWidget(ctx, made.Widget)))
	}
	for _, id := range []gorgias.ID{made.Card, made.Events} {
		if id != 0 {
			errs = append(errs, removeIntegration(ctx, api, id))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return &failure{explain(err, api.Account()), err}
	}
	return nil
}

func removeIntegration(ctx context.Context, api *gorgias.Client, id gorgias.ID) error {
	widgets, err := api.Widgets(ctx, id)
	if err := absent(err); err != nil {
		return err
	}
	for _, w := range widgets {
		if err := absent(api.DeleteWidget(ctx, w.ID)); err != nil {
			return err
		}
	}
	return absent(api.DeleteIntegration(ctx, id))
}

// absent forgives an error that says that the object isn't there.
func absent(err error) error {
	var e *gorgias.Error
	if errors.As(err, &e) && e.Gone() {
		return nil
	}
	return err
}
