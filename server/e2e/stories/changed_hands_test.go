package stories

import (
	"context"
	"strings"
	"testing"

	"sidetext/pretend/gorgias"
	"sidetext/server/e2e/stage"
)

// from is the address that a ticket's newest message of the shopper's is from.
func from(k gorgias.Ticket) string {
	for i := len(k.Messages) - 1; i >= 0; i-- {
		if m := k.Messages[i]; !m.FromAgent && m.Source != nil && m.Source.From != nil {
			return m.Source.From.Address
		}
	}
	return ""
}

// TestNumberOfAnotherPerson: a list names another person for a number that has
// a ticket. The number's next text is that person's, in a new ticket that shows
// nothing of before.
func TestNumberOfAnotherPerson(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(*stage.Stage, gorgias.Ticket){
		"open":   func(*stage.Stage, gorgias.Ticket) {},
		"closed": func(s *stage.Stage, k gorgias.Ticket) { stage.Must(s.T, s.World.Gorgias.SetStatus(k.ID, 0, "closed")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stage.New(t)
			s.SendText(stage.Jane, "my grinder is loud")
			old := s.WaitForTicket(stage.Jane)
			before(s, old)
			s.ImportCSV("First name,Last name,Email,Phone\nAnn,Poe,ann@example.com,(415) 555-0123\n")
			s.SendText(stage.Jane, "where is my parcel, it is late")
			stage.Until(t, "a ticket of Ann's", func() bool { return s.WaitForTicket(stage.Jane).ID != old.ID })
			k := s.Ticket(s.WaitForTicket(stage.Jane))
			if k.Customer.ID == old.Customer.ID || *k.Customer.Name != "Ann Poe" || from(k) != "ann@example.com" {
				t.Errorf("the new ticket is %q's, from %q", *k.Customer.Name, from(k))
			}
			text := stage.TicketText(k)
			if !strings.Contains(text, "parcel") || strings.Contains(text, "grinder") || strings.Contains(text, "Jane") || strings.Contains(text, "#") {
				t.Errorf("the new ticket says\n%s", text)
			}
			if was := stage.TicketText(s.Ticket(old)); strings.Contains(was, "parcel") || strings.Contains(was, "Ann") || name == "closed" && s.Ticket(old).Status != "closed" {
				t.Errorf("the old ticket, %s, says\n%s", s.Ticket(old).Status, was)
			}
			// The next text goes on in Ann's.
			s.SendText(stage.Jane, "hello?")
			stage.Until(t, "the next text", func() bool { return strings.Contains(stage.TicketText(s.Ticket(k)), "hello?") })
		})
	}
}

// TestCorrectedAddress: an address that a list corrects is used for the next
// text, and the same customer in the helpdesk gets it.
func TestCorrectedAddress(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	s.ImportCSV("First name,Last name,Email,Phone\nJane,Doe,jane.doe@example.org,(415) 555-0123\n")
	s.SendText(stage.Jane, "very loud")
	stage.Until(t, "the text in the same ticket", func() bool { return strings.Contains(stage.TicketText(s.Ticket(k)), "very loud") })
	if from(s.Ticket(k)) != "jane.doe@example.org" {
		t.Errorf("the text is from %q", from(s.Ticket(k)))
	}
	known := false
	customer, _ := s.World.Gorgias.Customer(k.Customer.ID)
	for _, c := range customer.Channels {
		known = known || c.Type == "email" && c.Address == "jane.doe@example.org"
	}
	if !known {
		t.Errorf("the customer has %+v", customer.Channels)
	}
}

// TestPhoneInTwoNotations: a list has a number in one notation, and its texts
// come in another.
func TestPhoneInTwoNotations(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.ImportCSV("phone,name,email,country\n55 1234 5678,Eva Sol,eva@example.com,MX\n")
	s.SendText("+5215512345678", "my grinder is loud")
	k := s.WaitForTicket("+525512345678")
	if *k.Customer.Name != "Eva Sol" || from(s.Ticket(k)) != "eva@example.com" {
		t.Errorf("the ticket is %q's, from %q", *k.Customer.Name, from(s.Ticket(k)))
	}
	if all, _, err := s.App.Store.Shoppers(context.Background(), s.Shop.ID); all != 4 || err != nil {
		t.Errorf("there are %d shoppers, %v", all, err)
	}
	// A short code is no number, and stays as it is.
	s.SendText("52155", "hello")
	if p := s.Conversation("52155").Shopper.Phone; string(p) != "52155" {
		t.Errorf("the short code became %q", string(p))
	}
}
