package helpdesk

import (
	"context"
	"errors"
	"slices"

	"sidetext/chat"
	"sidetext/gorgias"
)

var reasonTags = map[chat.Reason]string{
	chat.UnknownKeyword: "sms-not-understood", chat.EndSubscription: "sms-end-subscription", chat.CarrierOptOut: "sms-stopped-texts",
	chat.AskedForPerson: "sms-asked-for-person", chat.AskedForChange: "sms-wants-change", chat.ActionFailed: "sms-action-failed", chat.TakenOver: "sms-agent",
	chat.ChangeOrder: "sms-change-order", chat.OrderStatus: "sms-order-status", chat.MaybeOptOut: "sms-maybe-opt-out",
}

// tagNames returns the tags of reasons, without the shop's own tag, which stays
// whatever the reasons are.
func (d *desk) tagNames(reasons []chat.Reason) (names []string) {
	for _, r := range reasons {
		if name := reasonTags[r]; name != "" && name != d.tag {
			names = append(names, name)
		}
	}
	return names
}

// SetTags adds the tags of some reasons to a ticket, and removes those of others. A
// tag that the ticket has already was added by a person: it is not among those
// added. Changes without an effect are not requested: Gorgias sends an
// event for each, after which the ticket is synced again.
func (d *desk) SetTags(ctx context.Context, remote string, add, remove []chat.Reason) (added []chat.Reason, err error) {
	id, err := gorgias.ParseID(remote)
	if err != nil {
		return nil, err
	}
	k := d.seen
	if k.ID != id {
		if k, err = d.api.Ticket(ctx, id); err != nil {
			return nil, sendError(err)
		}
	}
	has := func(name string) bool {
		return slices.ContainsFunc(k.Tags, func(t gorgias.Tag) bool { return t.Name == name })
	}
	for _, r := range add {
		if !has(reasonTags[r]) {
			added = append(added, r)
		}
	}
	names := append([]string{d.tag}, d.tagNames(added)...)
	if names = slices.DeleteFunc(names, has); len(names) > 0 {
		if err := d.api.AddTags(ctx, id, names...); err != nil {
			return nil, withoutAccountPause(sendError(err))
		}
	}
	if gone := slices.DeleteFunc(d.tagNames(remove), func(name string) bool { return !has(name) }); len(gone) > 0 {
		err = d.api.RemoveTags(ctx, id, gone...)
	}
	return added, withoutAccountPause(sendError(err))
}

// withoutAccountPause limits a "forbidden" error to its delivery: a key that may not tag
// may still be allowed everything else.
func withoutAccountPause(err error) error {
	var send *chat.SendError
	if errors.As(err, &send) && send.Problem.Code == "forbidden" {
		send.WholeAccount = false
	}
	return err
}
