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

const upToDate = "It exists and is up to date."

// ensureIntegration creates the integration or repairs the existing one, and deletes
// duplicates: a request without a response may have created one.
func ensureIntegration(ctx context.Context, api *gorgias.Client, known gorgias.ID, draft gorgias.IntegrationDraft) (gorgias.ID, string, error) {
	all, err := api.HTTPIntegrations(ctx)
	if err != nil {
		return 0, "", err
	}
	address, _, _ := strings.Cut(draft.HTTP.URL, "?")
	var ours []gorgias.Integration
	for _, i := range all {
		existing, _, _ := strings.Cut(i.HTTP.URL, "?")
		switch {
		case i.ID == known && known != 0:
			ours = slices.Insert(ours, 0, i)
		case existing == address, i.Name == draft.Name && i.Description == draft.Description:
			ours = append(ours, i)
		}
	}
	if len(ours) == 0 {
		created, err := api.CreateIntegration(ctx, draft)
		if err != nil {
			return 0, "", err
		}
		return created.ID, "Created.", nil
	}
	keep, detail := ours[0], upToDate
	if !keep.DeactivatedAt.IsZero() {
		detail = "It was switched off and is on again."
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

// ensureWidget creates the card in the sidebar, or repairs the existing one without
// moving it, because merchants rearrange cards.
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
		return w.ID, "Created. Open tickets show it after their next message.", err
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
	return keep.ID, upToDate, nil
}

// findWidgets lists the widgets of an integration beside tickets, the best one to keep
// first: the known one, then those that are surely ours.
func findWidgets(ctx context.Context, api *gorgias.Client, integration, known gorgias.ID) ([]gorgias.Widget, error) {
	all, err := api.Widgets(ctx, integration)
	if err != nil {
		return nil, err
	}
	// Do not touch widgets beside customers: a merchant added them.
	found := slices.DeleteFunc(all, func(w gorgias.Widget) bool { return w.Context != "ticket" && w.Context != "" })
	isKnown := func(w gorgias.Widget) bool { return w.ID == known }
	if known != 0 && !slices.ContainsFunc(found, isKnown) {
		// A list may omit it. Creating another card would show two.
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
		case isKnown(w):
			return 0
		case isOurs(w, integration):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(found, func(a, b gorgias.Widget) int { return cmp.Compare(rank(a), rank(b)) })
	return found, nil
}

// isOurs reports whether a widget is surely ours: it has the integration's id, or its
// link contains our launch token.
func isOurs(w gorgias.Widget, integration gorgias.ID) bool {
	return w.IntegrationID == integration || bytes.Contains(w.Template, []byte(launchField))
}

// ignoreGone returns nil if err says that the object does not exist.
func ignoreGone(err error) error {
	var e *gorgias.Error
	if errors.As(err, &e) && e.Gone() {
		return nil
	}
	return err
}
