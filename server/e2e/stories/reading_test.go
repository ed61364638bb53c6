package stories

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend"
	"sidetext/server/e2e/stage"
)

// TestReading: each text of the corpus comes from a phone of its own through
// the demo's page, which shows the outcome. The corpus is in keyword/testdata.
func TestReading(t *testing.T) {
	t.Parallel()
	const (
		stopped = "opted out"
		quiet   = "no SMS"
		replied = "replied"
	)
	// tag is that of the ticket, empty if there is none. QUOTE stands for our
	// answer to a text before.
	cases := []struct {
		before, text string
		photo        bool
		outcome, tag string
	}{
		{text: "Stop or I will report you", outcome: stopped, tag: "sms-not-understood"},
		{text: "stop who is this", outcome: stopped, tag: "sms-not-understood"},
		{text: "STOP THE TEXT", outcome: stopped},
		{text: "Can you stop by the office", outcome: quiet, tag: "sms-not-understood"},
		{text: "bus stop", outcome: quiet, tag: "sms-not-understood"},
		{text: "We have got to STOP wasting coffee", outcome: quiet, tag: "sms-not-understood"},
		{text: "sending the vanilla one, send the dark one instead", outcome: quiet, tag: "sms-not-understood"},
		{text: "STOP. Also cancel my subscription", outcome: stopped, tag: "sms-end-subscription"},
		{text: "Stop texting me. I want a refund", outcome: stopped, tag: "sms-not-understood"},
		{text: "REMOVE", outcome: stopped},
		{text: "un subscribe", outcome: stopped},
		{text: "ne m'écrivez plus", outcome: stopped},
		{text: "no me manden más mensajes", outcome: stopped},
		{text: "take me off autoship", outcome: replied, tag: "sms-end-subscription"},
		{text: "unsubscribe from the coffee club", outcome: replied, tag: "sms-end-subscription"},
		{text: "opt out of auto-renewal", outcome: replied, tag: "sms-end-subscription"},
		{text: "Don't message me on Instagram, text me here", outcome: quiet, tag: "sms-not-understood"},
		{text: "delete my number, use my wife's 415 555 0134", outcome: quiet, tag: "sms-maybe-opt-out"},
		{text: "please cancel", outcome: quiet, tag: "sms-maybe-opt-out"},
		{before: "help please", text: "Removed 👍 from “QUOTE”", outcome: quiet},
		{before: "help please", text: "Le gusta “QUOTE”", outcome: quiet},
		{before: "help please", text: "Liked “QUOTE", outcome: quiet},
		{text: "Liked “Reply STOP to end texts", outcome: quiet},
		{text: "👍 to 'Reply STOP to unsubscribe.'", outcome: quiet},
		{text: "I got this text: Reply STOP to end texts. Is it a scam?", outcome: quiet, tag: "sms-maybe-opt-out"},
		{text: `Change to "decaf"`, outcome: quiet, tag: "sms-not-understood"},
		{text: `Loved "Dawn" but I need to return "Dusk"`, outcome: quiet, tag: "sms-not-understood"},
		{text: "Sorry, my phone is on Do Not Disturb", outcome: quiet},
		{text: "cancel my order", outcome: replied, tag: "sms-change-order"},
		{text: "Where is my package??", outcome: replied, tag: "sms-order-status"},
		{text: "ok?", outcome: quiet, tag: "sms-not-understood"},
		{text: "thanks asap please", outcome: quiet, tag: "sms-not-understood"},
		{text: "thanks", photo: true, outcome: quiet, tag: "sms-not-understood"},
		{text: "thanks", outcome: quiet},
	}
	var phones []pretend.Shopper
	for i := range cases {
		phones = append(phones, pretend.Shopper{Name: "Pat", Email: fmt.Sprintf("pat%d@example.com", i), Phone: fmt.Sprintf("+141555502%02d", i)})
	}
	s := stage.New(t, phones...)
	var people []chat.Shopper
	for _, p := range phones {
		people = append(people, chat.Shopper{ID: chat.NewID[chat.ShopperID](time.Now()), Phone: chat.Phone(p.Phone), Name: p.Name, Email: p.Email})
	}
	_, err := s.App.Store.ImportShoppers(t.Context(), s.Shop.ID, people)
	stage.Must(t, err)
	c := s.Client()
	post := func(from, text string, photo bool) {
		t.Helper()
		if status := c.Call(http.MethodPost, "/demo/world/text", map[string]any{"from": from, "text": text, "photo": photo}, nil); status != http.StatusOK {
			t.Fatalf("%q: the page answers %d", text, status)
		}
	}
	for i, test := range cases {
		if from := phones[i].Phone; test.before != "" {
			post(from, test.before, false)
			answer := ""
			stage.Until(t, "an answer to "+test.before, func() bool {
				sent := s.Page(c).Sent(from)
				if len(sent) > 0 {
					answer = sent[0]
				}
				return answer != ""
			})
			test.text = strings.ReplaceAll(test.text, "QUOTE", answer)
		}
		post(phones[i].Phone, test.text, test.photo)
		stored := func() bool {
			for _, e := range s.Conversation(phones[i].Phone).Entries {
				if e.Way == chat.In && e.Text == test.text {
					return true
				}
			}
			return false
		}
		stage.Until(t, fmt.Sprintf("%q is stored", test.text), stored)
	}
	// The last to be sent to the helpdesk is the last but one text's.
	for i, test := range cases {
		from, email, before := phones[i].Phone, phones[i].Email, 0
		if test.before != "" {
			before = 1
		}
		if test.tag != "" {
			stage.Until(t, fmt.Sprintf("%q: a ticket with %s", test.text, test.tag), func() bool { return s.Page(c).Tags(email)[test.tag] })
		}
		if test.outcome == replied {
			stage.Until(t, fmt.Sprintf("%q: an answer", test.text), func() bool { return len(s.Page(c).Sent(from)) == 1 })
		}
		page := s.Page(c)
		if sent := page.Sent(from); test.outcome != replied && len(sent) > before {
			t.Errorf("%q: an SMS was sent", test.text)
		}
		if tags := page.Tags(email); test.tag == "" && len(tags) > 0 && test.outcome != stopped {
			t.Errorf("%q: a ticket with %v", test.text, tags)
		}
		if out := s.Conversation(from).Conversation.OptedOut; out != (test.outcome == stopped) {
			t.Errorf("%q: opted out is %v", test.text, out)
		}
	}
}
