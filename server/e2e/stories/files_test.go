package stories

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/twilio"
)

// linked finds the addresses of files in a ticket's notes.
var linked = regexp.MustCompile(`http\S+/files/\S+`)

// TestFilesInTheTicket: what came with a text is named for what it is, agents get
// a link to each file in a note, and the shopper never does.
func TestFilesInTheTicket(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, _, _ := s.agent()
	n := newNeighbour(t, s)
	voice := append([]byte("#!AMR\n"), bytes.Repeat([]byte{0x3c}, 100)...)
	s.sends(miguel, "", twilio.Media{Type: "audio/amr", Data: voice})
	k := s.ticketOf(miguel)
	s.sends(miguel, "and here is the bill", twilio.Media{Type: "application/pdf", Data: []byte("%PDF-1.7\n")}, twilio.Media{Type: "text/x-vcard", Data: []byte("BEGIN:VCARD\r\nEND:VCARD\r\n")})
	s.pictures(miguel) // waits until all are here
	until(t, "links to three files", func() bool { return len(linked.FindAllString(agentNotes(s.ticket(k)), -1)) == 3 })
	if said := readByMail(s.ticket(k)); !strings.Contains(said, "[voice message]") || !strings.Contains(said, "[PDF]") || !strings.Contains(said, "[contact card]") ||
		strings.Contains(said, "http") || strings.Contains(said, "picture") {
		t.Errorf("what the shopper reads says %s", said)
	}
	if e := s.conversation(miguel).Escalation; e == nil || e.Wants != "Sent a voice message" {
		t.Errorf("the reason is %+v", e)
	}
	links := linked.FindAllString(agentNotes(s.ticket(k)), -1)
	for i, want := range []string{"audio/amr", "application/pdf", "text/vcard"} {
		resp := s.follow(agent.http, links[i])
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != want || !strings.HasPrefix(resp.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("an agent gets %d %v", resp.StatusCode, resp.Header)
		}
		resp = s.follow(s.merchant().http, links[i])
		if resp.StatusCode != 200 {
			t.Errorf("the merchant gets %d", resp.StatusCode)
		}
		resp = s.follow(s.caller().http, links[i])
		if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/popup" {
			t.Errorf("without a session: %d to %q", resp.StatusCode, resp.Header.Get("Location"))
		}
		address, err := url.Parse(links[i])
		must(t, err)
		behind, err := url.ParseQuery(address.Fragment)
		must(t, err)
		shop, id, err := s.App.Launcher.Read(behind.Get("t"), time.Now())
		if err != nil || shop != s.Shop.ID || id != s.conversation(miguel).Conversation.ID || behind.Get("file") != strings.TrimPrefix(address.Path, "/files/") || behind.Get("ticket") == "" {
			t.Errorf("the link names %v, %v, %v", shop, id, behind)
		}
	}
	_, names := s.rows(t, n.shop.ID)
	for name := range names {
		for who, browser := range map[string]*http.Client{"an agent": agent.http, "nobody": s.caller().http} {
			if resp := s.follow(browser, s.url+"/files/"+url.PathEscape(name)); resp.StatusCode != map[string]int{"an agent": 404, "nobody": 303}[who] {
				t.Errorf("%s gets %d for another shop's %q", who, resp.StatusCode, name)
			}
		}
	}
	s.settled()
}

// follow goes to an address as a browser does, without what is behind the #.
func (s *stage) follow(browser *http.Client, address string) *http.Response {
	s.t.Helper()
	address, _, _ = strings.Cut(address, "#")
	resp, err := browser.Get(address)
	must(s.t, err)
	must(s.t, resp.Body.Close())
	return resp
}

// agentNotes are a ticket's internal notes.
func agentNotes(k gorgias.Ticket) string {
	var said strings.Builder
	for _, m := range k.Messages {
		if !m.Public {
			said.WriteString(words(m) + "\n")
		}
	}
	return said.String()
}

// readByMail is what of a ticket is sent, or quoted in what is sent, to the shopper.
func readByMail(k gorgias.Ticket) string {
	said := *k.Subject
	for _, m := range k.Messages {
		if m.Public {
			said += "\n" + *m.Subject + "\n" + words(m) + "\n" + *m.BodyHTML
		}
	}
	return said
}

// TestMailIsADialogue: whatever happened to a conversation, the shopper reads
// what the two sides said to each other, at the shop's time, and nothing else.
func TestMailIsADialogue(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	must(t, s.App.Store.ChangeShop(t.Context(), s.Shop.ID, func(shop *chat.Shop) { shop.Settings.TimeZone = "Asia/Kathmandu" }))
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	s.say(jane, "Have you tried oil?").becomes(chat.Delivered)
	must(t, s.App.Bridge.HandBack(context.Background(), s.Shop.ID, s.conversation(jane).Conversation.ID, chat.Author{Role: chat.ByAgent, Name: "Ben Okafor"}))
	s.text(jane, "the grinder smells of smoke now")
	until(t, "the second call", func() bool { return strings.Contains(readByMail(s.ticket(k)), "smells of smoke") })
	must(t, s.World.Gorgias.SetStatus(k.ID, 0, "closed"))
	s.until(jane, "it is closed", happened(chat.TicketClosed))
	must(t, s.App.Store.ChangeShop(t.Context(), s.Shop.ID, func(shop *chat.Shop) { shop.Name = "Another name" }))
	s.text(jane, "are you there at all?")
	until(t, "the last text", func() bool { return strings.Contains(readByMail(s.ticket(k)), "there at all") })
	s.text(jane, "STOP")
	until(t, "the note about it", func() bool { return strings.Contains(agentNotes(s.ticket(k)), "wants no more texts") })
	s.settled()
	read := readByMail(s.ticket(k))
	for _, internal := range []string{"Handed", "person", "utomatic", "utomation", "closed", "UTC", "opted", "ticket", "Answered", "Not understood", "SMS from"} {
		if strings.Contains(strings.ReplaceAll(read, "We have passed this on to our team. Somebody will answer you here or by e-mail.", ""), internal) {
			t.Errorf("the shopper reads %q in %s", internal, read)
		}
	}
	for _, m := range s.ticket(k).Messages {
		if m.Public && *m.Subject != "Your text to "+s.Shop.Name {
			t.Errorf("a message is called %q", *m.Subject)
		}
	}
	place, err := time.LoadLocation("Asia/Kathmandu")
	must(t, err)
	for _, e := range s.heard(jane)[:3] {
		if line := "Jane Doe, " + e.At.In(place).Format("15:04") + ": " + e.Text; !strings.Contains(read, line) {
			t.Errorf("no %q in %s", line, read)
		}
	}
	if said := agentNotes(s.ticket(k)); !strings.Contains(said, "Ben Okafor handed the texts back to automation.") {
		t.Errorf("agents read %s", said)
	}
}
