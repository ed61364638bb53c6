package gorgias_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/gorgias"
)

func drafter() gorgias.Drafter {
	return gorgias.Drafter{
		Shopper:  chat.Shopper{Name: "Jane Doe", Email: "jane@example.com", Phone: "+14155550100"},
		Phone:    "+1 415-555-0100",
		Customer: gorgias.Customer{ID: 9, Name: "J. Doe", Email: "jane@work.example.com"},
		Support:  gorgias.Mailbox{Name: "Acme", Address: "support@acme.com"},
		Shop:     "Willow & Oak",
		Dialogue: dialogue(in(day, "end it\n<now>"), out(day.Add(time.Minute), robot, "We'll reply here.", chat.Sent)),
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

// TestTicket compares with the shapes in Gorgias' documentation ("Create a ticket",
// "Create a message"). An inbound message must not have a receiver.
func TestTicket(t *testing.T) {
	t.Parallel()
	got := wire(t, drafter().Ticket("conv-1", "msg-1", "RechargeSMS", "", "end_subscription", "RechargeSMS"))
	want := `{"channel":"email","via":"api","status":"open","from_agent":false,"subject":"Your text to Willow & Oak",` +
		`"external_id":"conv-1","customer":{"id":9},"tags":[{"name":"RechargeSMS"},{"name":"end_subscription"}],"messages":[{` +
		`"channel":"email","via":"api","from_agent":false,"public":true,"sender":{"id":9},` +
		`"source":{"type":"email","from":{"name":"Jane Doe","address":"jane@work.example.com"},"to":[{"name":"Acme","address":"support@acme.com"}]},` +
		`"subject":"Your text to Willow & Oak",` +
		`"body_text":"22 November 2026\nJane Doe, 14:05: end it\n    <now>\nWillow & Oak, 14:06: We'll reply here.",` +
		`"body_html":"<p><em>22 November 2026</em></p><p><strong>Jane Doe, 14:05:</strong> end it<br>&lt;now&gt;</p><p><strong>Willow &amp; Oak, 14:06:</strong> We&#39;ll reply here.</p>",` +
		`"external_id":"msg-1","created_datetime":"2026-11-22T14:05:00.000000+00:00","sent_datetime":"2026-11-22T14:05:00.000000+00:00"}]}`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTicketWithoutEmailAddress(t *testing.T) {
	t.Parallel()
	s := drafter()
	s.Shopper = chat.Shopper{Phone: "+14155550100", Email: "none"}
	s.Phone, s.Customer, s.Support = "", gorgias.Customer{ID: 9}, gorgias.Mailbox{}
	got := wire(t, s.Ticket("conv-1", "msg-1"))
	for _, want := range []string{`"subject":"Your text to Willow & Oak"`, `"source":{"type":"email","to":[]}`, `"tags":[]`, `+14155550100, 14:05: end it`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	s.Shopper.Email = "jane@example.com"
	if got := wire(t, s.Ticket("conv-1", "msg-1")); !strings.Contains(got, `"from":{"address":"jane@example.com"}`) {
		t.Errorf("the shopper's e-mail address is missing in %s", got)
	}
}

func TestLaterText(t *testing.T) {
	t.Parallel()
	got := wire(t, drafter().Text("msg-2", in(day.Add(time.Hour), "hello?"), in(day.Add(2*time.Hour), "anybody <there>\nplease")))
	want := `{"channel":"email","via":"api","from_agent":false,"public":true,"sender":{"id":9},` +
		`"source":{"type":"email","from":{"name":"Jane Doe","address":"jane@work.example.com"},"to":[{"name":"Acme","address":"support@acme.com"}]},` +
		`"subject":"Your text to Willow & Oak",` +
		`"body_text":"hello?\n\nanybody <there>\nplease\n\nEarlier texts:\n> 22 November 2026\n> Jane Doe, 14:05: end it\n>     <now>\n> Willow & Oak, 14:06: We'll reply here.",` +
		`"body_html":"<p>hello?</p><p>anybody &lt;there&gt;<br>please</p><p>Earlier texts:</p><blockquote><p><em>22 November 2026</em></p><p><strong>Jane Doe, 14:05:</strong> end it<br>&lt;now&gt;</p><p><strong>Willow &amp; Oak, 14:06:</strong> We&#39;ll reply here.</p></blockquote>",` +
		`"stripped_text":"hello?\n\nanybody <there>\nplease","stripped_html":"<p>hello?</p><p>anybody &lt;there&gt;<br>please</p>",` +
		`"external_id":"msg-2","created_datetime":"2026-11-22T16:05:00.000000+00:00","sent_datetime":"2026-11-22T16:05:00.000000+00:00"}`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s := drafter()
	s.Dialogue = nil
	if m := s.Text("msg-2", in(day, "hello?")); m.BodyText != "hello?" || m.StrippedText != "hello?" {
		t.Errorf("without earlier texts: %+v", m)
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
}

func TestFilesNote(t *testing.T) {
	t.Parallel()
	m := gorgias.FilesNote("msg-2-files", 3, "Jane <Doe>", []chat.Media{
		{ID: "m1", Type: "audio/amr", State: chat.MediaWaiting}, {ID: "m2", Type: "application/pdf", State: chat.MediaKept},
		{ID: "m3", Type: "image/png", State: chat.MediaFailed, Problem: "Too large."},
	}, func(m chat.Media) string { return "https://sms.example.com/files/" + string(m.ID) + "#t=a&ticket=7" })
	if m.Channel != gorgias.ChannelNote || m.Public || !m.FromAgent || m.Sender.ID != 3 || m.ExternalID != "msg-2-files" {
		t.Errorf("not a note: %+v", m)
	}
	want := "Jane <Doe> sent a voice message, a PDF and a picture:\nVoice message: https://sms.example.com/files/m1#t=a&ticket=7\n" +
		"PDF: https://sms.example.com/files/m2#t=a&ticket=7\nPicture (not available: Too large.)"
	wantHTML := `<p>Jane &lt;Doe&gt; sent a voice message, a PDF and a picture:</p><ul><li><a href="https://sms.example.com/files/m1#t=a&amp;ticket=7">Voice message</a></li>` +
		`<li><a href="https://sms.example.com/files/m2#t=a&amp;ticket=7">PDF</a></li><li>Picture (not available: Too large.)</li></ul>`
	if m.BodyText != want || m.BodyHTML != wantHTML {
		t.Errorf("got\n%s\n%s\nwant\n%s\n%s", m.BodyText, m.BodyHTML, want, wantHTML)
	}
}

// TestSubject: all messages of a ticket keep its subject when the shop is renamed.
func TestSubject(t *testing.T) {
	t.Parallel()
	for want, test := range map[string]struct{ shop, ticket string }{
		"Your text to Willow & Oak":           {"Willow & Oak", ""},
		"Your text to Willow Bcc: x@evil.com": {"Willow\r\nBcc: x@evil.com\u202e", ""},
		"Your text message":                   {" \n", ""},
		"SMS from Jane Doe (+1 415 555 0100)": {"Willow & Oak", "SMS from Jane Doe (+1 415 555 0100)"},
	} {
		s := drafter()
		s.Shop, s.Subject = test.shop, test.ticket
		if got := s.Text("m", in(day, "hello?")).Subject; got != want {
			t.Errorf("later text: subject %q, want %q", got, want)
		}
		if k := s.Ticket("c", "m"); k.Subject != want || k.Messages[0].Subject != want {
			t.Errorf("ticket: subject %q, want %q", k.Subject, want)
		}
	}
	s := drafter()
	s.Shop = strings.Repeat("ä", 2000)
	if got := s.Ticket("c", "m").Subject; len(got) > 998 {
		t.Errorf("the subject has %d bytes", len(got))
	}
}

func TestTicketWithoutTexts(t *testing.T) {
	t.Parallel()
	s := drafter()
	s.Dialogue = nil
	if m := s.Ticket("c", "m").Messages[0]; m.BodyText != "A conversation by text message." || m.BodyHTML != "<p>A conversation by text message.</p>" {
		t.Errorf("the first message is %q, %q", m.BodyText, m.BodyHTML)
	}
}

// TestMailHasNoInternals: e-mails to shoppers contain no events and no notes.
func TestMailHasNoInternals(t *testing.T) {
	t.Parallel()
	s := drafter()
	var entries []chat.Entry
	for _, e := range []chat.Event{
		chat.Escalated, chat.HandedBack, chat.OptedOut, chat.OptedIn, chat.TicketOpened, chat.TicketClosed, chat.TicketReopened,
		chat.TicketLost, chat.NotInTicket, chat.InTicketAfterAll, chat.RepliedByMail,
	} {
		entries = append(entries, chat.Entry{Kind: chat.EventEntry, Event: e, By: chat.Author{Role: chat.BySystem}, Text: "behind the scenes", At: day})
	}
	entries = append(entries, chat.Entry{Kind: chat.Note, By: anna, Text: "between us: difficult", At: day}, in(day, "hello?"))
	s.Dialogue = chat.Snapshot{Entries: entries, Spans: []chat.Span{{}}}.Dialogue(100)
	const want = "22 November 2026\nJane Doe, 14:05: hello?"
	if got := s.Ticket("c", "m").Messages[0].BodyText; got != want {
		t.Errorf("the first message is %q", got)
	}
	if got := s.Text("m", in(day, "ho")).BodyText; got != "ho\n\nEarlier texts:\n> "+strings.ReplaceAll(want, "\n", "\n> ") {
		t.Errorf("later text: %q", got)
	}
}
