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
	w.hear(jane, strange)
	w.settle()
	remote, k := w.desk.only(t)
	post := func(text string) {
		id := chat.NewID[chat.DeliveryID](w.time())
		_, err := w.store.MakeCode(w.ctx, store.Code{Shop: w.door.Shop.ID, Conversation: w.conversation(jane), Agent: chat.Agent{ID: "7", Name: "Anna"}}, "123456", chat.Delivery{
			ID: id, Shop: w.door.Shop.ID, Kind: chat.PostCode, Account: "gorgias/tea", Lane: "code/" + string(id),
			Conversation: w.conversation(jane), Ticket: remote, Payload: chat.EncodePayload(chat.CodePayload{Text: text}), Due: w.time(), Urgent: true,
		}, w.time())
		if err != nil {
			t.Fatal(err)
		}
	}
	first := true
	w.desk.fail(nil, func(string) error {
		if first {
			first = false
			return errors.New("reset")
		}
		return nil
	})
	post("123456 is the code")
	w.settle()
	w.pass(20 * time.Second)
	w.settle()
	if got := k.says()["123456 is the code"]; got != 1 {
		t.Errorf("posted %d times", got)
	}
	if waiting, failed := w.left(); waiting+failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
	w.desk.fail(func(string) error { return away }, nil)
	post("111111 is the code")
	w.settle()
	w.desk.fail(nil, nil)
	w.heal() // longer than a code is valid
	if waiting, failed := w.left(); waiting+failed != 0 || k.says()["111111 is the code"] != 0 {
		t.Errorf("expired code: %d wait, %d failed; the ticket says %v", waiting, failed, k.says())
	}
	if err := w.store.RemoveHelpdesk(w.ctx, w.door.Shop.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	post("654321 is the code")
	w.heal()
	if waiting, failed := w.left(); waiting+failed != 0 || k.says()["654321 is the code"] != 0 {
		t.Errorf("without a helpdesk: %d wait, %d failed", waiting, failed)
	}
}
