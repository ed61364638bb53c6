package bridge_test

import (
	"slices"
	"time"

	"sidetext/chat"
)

// opened creates a ticket, adds to it and tags it.
func (s *story) opened() {
	s.Helper()
	s.begin()
	s.say(strange)
	s.settle()
	s.retry()
	s.say("one", "two")
	s.settle()
	s.reply("On it")
	s.settle()
	s.say("three")
	s.withoutTurnFaults(func() { s.world.handBack(s.phone) })
	s.settle()
	s.pass(2 * time.Hour)
	s.say("I want to speak with a person")
	s.settle()
	s.retry()
}

// reopened closes the ticket, which a text reopens; a later one needs another.
func (s *story) reopened() {
	s.Helper()
	s.say(strange)
	s.settle()
	s.begin()
	s.close()
	s.say("the lid of the pot is missing too")
	s.settle()
	s.retry()
	if !s.look(s.phone).Ticket.Open || !s.desk.tickets[s.remote()].open {
		s.Error("the ticket is not open again")
	}
	s.close()
	s.pass(80 * time.Hour)
	s.say("and now the kettle leaks all over the place")
	s.settle()
	s.retry()
}

// replaced trashes the ticket while it lacks a text.
func (s *story) replaced() {
	s.Helper()
	s.say(strange)
	s.settle()
	s.begin()
	s.desk.set(s.remote(), func(k *ticket) { k.gone = true })
	s.say("hello?")
	s.settle()
	s.retry()
	s.reply("Here I am")
	s.settle()
	s.say("good")
	s.settle()
	s.retry()
}

// refusedFor refuses one text for a while; another text fails after it was sent.
func (s *story) refusedFor() {
	s.Helper()
	s.say(strange)
	s.settle()
	s.begin()
	s.desk.refuse("poison")
	s.say("poison")
	s.settle()
	s.say("after")
	s.settle()
	s.desk.refuse("")
	s.retry()
	s.failLater()
}

// reply sends a text of Anna's.
func (s *story) reply(text string) (seq int64) {
	s.Helper()
	s.withoutTurnFaults(func() { seq = s.world.reply(s.phone, text) })
	s.said = append(s.said, "Anna texted by SMS: "+text)
	return seq
}

// failLater lets a text fail that the ticket shows as sent.
func (s *story) failLater() {
	s.Helper()
	seq := s.reply("Will do")
	s.settle()
	s.retry()
	entries := s.look(s.phone).Entries
	if i := slices.IndexFunc(entries, func(e chat.Entry) bool { return e.Seq == seq }); entries[i].State != chat.Failed {
		s.said = append(s.said, "Anna's text “Will do” did not arrive. The phone is off.")
	}
	s.withoutTurnFaults(func() {
		err := s.bridge.Report(s.ctx, chat.Attempt{Shop: s.door.Shop.ID, Conversation: s.conversation(s.phone), Entry: seq},
			chat.Report{State: chat.Failed, Problem: &chat.Problem{Code: "30003", Text: "The phone is off."}})
		if err != nil {
			s.Fatal(err)
		}
	})
	s.settle()
	s.retry()
}
