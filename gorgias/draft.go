package gorgias

import (
	"strings"
	"time"

	"sidetext/chat"
)

// A Talk is a conversation as a ticket tells it.
//
// All that the shopper says goes in with a source of type "email", although it
// came by SMS: the helpdesk offers for the answer what the newest message's
// source says, so an agent's ordinary answer leaves by mail, and quotes the
// message. That is why each message carries the dialogue.
type Talk struct {
	Shopper  chat.Shopper
	Phone    string         // the shopper's number as people write it; empty: as it is
	Customer Customer       // who the shopper is in the helpdesk
	Support  Mailbox        // where answers leave from (DefaultMailbox), or empty
	Zone     *time.Location // of the times shown; nil: UTC
	Entries  []chat.Entry   // the dialogue so far, oldest first
}

// Subject names the ticket: "SMS from Jane Doe (+1 415 555 0100)".
func (t Talk) Subject() string {
	if name := line(t.Shopper.Name); name != "" {
		r := []rune(name)
		return "SMS from " + string(r[:min(len(r), 200)]) + " (" + t.phone() + ")"
	}
	return "SMS from " + t.phone()
}

// Ticket drafts a ticket, whose first message tells the dialogue so far. The
// external ids are how to find both again.
func (t Talk) Ticket(external, messageExternal string, tags ...string) TicketDraft {
	text, markup := Dialogue(t.Entries, t.called(), t.Zone)
	first := t.inbound(messageExternal, t.Entries)
	first.BodyText, first.BodyHTML = text, markup
	draft := TicketDraft{
		Channel: ByEmail, Via: ViaAPI, Status: Open,
		Subject: t.Subject(), ExternalID: external,
		Customer: Ref{t.Customer.ID}, Tags: []TagName{},
		Messages: []MessageDraft{first},
	}
	seen := map[string]bool{"": true}
	for _, tag := range tags {
		if !seen[tag] {
			seen[tag] = true
			draft.Tags = append(draft.Tags, TagName{tag})
		}
	}
	return draft
}

// Text drafts what the shopper texted later: the fresh entries, and below them,
// quoted, the dialogue before them (Entries).
func (t Talk) Text(external string, fresh ...chat.Entry) MessageDraft {
	var said []string
	for _, e := range fresh {
		if s := say(e, t.called()); s != "" {
			said = append(said, s)
		}
	}
	plain := strings.Join(said, "\n\n")
	rich := "<p>" + strings.ReplaceAll(paragraph(plain), "<br><br>", "</p><p>") + "</p>"
	draft := t.inbound(external, fresh)
	draft.StrippedText, draft.StrippedHTML = plain, rich
	draft.BodyText, draft.BodyHTML = plain, rich
	if before, markup := Dialogue(t.Entries, t.called(), t.Zone); before != "" {
		const head = "The SMS dialogue so far:"
		draft.BodyText += "\n\n" + head + "\n> " + strings.ReplaceAll(before, "\n", "\n> ")
		draft.BodyHTML += "<p>" + head + "</p><blockquote>" + markup + "</blockquote>"
	}
	return draft
}

// Copy drafts a note that shows agents what was texted outside of the ticket.
// The sender is a user of the helpdesk. What agents noted for each other is no
// part of a dialogue: it goes in with Note.
func (t Talk) Copy(external string, sender ID, entries ...chat.Entry) MessageDraft {
	text, markup := Dialogue(entries, t.called(), t.Zone)
	note := Note(external, sender, text)
	note.BodyHTML = markup
	return note
}

// Note drafts an internal note. Gorgias never delivers one, and it doesn't
// change how an agent's answer leaves. The sender is a user of the helpdesk.
func Note(external string, sender ID, text string) MessageDraft {
	text = clean(text)
	return MessageDraft{
		Channel: AsNote, Via: ViaAPI, FromAgent: true,
		Sender: Ref{sender}, Source: Source{Type: AsNote},
		BodyText: text, BodyHTML: "<p>" + paragraph(text) + "</p>",
		ExternalID: external,
	}
}

// inbound is a message of the shopper's without its body. Gorgias never sends
// those to anybody.
func (t Talk) inbound(external string, entries []chat.Entry) MessageDraft {
	m := MessageDraft{
		Channel: ByEmail, Via: ViaAPI, Public: true,
		Sender: Ref{t.Customer.ID}, Source: Source{Type: ByEmail, To: []Mailbox{}},
		Subject: t.Subject(), ExternalID: external,
	}
	address := t.Customer.Email
	if address == "" {
		address = mailable(t.Shopper.Email)
	}
	// Never a made-up address: the agent's answer would be mailed to it.
	if address != "" {
		m.Source.From = &Mailbox{line(t.Shopper.Name), address}
	}
	if t.Support.Address != "" {
		m.Source.To = []Mailbox{t.Support}
	}
	for _, e := range entries {
		if e.Way == chat.In && e.At.After(m.CreatedAt.Time) {
			m.CreatedAt, m.SentAt = Time{e.At}, Time{e.At}
		}
	}
	return m
}

func (t Talk) phone() string {
	if t.Phone != "" {
		return line(t.Phone)
	}
	return line(string(t.Shopper.Phone))
}

// called is how the dialogue names the shopper.
func (t Talk) called() string {
	if name := line(t.Shopper.Name); name != "" {
		return name
	}
	return t.phone()
}
