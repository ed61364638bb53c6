package main

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

// tagNames are the tags of reasons. One that is the shop's own tag too is not
// among them: it stays whatever the reasons are.
func (d *desk) tagNames(reasons []chat.Reason) (names []string) {
	for _, r := range reasons {
		if name := reasonTags[r]; name != "" && name != d.tag {
			names = append(names, name)
		}
	}
	return names
}

// Tag adds the tags of some reasons to a ticket, and removes those of others. It
// reads the ticket first: a tag that is there already is a person's.
func (d *desk) Tag(ctx context.Context, remote string, add, remove []chat.Reason) (added []chat.Reason, err error) {
	id, err := gorgias.ParseID(remote)
	if err != nil {
		return nil, err
	}
	if len(add) > 0 {
		k, err := d.api.Ticket(ctx, id)
		if err != nil {
			return nil, next(err)
		}
		for _, r := range add {
			if !slices.ContainsFunc(k.Tags, func(t gorgias.Tag) bool { return t.Name == reasonTags[r] }) {
				added = append(added, r)
			}
		}
		if err := d.api.AddTags(ctx, id, append([]string{d.tag}, d.tagNames(added)...)...); err != nil {
			return nil, mayNotTag(next(err))
		}
	}
	if gone := d.tagNames(remove); len(gone) > 0 {
		err = d.api.RemoveTags(ctx, id, gone...)
	}
	return added, mayNotTag(next(err))
}

// mayNotTag lets everything else go on for a key that is not allowed to tag.
func mayNotTag(err error) error {
	var send *chat.SendError
	if errors.As(err, &send) && send.Problem.Code == "forbidden" {
		send.All = false
	}
	return err
}
