package widget

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"sidetext/gorgias"
)

// ensureIntegration makes the integration, or puts right the one that is there, and
// deletes others of ours: a request whose answer was lost may have made one.
func ensureIntegration(ctx context.Context, api *gorgias.Client, known gorgias.ID, draft gorgias.IntegrationDraft) (gorgias.ID, string, error) {
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
		left := removeIntegration(ctx, api, extra.ID, extra.Name)
		if left != nil && !left.Off {
			return 0, "", left.cause
		}
	}
	return keep.ID, detail, nil
}

// ensureWidget makes the card in the sidebar, or puts it right where it stands:
// merchants move cards about.
func ensureWidget(ctx context.Context, api *gorgias.Client, plan Plan, made Installation) (gorgias.ID, string, error) {
	body, err := buildTemplate(strings.TrimRight(plan.PublicURL, "/"), plan.title())
	if err != nil {
		return 0, "", err
	}
	draft := gorgias.WidgetDraft{Type: "http", Context: "ticket", IntegrationID: made.Card, Template: body}
	ours, err := findWidgets(ctx, api, made.Card, plan.Known.Widget)
	if err != nil {
		return 0, "", err
	}
	if len(ours) == 0 {
		w, err := api.CreateWidget(ctx, draft)
		return w.ID, "Tickets now show the card, from their next event on.", err
	}
	keep := ours[0]
	draft.Order = keep.Order
	if err := api.RepairWidget(ctx, keep.ID, draft); err != nil {
		return 0, "", err
	}
	for _, w := range ours[1:] {
		if !isOurs(w, made.Card) {
			continue
		}
		if err := ignoreGone(api.DeleteWidget(ctx, w.ID)); err != nil {
			return 0, "", err
		}
	}
	return keep.ID, "It was there already, and is up to date.", nil
}

// findWidgets lists the widgets beside tickets that show an integration, the best to
// keep first: the one that is known from before, then those that surely are ours.
func findWidgets(ctx context.Context, api *gorgias.Client, integration, known gorgias.ID) ([]gorgias.Widget, error) {
	all, err := api.Widgets(ctx, integration)
	if err != nil {
		return nil, err
	}
	// A merchant may show the same data beside customers too: not ours to touch.
	found := slices.DeleteFunc(all, func(w gorgias.Widget) bool { return w.Context != "ticket" && w.Context != "" })
	has := func(w gorgias.Widget) bool { return w.ID == known }
	if known != 0 && !slices.ContainsFunc(found, has) {
		// A list may leave it out; adding another card would show two.
		w, err := api.Widget(ctx, known)
		if err := ignoreGone(err); err != nil {
			return nil, err
		}
		if err == nil && isOurs(w, integration) {
			found = append(found, w)
		}
	}
	rank := func(w gorgias.Widget) int {
		switch {
		case has(w):
			return 0
		case isOurs(w, integration):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(found, func(a, b gorgias.Widget) int { return cmp.Compare(rank(a), rank(b)) })
	return found, nil
}

// isOurs reports whether a widget is surely ours: it names the integration, or
// its link carries our launch token.
func isOurs(w gorgias.Widget, integration gorgias.ID) bool {
	return w.IntegrationID == integration || bytes.Contains(w.Template, []byte(launchField))
}

// ignoreGone forgives an error that says that the object isn't there.
func ignoreGone(err error) error {
	var e *gorgias.Error
	if errors.As(err, &e) && e.Gone() {
		return nil
	}
	return err
}
