package hooks_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
)

func TestHelpdeskSecret(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "where is my order")
	k := s.WaitForTicket(stage.Jane)
	h := s.Helpdesk()
	s.Log.AddSecrets(string(h.Secret), h.Endpoint)
	event := map[string]string{"ticket_id": fmt.Sprint(k.ID), "ticket_status": "closed", "message_id": "9", "message_from_agent": "True", "message_public": "True", "message_via": "helpdesk", "message_channel": "email"}
	card := fmt.Sprintf("/card?ticket=%d", k.ID)
	at := "/hooks/gorgias/" + h.Endpoint
	nowhere := "/hooks/gorgias/" + rand.Text()
	rev := s.Conversation(stage.Jane).Conversation.Rev
	refused := s.Metric("sidetext_hooks_refused_total")
	for _, secret := range []string{"", "wrong", string(h.Secret) + "x", string(h.Secret)[1:], strings.ToUpper(string(h.Secret)), h.Endpoint} {
		for _, got := range []stage.Response{s.HelpdeskRequest("POST", at+"/event", secret, event), s.HelpdeskRequest("GET", at+card, secret, nil)} {
			if got.Status != 404 || got.Body != "" {
				t.Errorf("with the secret %q: got %+v", secret, got)
			}
		}
	}
	if n := s.Metric("sidetext_hooks_refused_total") - refused; n != 12 {
		t.Errorf("%v of 12 were counted", n)
	}
	for _, got := range []stage.Response{
		s.HelpdeskRequest("POST", nowhere+"/event", string(h.Secret), event), s.HelpdeskRequest("GET", nowhere+card, string(h.Secret), nil),
		s.HelpdeskRequest("POST", at+"/event?secret="+string(h.Secret), "", event), s.HelpdeskRequest("GET", at+"/event", string(h.Secret), nil), s.HelpdeskRequest("POST", at+card, string(h.Secret), nil),
	} {
		if got.Status != 404 || got.Body != "" {
			t.Errorf("got %+v", got)
		}
	}
	for _, body := range []string{"", "{", "[]", "null", `{"ticket_id":"x"}`, `{"ticket_id":1}{}`, "\x00", strings.Repeat("[", 100_000)} {
		if got := s.HelpdeskRequest("POST", at+"/event", string(h.Secret), body); got.Status != 400 || got.Body != "" {
			t.Errorf("%.20q: got %+v", body, got)
		}
	}
	if got := s.HelpdeskRequest("POST", at+"/event", string(h.Secret), map[string]any{"ticket_id": 1, "ticket_status": "closed"}); got.Status != 200 || got.Body != "{}" {
		t.Errorf("another customer's ticket: got %+v", got)
	}
	s.WaitUntilIdle()
	if now := s.Conversation(stage.Jane); stage.CountEvents(now.Entries, chat.RepliedByMail)+stage.CountEvents(now.Entries, chat.TicketClosed) != 0 || now.Conversation.Rev < rev {
		t.Errorf("it was believed: %+v", now.Entries)
	}
}

// TestAgentActsInHelpdesk: an agent replies by e-mail, closes and reopens the
// ticket.
func TestAgentActsInHelpdesk(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	agent := s.World.Gorgias.Users()[1]
	if got := fmt.Sprint(stage.TagsOf(k)); got != "[RechargeSMS sms-not-understood]" {
		t.Error("tags are", got)
	}
	answered, err := s.World.Gorgias.Reply(k.ID, agent.ID, "Have you tried oil?")
	stage.Must(t, err)
	s.WaitForConversation(stage.Jane, "the answer is noted", stage.HasEvent(chat.RepliedByMail))
	mails := s.World.Gorgias.Outbox()
	if mail := mails[len(mails)-1]; mail.To != "jane@example.com" || !strings.Contains(mail.Text, "> ") || !strings.Contains(mail.Text, "my grinder is loud") {
		t.Errorf("mailed %+v", mail)
	}
	// The helpdesk calls once more, as it may.
	again := ""
	stage.Until(t, "the call about the answer", func() bool {
		for _, c := range s.World.Gorgias.Calls() {
			if strings.HasSuffix(c.URL, "/event") && strings.Contains(c.Sent, fmt.Sprintf(`"message_id":"%d"`, answered)) {
				again = c.Sent
			}
		}
		return again != ""
	})
	var calls sync.WaitGroup
	for range 5 {
		calls.Go(func() {
			if got := s.HelpdeskRequest("POST", "/hooks/gorgias/"+s.Helpdesk().Endpoint+"/event", string(s.Helpdesk().Secret), again); got.Status != 200 {
				t.Errorf("got %+v", got)
			}
		})
	}
	calls.Wait()
	noted := s.Conversation(stage.Jane).Entries
	if n := stage.CountEvents(noted, chat.RepliedByMail); n != 1 {
		t.Errorf("noted %d times", n)
	}
	for _, e := range noted {
		if e.Event == chat.RepliedByMail && (e.By.Name != "Ben Okafor" || e.By.Role != chat.ByAgent) {
			t.Errorf("answered by %+v", e.By)
		}
	}

	stage.Must(t, s.World.Gorgias.SetStatus(k.ID, agent.ID, "closed"))
	snapshot := s.WaitForConversation(stage.Jane, "automation has it again", stage.HasEvent(chat.HandedBack))
	if stage.CountEvents(snapshot.Entries, chat.TicketClosed) != 1 || snapshot.Conversation.Mode != chat.Automated || snapshot.Escalation != nil || snapshot.Ticket.Open {
		t.Errorf("after closing: %+v", snapshot)
	}
	stage.Must(t, s.World.Gorgias.SetStatus(k.ID, agent.ID, "open"))
	snapshot = s.WaitForConversation(stage.Jane, "a person has it again", stage.HasEvent(chat.TicketReopened))
	if snapshot.Conversation.Mode != chat.Human || snapshot.Escalation == nil || !snapshot.Ticket.Open {
		t.Errorf("after opening: %+v", snapshot)
	}
	s.WaitUntilIdle()
	if n := len(s.World.Gorgias.Tickets()); n != 3 { // two were there before
		t.Errorf("there are %d tickets", n)
	}
	if texts := s.World.Twilio.Accepted(); len(texts) != 0 {
		t.Errorf("the shopper was texted %+v", texts)
	}
}

