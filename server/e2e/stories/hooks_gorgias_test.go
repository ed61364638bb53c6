package stories

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
	"sidetext/widget"
)

// helpdesk is how the shop's helpdesk is connected.
func (s *stage) helpdesk() chat.Helpdesk {
	s.t.Helper()
	h, err := s.App.Store.Helpdesk(context.Background(), s.Shop.ID)
	must(s.t, err)
	return h
}

// ask calls us as the helpdesk does.
func (s *stage) ask(method, path, secret string, body any) answer {
	s.t.Helper()
	var in bytes.Buffer
	if text, ok := body.(string); ok {
		in.WriteString(text)
	} else if body != nil {
		must(s.t, json.NewEncoder(&in).Encode(body))
	}
	req, err := http.NewRequest(method, s.url+path, &in)
	must(s.t, err)
	if secret != "" {
		req.Header.Set(widget.SecretHeader, secret)
	}
	resp, err := http.DefaultClient.Do(req)
	must(s.t, err)
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	must(s.t, err)
	return answer{resp.StatusCode, resp.Header.Get("Content-Type"), string(out)}
}

// settled waits until nothing is left to be done, and no vendor is talking.
func (s *stage) settled() {
	s.t.Helper()
	quiet, seen := 0, -1
	until(s.t, "all is done", func() bool {
		backlogs, err := s.App.Store.Backlogs(context.Background(), s.Shop.ID)
		must(s.t, err)
		for _, b := range backlogs {
			if b.Ready+b.Running > 0 {
				quiet = 0
			}
		}
		if n := len(s.World.Gorgias.Requests()) + len(s.World.Gorgias.Calls()) + len(s.World.Twilio.Calls()); n != seen {
			quiet, seen = 0, n
		}
		quiet++
		return quiet > 40
	})
}

func count(entries []chat.Entry, event chat.Event) (n int) {
	for _, e := range entries {
		if e.Event == event {
			n++
		}
	}
	return n
}

func (s *stage) until(phone, what string, ok func(chat.Snapshot) bool) chat.Snapshot {
	s.t.Helper()
	var sight chat.Snapshot
	until(s.t, what, func() bool { sight = s.conversation(phone); return ok(sight) })
	return sight
}

func happened(event chat.Event) func(chat.Snapshot) bool {
	return func(s chat.Snapshot) bool { return count(s.Entries, event) > 0 }
}

func tagsOf(k gorgias.Ticket) (names []string) {
	for _, tag := range k.Tags {
		names = append(names, tag.Name)
	}
	return names
}

// all is everything that a ticket says, a message to a line.
func all(k gorgias.Ticket) string {
	var out strings.Builder
	for _, m := range k.Messages {
		fmt.Fprintf(&out, "%s from %v: %s\n\n", m.Channel, m.FromAgent, words(m))
	}
	return out.String()
}

func (s *stage) ticket(k gorgias.Ticket) gorgias.Ticket {
	now, _ := s.World.Gorgias.Ticket(k.ID)
	return now
}

func TestHelpdeskWithoutItsSecret(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "where is my order")
	k := s.ticketOf(jane)
	h := s.helpdesk()
	s.log.private(string(h.Secret), h.Endpoint)
	event := map[string]string{"ticket_id": fmt.Sprint(k.ID), "ticket_status": "closed", "message_id": "9", "message_from_agent": "True", "message_public": "True", "message_via": "helpdesk", "message_channel": "email"}
	card := fmt.Sprintf("/card?ticket=%d", k.ID)
	at := "/hooks/gorgias/" + h.Endpoint
	nowhere := "/hooks/gorgias/" + rand.Text()
	rev := s.conversation(jane).Conversation.Rev
	refused := s.counted("sidetext_hooks_refused_total")
	for _, secret := range []string{"", "wrong", string(h.Secret) + "x", string(h.Secret)[1:], strings.ToUpper(string(h.Secret)), h.Endpoint} {
		for _, got := range []answer{s.ask("POST", at+"/event", secret, event), s.ask("GET", at+card, secret, nil)} {
			if got.Status != 404 || got.Body != "" {
				t.Errorf("with the secret %q: got %+v", secret, got)
			}
		}
	}
	if n := s.counted("sidetext_hooks_refused_total") - refused; n != 12 {
		t.Errorf("%v of 12 were counted", n)
	}
	for _, got := range []answer{
		s.ask("POST", nowhere+"/event", string(h.Secret), event), s.ask("GET", nowhere+card, string(h.Secret), nil),
		s.ask("POST", at+"/event?secret="+string(h.Secret), "", event), s.ask("GET", at+"/event", string(h.Secret), nil), s.ask("POST", at+card, string(h.Secret), nil),
	} {
		if got.Status != 404 || got.Body != "" {
			t.Errorf("got %+v", got)
		}
	}
	for _, body := range []string{"", "{", "[]", "null", `{"ticket_id":"x"}`, `{"ticket_id":1}{}`, "\x00", strings.Repeat("[", 100_000)} {
		if got := s.ask("POST", at+"/event", string(h.Secret), body); got.Status != 400 || got.Body != "" {
			t.Errorf("%.20q: got %+v", body, got)
		}
	}
	if got := s.ask("POST", at+"/event", string(h.Secret), map[string]any{"ticket_id": 1, "ticket_status": "closed"}); got.Status != 200 || got.Body != "{}" {
		t.Errorf("somebody else's ticket: got %+v", got)
	}
	s.settled()
	if now := s.conversation(jane); count(now.Entries, chat.RepliedByMail)+count(now.Entries, chat.TicketClosed) != 0 || now.Conversation.Rev < rev {
		t.Errorf("it was believed: %+v", now.Entries)
	}
}

