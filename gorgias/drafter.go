package gorgias

import (
	"strings"
	"time"

	"sidetext/chat"
)

// A Drafter is a conversation as a ticket tells it.
//
// All that the shopper says goes in with a source of type "email", although it
// came by SMS: the helpdesk offers for the answer what the newest message's
// source says, so an agent's ordinary answer leaves by mail, and quotes the
// message. That is why each message carries the dialogue.
type Drafter struct {
	Shopper  chat.Shopper
	Phone    string         // the shopper's number as people write it; empty: as it is
	Customer Customer       // the shopper in the helpdesk
	Support  Mailbox        // where answers leave from (DefaultMailbox), or empty
	Shop     string         // the shop's name, as shoppers know it
	Zone     *time.Location // of the times shown; nil: UTC
	Subject  string         // of the ticket as it is; empty: there is no ticket yet
	Dialogue chat.Dialogue  // what was said so far
}

// subject is what the mails about the conversation are called. All messages of a
// ticket have the ticket's own subject, so that mail programs keep them together.
func (t Drafter) subject() string {
	if t.Subject != "" {
		return t.Subject
	}
	if r := []rune(singleLine(t.Shop)); len(r) > 0 {
		return "Your text to " + string(r[:min(len(r), 200)])
	}
	return "Your text message"
}

// Ticket drafts a ticket, whose first message tells the dialogue so far. The
// external ids are how to find both again.
func (t Drafter) Ticket(external, messageExternal string, tags ...string) TicketDraft {
	text, markup := Dialogue(t.Dialogue, t.options())
	if text == "" { // an agent took over before anything was said
		text, markup = emptyTicketText, "<p>"+emptyTicketText+"</p>"
	}
	first := t.inboundMessage(messageExternal, t.dialogueTexts())
	first.BodyText, first.BodyHTML = text, markup
	draft := TicketDraft{
		Channel: ChannelEmail, Via: ViaAPI, Status: Open,
		Subject: t.subject(), ExternalID: external,
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

// emptyTicketText is the body of a ticket without a dialogue: a message may not be empty.
const emptyTicketText = "A conversation by text message."

// Text drafts what the shopper texted later: the fresh entries, and below them,
// quoted, the dialogue before them.
func (t Drafter) Text(external string, fresh ...chat.Entry) MessageDraft {
	var said []string
	for _, e := range fresh {
		if s := textOf(e); s != "" {
			said = append(said, s)
		}
	}
	plain := strings.Join(said, "\n\n")
	rich := "<p>" + strings.ReplaceAll(htmlText(plain), "<br><br>", "</p><p>") + "</p>"
	draft := t.inboundMessage(external, fresh)
	draft.StrippedText, draft.StrippedHTML = plain, rich
	draft.BodyText, draft.BodyHTML = plain, rich
	if before, markup := Dialogue(t.Dialogue, t.options()); before != "" {
		const head = "Earlier texts:"
		draft.BodyText += "\n\n" + head + "\n> " + strings.ReplaceAll(before, "\n", "\n> ")
		draft.BodyHTML += "<p>" + head + "</p><blockquote>" + markup + "</blockquote>"
	}
	return draft
}

// Note drafts an internal note. Gorgias never delivers one, and it doesn't
// change how an agent's answer leaves. The sender is a user of the helpdesk.
func Note(external string, sender ID, text string) MessageDraft {
	text = clean(text)
	return MessageDraft{
		Channel: ChannelNote, Via: ViaAPI, FromAgent: true,
		Sender: Ref{sender}, Source: Source{Type: ChannelNote},
		BodyText: text, BodyHTML: "<p>" + htmlText(text) + "</p>",
		ExternalID: external,
	}
}

// inboundMessage is a message of the shopper's without its body. Gorgias never sends
// those to anybody.
func (t Drafter) inboundMessage(external string, entries []chat.Entry) MessageDraft {
	m := MessageDraft{
		Channel: ChannelEmail, Via: ViaAPI, Public: true,
		Sender: Ref{t.Customer.ID}, Source: Source{Type: ChannelEmail, To: []Mailbox{}},
		Subject: t.subject(), ExternalID: external,
	}
	address := t.Customer.Email
	if address == "" {
		address = mailAddress(t.Shopper.Email)
	}
	// Never a made-up address: the agent's answer would be mailed to it.
	if address != "" {
		m.Source.From = &Mailbox{singleLine(t.Shopper.Name), address}
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

func (t Drafter) phone() string {
	if t.Phone != "" {
		return singleLine(t.Phone)
	}
	return singleLine(string(t.Shopper.Phone))
}

// options is how the dialogue names the two sides.
func (t Drafter) options() DialogueOptions {
	name := singleLine(t.Shopper.Name)
	if name == "" {
		name = t.phone()
	}
	return DialogueOptions{Shopper: name, Shop: t.Shop, Zone: t.Zone}
}

// dialogueTexts are the texts that the dialogue shows.
func (t Drafter) dialogueTexts() (shown []chat.Entry) {
	for _, l := range t.Dialogue {
		if l.Omitted == 0 {
			shown = append(shown, l.Text)
		}
	}
	return shown
}