// TestOwnWritesCauseNothing: what we write in the helpdesk causes events, which
// must not cause more writes.
func TestOwnWritesCauseNothing(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	s.SendAsAgent(stage.Jane, "Have you tried oil?").WaitForState(chat.Delivered)
	s.SendText(stage.Jane, "yes, and it is still loud")
	s.WaitUntilIdle()
	begin := len(s.World.Gorgias.Requests())
	text := stage.TicketText(s.Ticket(k))
	for _, c := range s.World.Gorgias.Calls() {
		if strings.HasSuffix(c.URL, "/event") {
			s.HelpdeskRequest("POST", "/hooks/gorgias/"+s.Helpdesk().Endpoint+"/event", string(s.Helpdesk().Secret), c.Sent)
		}
	}
	s.WaitUntilIdle()
	for _, r := range s.World.Gorgias.Requests()[begin:] {
		if r.Method != http.MethodGet {
			t.Errorf("wrote once more: %s %s", r.Method, r.Path)
		}
	}
	if now := stage.TicketText(s.Ticket(k)); now != text {
		t.Errorf("the ticket went on to say %s", strings.TrimPrefix(now, text))
	}
	if n := stage.CountEvents(s.Conversation(stage.Jane).Entries, chat.RepliedByMail); n != 0 {
		t.Errorf("our own notes count as %d answers by mail", n)
	}
	begin = len(s.World.Gorgias.Requests())
	s.WaitUntilIdle()
	if n := len(s.World.Gorgias.Requests()); n != begin {
		t.Errorf("%d requests without a reason", n-begin)
	}
}

func TestCard(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	snapshot := s.Conversation(stage.Jane)
	h := s.Helpdesk()
	card := func(query string) (card map[string]string) {
		t.Helper()
		got := s.HelpdeskRequest("GET", "/hooks/gorgias/"+h.Endpoint+"/card?"+query, string(h.Secret), nil)
		if got.Status != 200 || !strings.HasPrefix(got.Kind, "application/json") || json.Unmarshal([]byte(got.Body), &card) != nil {
			t.Fatalf("%s: got %+v", query, got)
		}
		return card
	}
	for _, query := range []string{
		fmt.Sprintf("ticket=%d", k.ID), "external=" + string(snapshot.Ticket.ID), fmt.Sprintf("customer=%d", k.Customer.ID),
		fmt.Sprintf("ticket=None&external=None&customer=%d", k.Customer.ID), fmt.Sprintf("ticket=1&external=%s&customer=2", snapshot.Ticket.ID),
	} {
		got := card(query)
		launch := got["launch"]
		shop, id, err := s.App.Launcher.Read(launch, time.Now())
		if err != nil || shop != s.Shop.ID || id != snapshot.Conversation.ID {
			t.Errorf("%s: the token leads to %q, %q: %v", query, shop, id, err)
		}
		delete(got, "launch")
		delete(got, "last_text_at")
		if want := fmt.Sprint(map[string]string{
			"name": "Jane Doe", "phone": "+1 415 555 0123", "email": "jane@example.com", "consent": "Allowed", "wants": "Something automation did not understand",
			"last_text": "my grinder is loud", "state": "Waiting for an agent",
		}); fmt.Sprint(got) != want {
			t.Errorf("%s: got %v", query, got)
		}
	}
	for _, query := range []string{"", "ticket=1", "ticket=&external=&customer=", "ticket=None", "external=%00", "customer=" + strings.Repeat("9", 400), "ticket=%ff"} {
		if got := card(query); len(got) != 0 {
			t.Errorf("%q: got %v", query, got)
		}
	}
}
