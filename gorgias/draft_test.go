package gorgias_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/gorgias"
)

func talk() gorgias.Talk {
	return gorgias.Talk{
		Shopper:  chat.Shopper{Name: "Jane Doe", Email: "jane@example.com", Phone: "+14155550100"},
		Phone:    "+1 415-555-0100",
		Customer: gorgias.Customer{ID: 9, Name: "J. Doe", Email: "jane@work.example.com"},
		Support:  gorgias.Mailbox{Name: "Acme", Address: "support@acme.com"},
		Entries:  []chat.Entry{in(day, "end it\n<now>"), event(day.Add(time.Minute), chat.Escalated, "")},
	}
}

func wire(t *testing.T, v any) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// The shapes are those of Gorgias' documents: "create a ticket", "create a
// message". An inbound message must not have a receiver.
func TestTicket(t *testing.T) {
	t.Parallel()
	got := wire(t, talk().Ticket("conv-1", "msg-1", "RechargeSMS", "", "end_subscription", "RechargeSMS"))
	want := `{"channel":"email","via":"api","status":"open","from_agent":false,"subject":"SMS from Jane Doe (+1 415-555-0100)",` +
		`"external_id":"conv-1","customer":{"id":9},"tags":[{"name":"RechargeSMS"},{"name":"end_subscription"}],"messages":[{` +
		`"channel":"email","via":"api","from_agent":false,"public":true,"sender":{"id":9},` +
		`"source":{"type":"email","from":{"name":"Jane Doe","address":"jane@work.example.com"},"to":[{"name":"Acme","address":"support@acme.com"}]},` +
		`"subject":"SMS from Jane Doe (+1 415-555-0100)",` +
		`"body_text":"22 November 2026, times in UTC\nJane Doe, 14:05: end it\n    <now>\n– 14:06: Handed to a person",` +
		`"body_html":"<p><em>22 November 2026, times in UTC</em></p><p><strong>Jane Doe, 14:05:</strong> end it<br>&lt;now&gt;</p><p><em>14:06: Handed to a person</em></p>",` +
		`"external_id":"msg-1","created_datetime":"2026-11-22T14:05:00.000000+00:00","sent_datetime":"2026-11-22T14:05:00.000000+00:00"}]}`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTicketOfSomebodyWithoutMail(t *testing.T) {
	t.Parallel()
	s := talk()
	s.Shopper = chat.Shopper{Phone: "+14155550100", Email: "none"}
	s.Phone, s.Customer, s.Support = "", gorgias.Customer{ID: 9}, gorgias.Mailbox{}
	got := wire(t, s.Ticket("conv-1", "msg-1"))
	for _, want := range []string{`"subject":"SMS from +14155550100"`, `"source":{"type":"email","to":[]}`, `"tags":[]`, `+14155550100, 14:05: end it`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	s.Shopper.Email = "jane@example.com"
	if got := wire(t, s.Ticket("conv-1", "msg-1")); !strings.Contains(got, `"from":{"address":"jane@example.com"}`) {
		t.Errorf("the shopper's own address is not in %s", got)
	}
}

func TestLaterText(t *testing.T) {
	t.Parallel()
	got := wire(t, talk().Text("msg-2", in(day.Add(time.Hour), "hello?"), in(day.Add(2*time.Hour), "anybody <there>\nplease")))
	want := `{"channel":"email","via":"api","from_agent":false,"public":true,"sender":{"id":9},` +
		`"source":{"type":"email","from":{"name":"Jane Doe","address":"jane@work.example.com"},"to":[{"name":"Acme","address":"support@acme.com"}]},` +
		`"subject":"SMS from Jane Doe (+1 415-555-0100)",` +
		`"body_text":"hello?\n\nanybody <there>\nplease\n\nThe SMS dialogue so far:\n> 22 November 2026, times in UTC\n> Jane Doe, 14:05: end it\n>     <now>\n> – 14:06: Handed to a person",` +
		`"body_html":"<p>hello?</p><p>anybody &lt;there&gt;<br>please</p><p>The SMS dialogue so far:</p><blockquote><p><em>22 November 2026, times in UTC</em></p><p><strong>Jane Doe, 14:05:</strong> end it<br>&lt;now&gt;</p><p><em>14:06: Handed to a person</em></p></blockquote>",` +
		`"stripped_text":"hello?\n\nanybody <there>\nplease","stripped_html":"<p>hello?</p><p>anybody &lt;there&gt;<br>please</p>",` +
		`"external_id":"msg-2","created_datetime":"2026-11-22T16:05:00.000000+00:00","sent_datetime":"2026-11-22T16:05:00.000000+00:00"}`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s := talk()
	s.Entries = nil
	if m := s.Text("msg-2", in(day, "hello?")); m.BodyText != "hello?" || m.StrippedText != "hello?" {
		t.Errorf("with nothing before: %+v", m)
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	got := wire(t, gorgias.Note("code-1", 3, "Your code is 123456.\n<Keep> it."))
	want := `{"channel":"internal-note","via":"api","from_agent":true,"public":false,"sender":{"id":3},"source":{"type":"internal-note"},` +
		`"body_text":"Your code is 123456.\n<Keep> it.","body_html":"<p>Your code is 123456.<br>&lt;Keep&gt; it.</p>","external_id":"code-1"}`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	m := talk().Copy("msg-3", 3, out(day, chat.Author{Role: chat.ByAgent, Name: "Anna"}, "Hi", chat.Sent))
	if m.Channel != gorgias.AsNote || m.Public || !strings.HasSuffix(m.BodyText, "Anna (agent, by SMS), 14:05: Hi") ||
		!strings.Contains(m.BodyHTML, "<strong>Anna") || m.ExternalID != "msg-3" || m.Sender.ID != 3 {
		t.Errorf("got %+v", m)
	}
}

func TestSubjectsAreOneLine(t *testing.T) {
	t.Parallel()
	s := talk()
	s.Shopper.Name = "Jane\r\nBcc: x@evil.com\u202e" + strings.Repeat("ä", 2000)
	if got := s.Subject(); strings.ContainsAny(got, "\r\n\u202e") || len(got) > 998 || !strings.HasSuffix(got, "(+1 415-555-0100)") {
		t.Errorf("got %q", got)
	}
}
