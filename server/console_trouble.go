package main

import (
	"cmp"
	"context"

	"sidetext/chat"
	"sidetext/store"
)

// A deed is a kind of delivery in words.
type deed struct {
	sign      string // an icon
	one, many string // what waits, with its verb
	thing     string // one of them, and whose: %s is the shopper
	giveUp    string // what letting go of it means
	beyond    string // why trying again can't help; empty: it can
}

var deeds = map[chat.DeliveryKind]deed{
	chat.SendSMS: {sign: "send", one: "text waits to be sent", many: "texts wait to be sent", thing: "A text to %s",
		giveUp: "The text is not sent. It stays in the conversation."},
	chat.SyncTicket: {sign: "ticket", one: "ticket waits to be opened or brought up to date", many: "tickets wait to be opened or brought up to date", thing: "The ticket for %s",
		giveUp: "The ticket stays as it is until there is something new to say. Every text stays in the conversation."},
	chat.PostCode: {sign: "note", one: "sign-in code waits to be posted", many: "sign-in codes wait to be posted", thing: "A sign-in code for the conversation with %s",
		giveUp: "Nobody can use this code any more.", beyond: "A code is good for ten minutes only. Whoever waits for it can ask for another."},
	chat.PostNote: {sign: "note", one: "note waits to be posted", many: "notes wait to be posted", thing: "A note on the conversation with %s",
		giveUp: "The note is not posted."},
	chat.AddMessage: {sign: "ticket", one: "text waits to be added to its ticket", many: "texts wait to be added to their tickets", thing: "A text in the conversation with %s",
		giveUp: "The ticket stays without this text. It stays in the conversation."},
	chat.CheckStatus: {sign: "question", one: "text waits to be asked about", many: "texts wait to be asked about", thing: "What became of a text to %s",
		giveUp: "Nobody asks again what became of the text. It stays in the conversation."},
	chat.FetchMedia: {sign: "picture", one: "file waits to be fetched", many: "files wait to be fetched", thing: "A file from %s",
		giveUp: "The text stays without it."},
}

func deedOf(kind chat.DeliveryKind) deed {
	d, ok := deeds[kind]
	if !ok {
		d = deed{sign: "failed", one: "task waits", many: "tasks wait", thing: "A task for %s", giveUp: "It is not done."}
	}
	return d
}

// A trouble is something that waits, or went wrong, in plain words.
type trouble struct {
	Tone, Text  string
	Link, Label string // where to do something about it, if that is here
}

func (k *console) troubles(ctx context.Context, shop chat.ShopID) (all []trouble, err error) {
	_, failed, err := k.store.Failures(ctx, shop, 0)
	if err != nil {
		return nil, err
	}
	if failed > 0 {
		all = append(all, trouble{"bad", amount(int64(failed), "thing failed and waits", "things failed and wait") + " for you.", "/failed", "Look at " + cmp.Or(map[int]string{1: "it"}[failed], "them")})
	}
	backlogs, err := k.store.Backlogs(ctx, shop)
	if err != nil {
		return nil, err
	}
	for _, b := range backlogs {
		if one, ok := backlogWords(b); ok {
			all = append(all, one)
		}
	}
	undecided, err := k.store.UnknownTexts(ctx, shop)
	if err != nil {
		return nil, err
	}
	if undecided > 0 {
		all = append(all, trouble{Tone: "warn", Text: amount(undecided, "text needs", "texts need") +
			" a decision: nobody knows whether it was sent. The pop-up of its conversation asks an agent what to do."})
	}
	unread, err := k.store.Quarantined(ctx, shop)
	if unread > 0 {
		all = append(all, trouble{Tone: "warn", Text: amount(unread, "request", "requests") +
			" from your number’s provider could not be read. Nothing is lost: whoever runs this server can look at what was kept."})
	}
	return all, err
}

// backlogWords says what of a backlog waits, and why. What is only looked up later,
// with nothing in its way, does not wait.
func backlogWords(b store.Backlog) (one trouble, ok bool) {
	n, words := b.Ready+b.Running, deedOf(b.Kind)
	if n == 0 || b.Kind == chat.CheckStatus && b.Problem == "" {
		return one, false
	}
	one.Text = amount(n, words.one, words.many)
	if b.Problem == "" {
		one.Text += "."
	} else {
		one.Tone, one.Text = "warn", one.Text+": "+b.Problem
	}
	return one, true
}
