package console

import (
	"cmp"
	"context"

	"sidetext/chat"
	"sidetext/store"
)

// A deliveryLabel has the console's texts for a kind of delivery.
type deliveryLabel struct {
	icon      string
	one, many string // what waits, with its verb
	thing     string // one of them; %s is the shopper
	onDismiss string // what dismissing it means
	noRetry   string // why a retry can't help; empty: it can
}

var deliveryLabels = map[chat.DeliveryKind]deliveryLabel{
	chat.SendSMS: {icon: "send", one: "text waits to be sent", many: "texts wait to be sent", thing: "A text to %s",
		onDismiss: "The text is not sent. It stays in the conversation."},
	chat.SyncTicket: {icon: "ticket", one: "ticket waits to be opened or brought up to date", many: "tickets wait to be opened or brought up to date", thing: "The ticket for %s",
		onDismiss: "The ticket stays as it is until there is something new to say. Every text stays in the conversation."},
	chat.PostCode: {icon: "note", one: "sign-in code waits to be posted", many: "sign-in codes wait to be posted", thing: "A sign-in code for the conversation with %s",
		onDismiss: "This code can’t be used any more.", noRetry: "A code is valid for ten minutes only. The agent can request another."},
	chat.PostNote: {icon: "note", one: "note waits to be posted", many: "notes wait to be posted", thing: "A note on the conversation with %s",
		onDismiss: "The note is not posted."},
	chat.AddMessage: {icon: "ticket", one: "text waits to be added to its ticket", many: "texts wait to be added to their tickets", thing: "A text in the conversation with %s",
		onDismiss: "The ticket stays without this text. It stays in the conversation."},
	chat.CheckStatus: {icon: "question", one: "text: delivery status being checked", many: "texts: delivery status being checked", thing: "The delivery status of a text to %s",
		onDismiss: "The delivery status is not checked again. The text stays in the conversation."},
	chat.FetchMedia: {icon: "picture", one: "file waits to be fetched", many: "files wait to be fetched", thing: "A file from %s",
		onDismiss: "The text stays without it."},
}

func labelOf(kind chat.DeliveryKind) deliveryLabel {
	d, ok := deliveryLabels[kind]
	if !ok {
		d = deliveryLabel{icon: "failed", one: "task waits", many: "tasks wait", thing: "A task for %s", onDismiss: "It is not done."}
	}
	return d
}

// A trouble is something that waits, or has failed.
type trouble struct {
	Tone, Text  string
	Link, Label string // where to do something about it, if that is here
}

func (k *Console) troubles(ctx context.Context, shop chat.ShopID) (all []trouble, err error) {
	_, failed, err := k.Store.Failures(ctx, shop, 0)
	if err != nil {
		return nil, err
	}
	if failed > 0 {
		all = append(all, trouble{"bad", plural(int64(failed), "thing failed and waits", "things failed and wait") + " for you.", "/failed", "Look at " + cmp.Or(map[int]string{1: "it"}[failed], "them")})
	}
	backlogs, err := k.Store.Backlogs(ctx, shop)
	if err != nil {
		return nil, err
	}
	for _, b := range backlogs {
		if one, ok := backlogWords(b); ok {
			all = append(all, one)
		}
	}
	undecided, err := k.Store.UnknownTexts(ctx, shop)
	if err != nil {
		return nil, err
	}
	if undecided > 0 {
		all = append(all, trouble{Tone: "warn", Text: plural(undecided, "text needs", "texts need") +
			" a decision: it is not known whether it was sent. The pop-up of its conversation asks an agent what to do."})
	}
	unread, err := k.Store.Quarantined(ctx, shop)
	if unread > 0 {
		all = append(all, trouble{Tone: "warn", Text: plural(unread, "request", "requests") +
			" from your number’s provider could not be read. Nothing is lost: the operator of this server can look at what was stored."})
	}
	return all, err
}

// backlogWords describes what waits, and why. A status check that is not due yet and
// has met no problem does not count as waiting.
func backlogWords(b store.Backlog) (one trouble, ok bool) {
	n, label := b.Ready+b.Running, labelOf(b.Kind)
	if n == 0 || b.Kind == chat.CheckStatus && b.Problem == "" {
		return one, false
	}
	one.Text = plural(n, label.one, label.many)
	if b.Problem == "" {
		one.Text += "."
	} else {
		one.Tone, one.Text = "warn", one.Text+": "+b.Problem
	}
	return one, true
}
