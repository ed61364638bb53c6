package bridge_test

import (
	"errors"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

func TestCodeIsPostedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	remote, k := w.helpdesk.onlyTicket(t)
	post := func(text string) {
		id := chat.NewID[chat.DeliveryID](w.time())
		_, err := w.store.MakeCode(w.ctx, store.Code{Shop: w.config.Shop.ID, Conversation: w.conversation(jane), Agent: chat.Agent{ID: "7", Name: "Anna"}}, "123456", chat.Delivery{
			ID: id, Shop: w.config.Shop.ID, Kind: chat.PostCode, Account: "gorgias/tea", Lane: "code/" + string(id),
			Conversation: w.conversation(jane), Ticket: remote, Payload: chat.EncodePayload(chat.CodePayload{Text: text}), Due: w.time(), Urgent: true,
		}, w.time())
		if err != nil {
			t.Fatal(err)
		}
	}
	first := true
	w.helpdesk.fail(nil, func(string) error {
		if first {
			first = false
			return errors.New("reset")
		}
		return nil
	})
	post("123456 is the code")
	w.settle()
	w.advance(20 * time.Second)
	w.settle()
	if got := k.textCounts()["123456 is the code"]; got != 1 {
		t.Errorf("posted %d times", got)
	}
	if waiting, failed := w.counts(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
	w.helpdesk.fail(func(string) error { return errUnreachable }, nil)
	post("111111 is the code")
	w.settle()
	w.helpdesk.fail(nil, nil)
	w.finishRetries() // longer than a code is valid
	if waiting, failed := w.counts(); waiting+failed != 0 || k.textCounts()["111111 is the code"] != 0 {
		t.Errorf("expired code: %d wait, %d failed; the ticket says %v", waiting, failed, k.textCounts())
	}
	if err := w.store.RemoveHelpdesk(w.ctx, w.config.Shop.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	post("654321 is the code")
	w.finishRetries()
	if waiting, failed := w.counts(); waiting+failed != 0 || k.textCounts()["654321 is the code"] != 0 {
		t.Errorf("without a helpdesk: %d wait, %d failed", waiting, failed)
	}
}
