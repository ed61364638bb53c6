package bridge

import (
	"context"

	"sidetext/chat"
)

// addNotes adds to a new ticket what agents should know about it. With resumed
// set, an earlier try may have added the notes. A note that the helpdesk refuses
// is left out.
func (s *ticketSync) addNotes(ctx context.Context, resumed bool) error {
	k := s.snapshot.Ticket
	if k.Before != "" {
		_, err := addNote(ctx, s.desk, k.Remote, string(k.ID)+"-before", "Earlier texts with this shopper are in ticket #"+k.Before+".", resumed)
		if err := s.ignoreRefusal(err, "note on earlier ticket refused"); err != nil {
			return err
		}
	}
	if s.snapshot.Shopper.Email != "" {
		return nil
	}
	_, err := addNote(ctx, s.desk, k.Remote, string(k.ID)+"-no-email", noEmailNote(s.snapshot), resumed)
	return s.ignoreRefusal(err, "note on missing e-mail address refused")
}

// noEmailNote says how to answer a shopper without an e-mail address.
func noEmailNote(s chat.Snapshot) string {
	const unreachable = "No e-mail address is known for this shopper: a reply from this ticket can't be delivered."
	if s.Conversation.OptedOut || !s.Shopper.Phone.Reachable() {
		return unreachable + " No texts can be sent either."
	}
	return unreachable + " Answer with “Text via SMS” in the sidebar."
}

// optOutNote says that a shopper opted out, and how to answer now.
func optOutNote(p chat.Shopper) string {
	const optedOut = "The shopper wants no more texts. Nothing can be sent by SMS until they text START"
	if p.Email == "" {
		return optedOut + ". No e-mail address is known, so a reply from this ticket can't be delivered."
	}
	return optedOut + "; e-mail still works."
}

// agentTextNote shows a text that an agent sent by SMS, and whether it may not
// have arrived.
func agentTextNote(e chat.Entry) string {
	note := e.By.Name + " texted by SMS"
	if e.ResendOf > 0 {
		note += " once more"
	}
	switch {
	case e.State == chat.Saved && e.Problem != nil:
		note += " (waiting to be sent: " + e.Problem.Text + ")"
	case e.State == chat.Unknown:
		note += " (delivery unknown)"
	case e.State == chat.Failed && e.Problem != nil:
		note += " (it did not arrive: " + e.Problem.Text + ")"
	}
	return note + ": " + e.Text
}
