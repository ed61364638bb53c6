package gorgias_test

import (
	"strings"
	"testing"
	"time"

	"sidetext/pretend/gorgias"
)

func TestReply(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		account gorgias.Account
		want    string
	}{
		"quoting":     {gorgias.Account{}, "Done!\n\nOn "},
		"not quoting": {gorgias.Account{NoQuote: true}, "Done!"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openAs(t, test.account)
			ticket := d.ticket()
			bob := d.Users()[1]
			reply, err := d.Reply(ticket, bob.ID, "Done!")
			if err != nil {
				t.Fatal(err)
			}
			d.until(func() bool { return len(d.Outbox()) == 1 })
			mail := d.Outbox()[0]
			if mail.To != "jane@example.com" || mail.From != "support@acme.example" || mail.Subject != "Re: SMS from Jane" ||
				!strings.HasPrefix(mail.Text, test.want) || strings.Contains(mail.Text, "> cancel <it>") == test.account.NoQuote {
				t.Errorf("sent %+v", mail)
			}
			made, _ := d.Ticket(ticket)
			m := made.Messages[1]
			if m.ID != reply || m.Via != "helpdesk" || !m.FromAgent || *m.StrippedText != "Done!" || m.Sender.ID != bob.ID || m.Sent == nil {
				t.Errorf("the ticket has %+v", m)
			}
		})
	}
}

func TestReplyWithoutEmailAddress(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.create("customers", `{"channels":[{"type":"phone","address":"+1555"}]}`)
	ticket := d.create("tickets", `{"messages":[{"channel":"sms","via":"api","from_agent":false,"sender":{"id":`+id(d.Customers()[0].ID)+`},"body_text":"x"}]}`)
	if _, err := d.Reply(ticket, 0, "hello"); err == nil {
		t.Error("replied to a customer without an e-mail address")
	}
	if _, err := d.Reply(1, 0, "hello"); err == nil {
		t.Error("replied to a missing ticket")
	}
}

func TestAgentActions(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.listen("ticket-message-created", `,"form":{"via":"{{message.via}}","by":"{{event.user_id}}"}`)
	first, second := d.ticket(), d.ticket()
	bob := d.Users()[1].ID
	note, err := d.Note(first, bob, "look into it")
	if err != nil || d.SetStatus(first, bob, "closed") != nil || d.SetTrashed(second, bob, true) != nil {
		t.Fatal(err)
	}
	one, _ := d.Ticket(first)
	two, _ := d.Ticket(second)
	if m := one.Messages[1]; m.ID != note || m.Public || m.Channel != "internal-note" || one.Status != "closed" || two.Trashed == nil {
		t.Errorf("got %+v and %+v", one, two)
	}
	d.until(func() bool { return len(d.Calls()) == 3 })
	found := false
	for _, call := range d.calls() {
		found = found || call.body == `{"by":"`+id(bob)+`","via":"helpdesk"}`
	}
	if !found || len(d.Outbox()) != 0 {
		t.Errorf("event of the note: %v; sent e-mails: %v", found, d.Outbox())
	}
	if err := d.SetTrashed(second, bob, false); err != nil {
		t.Error(err)
	}
	if err := d.SetStatus(first, bob, "waiting"); err == nil {
		t.Error("an invalid status was accepted")
	}
	if err := d.Merge(first, second, bob); err != nil {
		t.Error(err)
	}
	two, _ = d.Ticket(second)
	if _, there := d.Ticket(first); there || len(two.Messages) != 3 || two.Trashed != nil {
		t.Errorf("merged into %+v", two)
	}
	if d.Delete(second, bob) != nil || len(d.Tickets()) != 0 {
		t.Error("a deleted ticket exists")
	}
}

func TestMergedCustomersAndRejectedText(t *testing.T) {
	t.Parallel()
	d := open(t)
	first, second := d.AddCustomer(gorgias.KnownCustomer("Jane", "", "+1555")), d.AddCustomer(gorgias.KnownCustomer("Jane Doe", "jane@example.com"))
	message := func(text string) string {
		return `{"channel":"email","via":"api","from_agent":false,"sender":{"id":` + id(first) + `},"body_text":"` + text + `"}`
	}
	ticket := d.create("tickets", `{"messages":[`+message("hello")+`]}`)
	if err := d.MergeCustomers(first, second); err != nil || d.MergeCustomers(first, second) == nil {
		t.Error("customers were not merged, or twice", err)
	}
	if made, _ := d.Ticket(ticket); made.Customer.ID != second || len(made.Customer.Channels) != 2 {
		t.Errorf("the ticket's customer is %+v", made.Customer)
	}
	if status, out := d.api("GET", "customers/"+id(first), ""); status != 200 || int64(out["id"].(float64)) != second {
		t.Errorf("the merged customer: %d %v", status, out)
	}
	path := "tickets/" + id(ticket) + "/messages"
	if status, _ := d.api("POST", path, message("hello")); status != 400 {
		t.Errorf("message from a merged customer: %d", status)
	}
	first = second
	d.SetRejectedText("fire")
	if status, _ := d.api("POST", path, message("on fire!")); status != 400 {
		t.Errorf("rejected text: %d", status)
	}
	d.create(path, message("hello"))
	d.SetRejectedText("")
	d.create(path, message("on fire!"))
}

func TestReceive(t *testing.T) {
	t.Parallel()
	d := open(t)
	jane := d.AddCustomer(gorgias.KnownCustomer("Jane Doe", "jane@example.com", "+1555"))
	ticket, err := d.Receive(gorgias.InboundEmail{From: "jane@example.com", Subject: "Where is it?", Text: "I wait.", Ago: 48 * time.Hour, Answer: "Soon.", Closed: true, Tags: []string{"delivery"}})
	if err != nil {
		t.Fatal(err)
	}
	made, _ := d.Ticket(ticket)
	if made.Status != "closed" || made.Customer.ID != jane || len(made.Messages) != 2 || made.Messages[0].Source.From.Name != "Jane Doe" ||
		made.Tags[0].Name != "delivery" || time.Since(made.Created.Time) < 47*time.Hour || len(d.Outbox()) != 0 {
		t.Errorf("got %+v", made)
	}
	if _, err := d.Receive(gorgias.InboundEmail{From: "new@example.com", Name: "New One", Text: "Hi"}); err != nil || len(d.Customers()) != 2 {
		t.Errorf("got %v", err)
	}
	if d.AddCustomer(gorgias.KnownCustomer("Other", "jane@example.com")) != 0 {
		t.Error("two customers have one address")
	}
}
