package gorgias

import (
	"strings"
	"time"

	"sidetext/chat"
)

// A Drafter makes tickets and messages from a conversation.
//
// Texts of the shopper get a source of type "email" although they came by SMS. The
// helpdesk answers by the channel of the newest message's source, so an agent's
// ordinary reply leaves by e-mail and quotes that message. Each message therefore
// contains the dialogue.
type Drafter struct {
	Shopper  chat.Shopper
	Phone    string         // the shopper's number in national format; empty: Shopper.Phone
	Customer Customer       // the shopper in the helpdesk
	Support  Mailbox        // where replies are sent from (see DefaultMailbox), or empty
	Shop     string         // the shop's name, as shoppers know it
	Zone     *time.Location // of all times; nil: UTC
	Subject  string         // of the existing ticket; empty: no ticket yet
	Dialogue chat.Dialogue  // the texts so far
}

// subject returns the subject of e-mails. All messages of a ticket have the
// ticket's own subject, so that mail programs show one thread.
func (t Drafter) subject() string {
	if t.Subject != "" {
		return t.Subject
	}
	if r := []rune(singleLine(t.Shop)); len(r) > 0 {
		return "Your text to " + string(r[:min(len(r), 200)])
	}
	return "Your text message"
}

// Ticket drafts a ticket whose first message contains the dialogue. The external
// ids identify both later.
func (t Drafter) Ticket(external, messageExternal string, tags ...string) TicketDraft {
	text, markup := Dialogue(t.Dialogue, t.options())
	if text == "" { // an agent took over before the first text
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

// emptyTicketText is the body of a ticket without texts: Gorgias refuses an empty
// message.
const emptyTicketText = "A conversation by text message."

// Text drafts a message with later texts of the shopper, followed by the dialogue
// before them as a quotation.
func (t Drafter) Text(external string, fresh ...chat.Entry) MessageDraft {
	var texts []string
	for _, e := range fresh {
		if s := textOf(e); s != "" {
			texts = append(texts, s)
		}
	}
	plain := strings.Join(texts, "\n\n")
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

// Note drafts an internal note by a user of the helpdesk. Gorgias never delivers
// notes, and a note does not change the channel of an agent's reply.
func Note(external string, sender ID, text string) MessageDraft {
	text = clean(text)
	return MessageDraft{
		Channel: ChannelNote, Via: ViaAPI, FromAgent: true,
		Sender: Ref{sender}, Source: Source{Type: ChannelNote},
		BodyText: text, BodyHTML: "<p>" + htmlText(text) + "</p>",
		ExternalID: external,
	}
}

// inboundMessage drafts a message from the shopper, without a body. Gorgias never
// delivers such messages.
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
	// Never invent an address: the agent's reply would be mailed to it.
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

// options returns the names of the two parties for Dialogue.
func (t Drafter) options() DialogueOptions {
	name := singleLine(t.Shopper.Name)
	if name == "" {
		name = t.phone()
	}
	return DialogueOptions{Shopper: name, Shop: t.Shop, Zone: t.Zone}
}

// dialogueTexts returns the texts that the dialogue contains.
func (t Drafter) dialogueTexts() (shown []chat.Entry) {
	for _, l := range t.Dialogue {
		if l.Omitted == 0 {
			shown = append(shown, l.Text)
		}
	}
	return shown
}
