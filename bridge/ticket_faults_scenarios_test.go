package bridge_test

import (
	"slices"
	"time"

	"sidetext/chat"
)

// createsTicket creates a ticket, adds to it and tags it.
func (s *scenario) createsTicket() {
	s.Helper()
	s.begin()
	s.send(unclearText)
	s.settle()
	s.retry()
	s.send("one", "two")
	s.settle()
	s.reply("On it")
	s.settle()
	s.send("three")
	s.withoutTurnFaults(func() { s.world.handBack(s.phone) })
	s.settle()
	s.advance(2 * time.Hour)
	s.send("I want to speak with a person")
	s.settle()
	s.retry()
}

// reopensTicket closes the ticket, which a text reopens. A much later text needs another
// ticket.
func (s *scenario) reopensTicket() {
	s.Helper()
	s.send(unclearText)
	s.settle()
	s.begin()
	s.close()
	s.send("the lid of the pot is missing too")
	s.settle()
	s.retry()
	if !s.snapshot(s.phone).Ticket.Open || !s.helpdesk.tickets[s.remote()].open {
		s.Error("the ticket is not open again")
	}
	s.close()
	s.advance(80 * time.Hour)
	s.send("and now the kettle leaks all over the place")
	s.settle()
	s.retry()
}

// replacesTicket trashes the ticket while it lacks a text.
func (s *scenario) replacesTicket() {
	s.Helper()
	s.send(unclearText)
	s.settle()
	s.begin()
	s.helpdesk.changeTicket(s.remote(), func(k *ticket) { k.gone = true })
	s.send("hello?")
	s.settle()
	s.retry()
	s.reply("Here I am")
	s.settle()
	s.send("good")
	s.settle()
	s.retry()
}

// refusesText refuses one text for a while; another text fails after it was sent.
func (s *scenario) refusesText() {
	s.Helper()
	s.send(unclearText)
	s.settle()
	s.begin()
	s.helpdesk.refuse("poison")
	s.send("poison")
	s.settle()
	s.send("after")
	s.settle()
	s.helpdesk.refuse("")
	s.retry()
	s.failLater()
}

// reply sends a text from Anna.
func (s *scenario) reply(text string) (seq int64) {
	s.Helper()
	s.withoutTurnFaults(func() { seq = s.world.reply(s.phone, text) })
	s.wantTexts = append(s.wantTexts, "Anna texted by SMS: "+text)
	return seq
}

// failLater reports a failure of a text that the ticket shows as sent.
func (s *scenario) failLater() {
	s.Helper()
	seq := s.reply("Will do")
	s.settle()
	s.retry()
	entries := s.snapshot(s.phone).Entries
	if i := slices.IndexFunc(entries, func(e chat.Entry) bool { return e.Seq == seq }); entries[i].State != chat.Failed {
		s.wantTexts = append(s.wantTexts, "Anna's text “Will do” did not arrive. The phone is off.")
	}
	s.withoutTurnFaults(func() {
		err := s.bridge.Report(s.ctx, chat.Attempt{Shop: s.config.Shop.ID, Conversation: s.conversation(s.phone), Entry: seq},
			chat.Report{State: chat.Failed, Problem: &chat.Problem{Code: "30003", Text: "The phone is off."}})
		if err != nil {
			s.Fatal(err)
		}
	})
	s.settle()
	s.retry()
}
