package hooks_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/server/e2e/stage"
)

// TestCardIsCurrent: the stored card is right without another event: it is
// fetched at the moment of the reply and of the close.
func TestCardIsCurrent(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	ben := s.World.Gorgias.Users()[1]
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	s.WaitForCardField(k, "state", "Waiting for an agent")
	_, err := s.World.Gorgias.Reply(k.ID, ben.ID, "Have you tried oil?")
	stage.Must(t, err)
	s.WaitForCardField(k, "state", "With Ben Okafor: answered")
	s.WaitForConversation(stage.Jane, "the answer is noted", stage.HasEvent(chat.RepliedByMail))
	s.SendText(stage.Jane, "please cancel my subscription")
	s.WaitForCardField(k, "state", "With Ben Okafor: the shopper waits for an answer")
	s.WaitForCardField(k, "wants", "End the subscription")
	stage.Until(t, "the new reason's tag", func() bool {
		return strings.Join(stage.TagsOf(s.Ticket(k)), " ") == "RechargeSMS sms-end-subscription"
	})
	stage.Must(t, s.World.Gorgias.SetStatus(k.ID, ben.ID, "closed"))
	s.WaitForCardField(k, "state", "Automation answers")
	s.WaitForConversation(stage.Jane, "automation has it again", stage.HasEvent(chat.HandedBack))
	s.SendText(stage.Jane, "my grinder is loud again")
	stage.Until(t, "the tags of the new reasons alone", func() bool {
		return strings.Join(stage.TagsOf(s.Ticket(k)), " ") == "RechargeSMS sms-not-understood"
	})
	s.SendText(stage.Jane, "CANCEL")
	s.WaitForCardField(k, "consent", "Stopped: no texts can be sent")
	s.WaitForCardField(k, "wants", "Texted CANCEL. It may mean the subscription: ask by e-mail")
}

// TestCardRequestParameters: the parameters of a card request count where they
// are newer than our own state.
func TestCardRequestParameters(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	s.WaitForTicket(stage.Jane)
	s.WaitUntilIdle()
	h := s.Helpdesk()
	ben := s.Agents()["Ben Okafor"]
	id := s.Conversation(stage.Jane).Ticket.Remote
	for name, test := range map[string]struct {
		query string
		want  string
	}{
		"as the first versions ask":     {"ticket=" + id, "Waiting for an agent"},
		"a note":                        {"ticket=" + id + "&status=open&via=helpdesk&channel=internal-note&agent=True&public=False&sender=" + ben, "Waiting for an agent"},
		"the shopper's text":            {"ticket=" + id + "&status=open&via=api&channel=email&agent=False&public=True&sender=9", "Waiting for an agent"},
		"a rule's answer":               {"ticket=" + id + "&status=open&via=rule&channel=email&agent=True&public=True&sender=" + ben, "Waiting for an agent"},
		"an answer":                     {"ticket=" + id + "&status=open&via=helpdesk&channel=email&agent=True&public=True&sender=" + ben, "With Ben Okafor: answered"},
		"an answer of an unknown agent": {"ticket=" + id + "&status=open&via=helpdesk&channel=email&agent=true&public=true&sender=4711", "With an agent: answered"},
		"a close":                       {"ticket=" + id + "&status=closed&via=None&agent=None", "Automation answers"},
		"a close of another ticket":     {"ticket=4711&external=" + string(s.Conversation(stage.Jane).Ticket.ID) + "&status=closed", "Waiting for an agent"},
		"an answer with a close":        {"ticket=" + id + "&status=closed&via=helpdesk&channel=email&agent=True&public=True&sender=" + ben, "Automation answers"},
		"no names of what is there":     {"ticket=" + id + "&status=&via=&channel=&agent=&public=&sender=", "Waiting for an agent"},
		"words where truth belongs":     {"ticket=" + id + "&agent=" + url.QueryEscape(`"><b>`) + "&public=yes&via=helpdesk", "Waiting for an agent"},
	} {
		var card map[string]string
		got := s.HelpdeskRequest("GET", "/hooks/gorgias/"+h.Endpoint+"/card?"+test.query, string(h.Secret), nil)
		if err := json.Unmarshal([]byte(got.Body), &card); err != nil || card["state"] != test.want {
			t.Errorf("%s: got %q, want %q (%v)", name, card["state"], test.want, err)
		}
	}
}

