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
	usual     bool   // it is always there in small numbers: it is news only if there is a problem
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
	chat.CheckStatus: {usual: true, icon: "question", one: "text: delivery status being checked", many: "texts: delivery status being checked", thing: "The delivery status of a text to %s",
		onDismiss: "The delivery status is not checked again. The text stays in the conversation."},
	chat.FetchMedia: {icon: "picture", one: "file waits to be fetched", many: "files wait to be fetched", thing: "A file from %s",
		onDismiss: "The text stays without it."},
	chat.ApplyEvents: {usual: true, icon: "clock", one: "batch of updates from your store waits to be applied", many: "batches of updates from your store wait to be applied", thing: "Updates from your store",
		onDismiss: "The updates stay stored, and are applied when more arrive."},
	chat.Reconcile: {usual: true, icon: "search", one: "comparison with your store waits", many: "comparisons with your store wait", thing: "Comparing customers and orders with your store",
		onDismiss: "The next comparison is tomorrow. Until then something that changed may be missing."},
	chat.RefreshCustomer: {usual: true, icon: "person", one: "subscriber waits to be read again", many: "subscribers wait to be read again", thing: "Reading a subscriber from Recharge again",
		onDismiss: "What is shown of this subscriber may be out of date until something changes at Recharge, or until the next comparison."},
	chat.WriteConsent: {icon: "stop", one: "opt-out waits to be reported to Shopify", many: "opt-outs wait to be reported to Shopify", thing: "Reporting to Shopify that %s wants no more texts",
		onDismiss: "Shopify may still list this shopper as a subscriber to texts. Sidetext sends none in any case."},
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

// backlogWords describes what waits, and why. What is usual, such as a status check that
// is not due yet, counts as waiting only if it has met a problem.
func backlogWords(b store.Backlog) (one trouble, ok bool) {
	n, label := b.Ready+b.Running, labelOf(b.Kind)
	if n == 0 || label.usual && b.Problem == "" {
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
