package stories

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/twilio"
)

// cardNow is the card that the helpdesk keeps: the answer to its newest call.
func (s *stage) cardNow(k gorgias.Ticket) (card map[string]string) {
	for _, c := range s.World.Gorgias.Calls() {
		if c.Ticket == k.ID && c.Status == 200 && strings.Contains(c.URL, "/card?") {
			card = map[string]string{}
			_ = json.Unmarshal([]byte(c.Body), &card)
		}
	}
	return card
}

// showsCard waits for a field of the card that the helpdesk keeps.
func (s *stage) showsCard(k gorgias.Ticket, field, want string) {
	s.t.Helper()
	until(s.t, "a card with "+field+" "+want, func() bool { return s.cardNow(k)[field] == want })
}

// The card that the helpdesk keeps is true without another event: it is asked for
// at the moment of the answer and of the close.
func TestTheCardsStateIsTrue(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ben := s.World.Gorgias.Users()[1]
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	s.showsCard(k, "state", "Waiting for an agent")
	_, err := s.World.Gorgias.Reply(k.ID, ben.ID, "Have you tried oil?")
	must(t, err)
	s.showsCard(k, "state", "With Ben Okafor: answered")
	s.until(jane, "the answer is noted", happened(chat.RepliedByMail))
	s.text(jane, "please cancel my subscription")
	s.showsCard(k, "state", "With Ben Okafor: the shopper waits for an answer")
	s.showsCard(k, "wants", "End the subscription")
	until(t, "the new reason's tag", func() bool {
		return strings.Join(tagsOf(s.ticket(k)), " ") == "RechargeSMS sms-end-subscription"
	})
	must(t, s.World.Gorgias.SetStatus(k.ID, ben.ID, "closed"))
	s.showsCard(k, "state", "Automation answers")
	s.until(jane, "automation has it again", happened(chat.HandedBack))
	s.text(jane, "my grinder is loud again")
	until(t, "the tags of the new reasons alone", func() bool {
		return strings.Join(tagsOf(s.ticket(k)), " ") == "RechargeSMS sms-not-understood"
	})
	s.text(jane, "CANCEL")
	s.showsCard(k, "consent", "Stopped: no texts can be sent")
	s.showsCard(k, "wants", "Texted CANCEL. It may mean the subscription: ask by e-mail")
}

// What the helpdesk says when it asks is believed of what it has only just told.
func TestWhatTheCardIsAskedFor(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	s.ticketOf(jane)
	s.settled()
	h := s.helpdesk()
	ben := s.agents()["Ben Okafor"]
	id := s.conversation(jane).Ticket.Remote
	for name, test := range map[string]struct {
		query string
		want  string
	}{
		"as the first versions ask": {"ticket=" + id, "Waiting for an agent"},
		"a note":                    {"ticket=" + id + "&status=open&via=helpdesk&channel=internal-note&agent=True&public=False&sender=" + ben, "Waiting for an agent"},
		"the shopper's text":        {"ticket=" + id + "&status=open&via=api&channel=email&agent=False&public=True&sender=9", "Waiting for an agent"},
		"a rule's answer":           {"ticket=" + id + "&status=open&via=rule&channel=email&agent=True&public=True&sender=" + ben, "Waiting for an agent"},
		"an answer":                 {"ticket=" + id + "&status=open&via=helpdesk&channel=email&agent=True&public=True&sender=" + ben, "With Ben Okafor: answered"},
		"an answer of somebody new": {"ticket=" + id + "&status=open&via=helpdesk&channel=email&agent=true&public=true&sender=4711", "With an agent: answered"},
		"a close":                   {"ticket=" + id + "&status=closed&via=None&agent=None", "Automation answers"},
		"a close of another ticket": {"ticket=4711&external=" + string(s.conversation(jane).Ticket.ID) + "&status=closed", "Waiting for an agent"},
		"an answer with a close":    {"ticket=" + id + "&status=closed&via=helpdesk&channel=email&agent=True&public=True&sender=" + ben, "Automation answers"},
		"no names of what is there": {"ticket=" + id + "&status=&via=&channel=&agent=&public=&sender=", "Waiting for an agent"},
		"words where truth belongs": {"ticket=" + id + "&agent=" + url.QueryEscape(`"><b>`) + "&public=yes&via=helpdesk", "Waiting for an agent"},
	} {
		var card map[string]string
		got := s.ask("GET", "/hooks/gorgias/"+h.Endpoint+"/card?"+test.query, string(h.Secret), nil)
		if err := json.Unmarshal([]byte(got.Body), &card); err != nil || card["state"] != test.want {
			t.Errorf("%s: got %q, want %q (%v)", name, card["state"], test.want, err)
		}
	}
}

