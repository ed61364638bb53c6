package stories

import (
	"context"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
)

// TestEmailIsADialogue: whatever happened to a conversation, the e-mail shows
// what both sides said, at the shop's time, and nothing else.
func TestEmailIsADialogue(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	stage.Must(t, s.App.Store.ChangeShop(t.Context(), s.Shop.ID, func(shop *chat.Shop) { shop.Settings.TimeZone = "Asia/Kathmandu" }))
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	s.SendAsAgent(stage.Jane, "Have you tried oil?").WaitForState(chat.Delivered)
	stage.Must(t, s.App.Bridge.HandBack(context.Background(), s.Shop.ID, s.Conversation(stage.Jane).Conversation.ID, chat.Author{Role: chat.ByAgent, Name: "Ben Okafor"}))
	s.SendText(stage.Jane, "the grinder smells of smoke now")
	stage.Until(t, "the second call", func() bool { return strings.Contains(stage.EmailedText(s.Ticket(k)), "smells of smoke") })
	stage.Must(t, s.World.Gorgias.SetStatus(k.ID, 0, "closed"))
	s.WaitForConversation(stage.Jane, "it is closed", stage.HasEvent(chat.TicketClosed))
	stage.Must(t, s.App.Store.ChangeShop(t.Context(), s.Shop.ID, func(shop *chat.Shop) { shop.Name = "Another name" }))
	s.SendText(stage.Jane, "are you there at all?")
	stage.Until(t, "the last text", func() bool { return strings.Contains(stage.EmailedText(s.Ticket(k)), "there at all") })
	s.SendText(stage.Jane, "STOP")
	stage.Until(t, "the note about it", func() bool { return strings.Contains(stage.AgentNotes(s.Ticket(k)), "wants no more texts") })
	s.WaitUntilIdle()
	read := stage.EmailedText(s.Ticket(k))
	for _, internal := range []string{"Handed", "person", "utomatic", "utomation", "closed", "UTC", "opted", "ticket", "Answered", "Not understood", "SMS from"} {
		if strings.Contains(strings.ReplaceAll(read, "We have passed this on to our team. Somebody will answer you here or by e-mail.", ""), internal) {
			t.Errorf("the shopper reads %q in %s", internal, read)
		}
	}
	for _, m := range s.Ticket(k).Messages {
		if m.Public && *m.Subject != "Your text to "+s.Shop.Name {
			t.Errorf("a message is called %q", *m.Subject)
		}
	}
	place, err := time.LoadLocation("Asia/Kathmandu")
	stage.Must(t, err)
	for _, e := range s.TextsFrom(stage.Jane)[:3] {
		if line := "Jane Doe, " + e.At.In(place).Format("15:04") + ": " + e.Text; !strings.Contains(read, line) {
			t.Errorf("no %q in %s", line, read)
		}
	}
	if text := stage.AgentNotes(s.Ticket(k)); !strings.Contains(text, "Ben Okafor handed the texts back to automation.") {
		t.Errorf("agents read %s", text)
	}
}