// TestCardState: the card's state is right in each case, whatever the ticket's
// newest message is.
func TestCardState(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	s.WaitUntilIdle()
	h := s.Helpdesk()
	checkState := func(when, query, want string) {
		t.Helper()
		var card map[string]string
		got := s.HelpdeskRequest("GET", "/hooks/gorgias/"+h.Endpoint+"/card?ticket="+s.Conversation(stage.Jane).Ticket.Remote+query, string(h.Secret), nil)
		if err := json.Unmarshal([]byte(got.Body), &card); err != nil || card["state"] != want {
			t.Errorf("%s: got %q, want %q (%v)", when, card["state"], want, err)
		}
	}
	const (
		shopper  = "&status=open&agent=False&public=True&sender=9"
		mail     = shopper + "&via=email&channel=email"
		closed   = "&status=closed"
		waits    = "With Ben Okafor: the shopper waits for an answer"
		answered = "With Ben Okafor: answered"
	)
	s.SendAsAgent(stage.Jane, "Have you tried oil?")
	checkState("answered by text", "", answered)
	checkState("the shopper writes an e-mail", mail, waits)
	checkState("a text that was put there late", shopper+"&via=api&channel=email", answered)
	checkState("the shopper chats", shopper+"&via=helpdesk&channel=chat", answered)
	checkState("the shopper's message that is not public", "&agent=False&public=False&via=email&channel=email", answered)
	s.SendText(stage.Jane, "yes, twice")
	checkState("a question", "", waits)
	s.SendAsAgent(stage.Jane, "We'll replace it.")
	s.SendText(stage.Jane, "STOP")
	checkState("STOP", "", answered)
	checkState("an e-mail of one who stopped texts", mail, waits)
	s.SendText(stage.Jane, "START")
	checkState("START", "", answered)
	s.SendText(stage.Jane, "when will it be here?")
	checkState("a question after START", "", waits)
	s.SendAsAgent(stage.Jane, "Tomorrow.")
	s.SendText(stage.Jane, "STOP")
	s.SendText(stage.Jane, "STOP")
	checkState("STOP once more", "", answered)
	s.SendText(stage.Jane, "START")

	s.WaitUntilIdle()
	stage.Must(t, s.World.Gorgias.SetStatus(k.ID, s.World.Gorgias.Users()[1].ID, "closed"))
	s.WaitForConversation(stage.Jane, "automation has it again", stage.HasEvent(chat.HandedBack))
	checkState("closed", closed, "Automation answers")
	s.SendAsAgent(stage.Jane, "It left today.")
	checkState("taken over on a closed ticket", closed, answered)
}

// TestCardWhenOptedOut: if texts are stopped and there is no escalation, the
// card says only that.
func TestCardWhenOptedOut(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	s.SendText(stage.Jane, "STOP")
	s.WaitUntilIdle()
	stage.Must(t, s.World.Gorgias.SetStatus(k.ID, s.World.Gorgias.Users()[1].ID, "closed"))
	s.WaitForCardField(k, "state", "Texts are stopped")
}

// TestCardNamesFiles: the card's last text names the files that came with it.
func TestCardNamesFiles(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	s.WaitForCardField(k, "last_text", "my grinder is loud")
	s.SendPictures(stage.Jane, "", twilio.Media{Type: "image/gif", Data: stage.SamplePictures(t)["image/gif"]})
	s.WaitForCardField(k, "last_text", "Sent a picture")
}

// TestCardWithoutEmail: the card says that a shopper has no e-mail address.
func TestCardWithoutEmail(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	stage.Must(t, s.App.Store.ChangeShop(t.Context(), s.Shop.ID, func(shop *chat.Shop) { shop.Settings.MustHaveBought = false }))
	const nobody = "+14155550199"
	s.SendText(nobody, "my grinder is loud")
	k := s.WaitForTicket(nobody)
	s.WaitForCardField(k, "email", "None known: a reply from this ticket can't be delivered")
	stage.Until(t, "the ticket says so", func() bool {
		return strings.Contains(stage.TicketText(s.Ticket(k)), "No e-mail address is known for this shopper: a reply from this ticket can't be delivered.")
	})
	for _, text := range s.World.Twilio.Accepted() {
		if strings.Contains(text.Body, "e-mail") {
			t.Errorf("the acknowledgement says %q", text.Body)
		}
	}
}