// What the card says is true in each of these states, whatever the helpdesk says
// of the ticket's newest message.
func TestWhoWaitsOnTheCard(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	s.settled()
	h := s.helpdesk()
	says := func(when, query, want string) {
		t.Helper()
		var card map[string]string
		got := s.ask("GET", "/hooks/gorgias/"+h.Endpoint+"/card?ticket="+s.conversation(jane).Ticket.Remote+query, string(h.Secret), nil)
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
	s.say(jane, "Have you tried oil?")
	says("answered by text", "", answered)
	says("the shopper writes an e-mail", mail, waits)
	says("a text that was put there late", shopper+"&via=api&channel=email", answered)
	says("the shopper chats", shopper+"&via=helpdesk&channel=chat", answered)
	says("the shopper's message that is not public", "&agent=False&public=False&via=email&channel=email", answered)
	s.text(jane, "yes, twice")
	says("a question", "", waits)
	s.say(jane, "We'll replace it.")
	s.text(jane, "STOP")
	says("STOP", "", answered)
	says("an e-mail of one who stopped texts", mail, waits)
	s.text(jane, "START")
	says("START", "", answered)
	s.text(jane, "when will it be here?")
	says("a question after START", "", waits)
	s.say(jane, "Tomorrow.")
	s.text(jane, "STOP")
	s.text(jane, "STOP")
	says("STOP once more", "", answered)
	s.text(jane, "START")

	s.settled()
	must(t, s.World.Gorgias.SetStatus(k.ID, s.World.Gorgias.Users()[1].ID, "closed"))
	s.until(jane, "automation has it again", happened(chat.HandedBack))
	says("closed", closed, "Automation answers")
	s.say(jane, "It left today.")
	says("taken over on a closed ticket", closed, answered)
}

// Texts are stopped and no person has the conversation: the card says only that.
func TestTheCardOfStoppedTexts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	s.text(jane, "STOP")
	s.settled()
	must(t, s.World.Gorgias.SetStatus(k.ID, s.World.Gorgias.Users()[1].ID, "closed"))
	s.showsCard(k, "state", "Texts are stopped")
}

// The card's last text names what came with it.
func TestTheCardsLastTextNamesFiles(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	s.showsCard(k, "last_text", "my grinder is loud")
	s.sends(jane, "", twilio.Media{Type: "image/gif", Data: drawn(t)["image/gif"]})
	s.showsCard(k, "last_text", "Sent a picture")
}

// A shopper without an e-mail address: the card says so.
func TestTheCardWithoutAnAddress(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	must(t, s.App.Store.ChangeShop(t.Context(), s.Shop.ID, func(shop *chat.Shop) { shop.Settings.MustHaveBought = false }))
	const nobody = "+14155550199"
	s.text(nobody, "my grinder is loud")
	k := s.ticketOf(nobody)
	s.showsCard(k, "email", "None known: a reply from this ticket can't be delivered")
	until(t, "the ticket says so", func() bool {
		return strings.Contains(all(s.ticket(k)), "No e-mail address is known for this shopper: a reply from this ticket can't be delivered.")
	})
	for _, text := range s.World.Twilio.Accepted() {
		if strings.Contains(text.Body, "e-mail") {
			t.Errorf("the acknowledgement says %q", text.Body)
		}
	}
}
