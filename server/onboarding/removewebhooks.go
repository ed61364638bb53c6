package onboarding

import (
	"context"
	"errors"
	"maps"
	"slices"

	"sidetext/chat"
)

// removeWebhooks removes the webhooks of a connection that is given up, except those
// whose ids are in use by its successor. One that can't be removed does not keep the
// others; it is tried once more after them.
func (o *Onboarding) removeWebhooks(ctx context.Context, api vendorAccount, c chat.Connection, inUse map[string]string) error {
	before, err := RegisteredBy(c)
	if err != nil {
		return err
	}
	found, err := api.list(ctx)
	if err != nil {
		return err
	}
	ours, err := o.ourWebhooks(ctx, c, before, found)
	if err != nil {
		return err
	}
	kept := slices.Collect(maps.Values(inUse))
	var left []string
	for _, w := range found {
		if ours[w.id] && !slices.Contains(kept, w.id) {
			left = append(left, w.id)
		}
	}
	if left, err = removeEach(ctx, api, left); len(left) > 0 && !hopeless(ctx, err) {
		_, err = removeEach(ctx, api, left)
	}
	return err
}

// removeEach removes webhooks, and returns those that are left with the first reason.
// After an error that all the others would meet, it ends.
func removeEach(ctx context.Context, api vendorAccount, ids []string) (left []string, first error) {
	for i, id := range ids {
		err := api.remove(ctx, id)
		var refusal *chat.SendError
		if err == nil || errors.As(err, &refusal) && refusal.Problem.Code == "gone" {
			continue
		}
		if left = append(left, id); first == nil {
			first = err
		}
		if hopeless(ctx, err) {
			return append(left, ids[i+1:]...), err
		}
	}
	return left, first
}

// hopeless reports whether other requests would fail as this one did.
func hopeless(ctx context.Context, err error) bool {
	var refusal *chat.SendError
	return ctx.Err() != nil || !errors.As(err, &refusal) || refusal.WholeAccount
}