// TestAgentInTheHelpdesk answers by mail, closes and opens the ticket.
func TestAgentInTheHelpdesk(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	agent := s.World.Gorgias.Users()[1]
	if got := fmt.Sprint(tagsOf(k)); got != "[RechargeSMS sms-not-understood]" {
		t.Error("tags are", got)
	}
	answered, err := s.World.Gorgias.Reply(k.ID, agent.ID, "Have you tried oil?")
	must(t, err)
	s.until(jane, "the answer is noted", happened(chat.RepliedByMail))
	mails := s.World.Gorgias.Outbox()
	if mail := mails[len(mails)-1]; mail.To != "jane@example.com" || !strings.Contains(mail.Text, "> ") || !strings.Contains(mail.Text, "my grinder is loud") {
		t.Errorf("mailed %+v", mail)
	}
	// The helpdesk calls once more, as it may.
	again := ""
	until(t, "the call about the answer", func() bool {
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
			if got := s.ask("POST", "/hooks/gorgias/"+s.helpdesk().Endpoint+"/event", string(s.helpdesk().Secret), again); got.Status != 200 {
				t.Errorf("got %+v", got)
			}
		})
	}
	calls.Wait()
	noted := s.conversation(jane).Entries
	if n := count(noted, chat.RepliedByMail); n != 1 {
		t.Errorf("noted %d times", n)
	}
	for _, e := range noted {
		if e.Event == chat.RepliedByMail && (e.By.Name != "Ben Okafor" || e.By.Role != chat.ByAgent) {
			t.Errorf("answered by %+v", e.By)
		}
	}

	must(t, s.World.Gorgias.SetStatus(k.ID, agent.ID, "closed"))
	sight := s.until(jane, "automation has it again", happened(chat.HandedBack))
	if count(sight.Entries, chat.TicketClosed) != 1 || sight.Conversation.Mode != chat.Automated || sight.Escalation != nil || sight.Ticket.Open {
		t.Errorf("after closing: %+v", sight)
	}
	must(t, s.World.Gorgias.SetStatus(k.ID, agent.ID, "open"))
	sight = s.until(jane, "a person has it again", happened(chat.TicketReopened))
	if sight.Conversation.Mode != chat.Human || sight.Escalation == nil || !sight.Ticket.Open {
		t.Errorf("after opening: %+v", sight)
	}
	s.settled()
	if n := len(s.World.Gorgias.Tickets()); n != 3 { // two were there before
		t.Errorf("there are %d tickets", n)
	}
	if texts := s.World.Twilio.Accepted(); len(texts) != 0 {
		t.Errorf("the shopper was texted %+v", texts)
	}
}

// TestOwnWritesAreNoNews: what we do in the helpdesk makes it call us, and that
// must not make us do more.
func TestOwnWritesAreNoNews(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	s.say(jane, "Have you tried oil?").becomes(chat.Delivered)
	s.text(jane, "yes, and it is still loud")
	s.settled()
	begin := len(s.World.Gorgias.Requests())
	said := all(s.ticket(k))
	for _, c := range s.World.Gorgias.Calls() {
		if strings.HasSuffix(c.URL, "/event") {
			s.ask("POST", "/hooks/gorgias/"+s.helpdesk().Endpoint+"/event", string(s.helpdesk().Secret), c.Sent)
		}
	}
	s.settled()
	for _, r := range s.World.Gorgias.Requests()[begin:] {
		if r.Method != http.MethodGet {
			t.Errorf("wrote once more: %s %s", r.Method, r.Path)
		}
	}
	if now := all(s.ticket(k)); now != said {
		t.Errorf("the ticket went on to say %s", strings.TrimPrefix(now, said))
	}
	if n := count(s.conversation(jane).Entries, chat.RepliedByMail); n != 0 {
		t.Errorf("our own notes count as %d answers by mail", n)
	}
	begin = len(s.World.Gorgias.Requests())
	s.settled()
	if n := len(s.World.Gorgias.Requests()); n != begin {
		t.Errorf("%d requests without a reason", n-begin)
	}
}

func TestCard(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	sight := s.conversation(jane)
	h := s.helpdesk()
	card := func(query string) (card map[string]string) {
		t.Helper()
		got := s.ask("GET", "/hooks/gorgias/"+h.Endpoint+"/card?"+query, string(h.Secret), nil)
		if got.Status != 200 || !strings.HasPrefix(got.Kind, "application/json") || json.Unmarshal([]byte(got.Body), &card) != nil {
			t.Fatalf("%s: got %+v", query, got)
		}
		return card
	}
	for _, query := range []string{
		fmt.Sprintf("ticket=%d", k.ID), "external=" + string(sight.Ticket.ID), fmt.Sprintf("customer=%d", k.Customer.ID),
		fmt.Sprintf("ticket=None&external=None&customer=%d", k.Customer.ID), fmt.Sprintf("ticket=1&external=%s&customer=2", sight.Ticket.ID),
	} {
		got := card(query)
		launch := got["launch"]
		shop, id, err := s.App.Launcher.Read(launch, time.Now())
		if err != nil || shop != s.Shop.ID || id != sight.Conversation.ID {
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
