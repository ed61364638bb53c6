package gorgias_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/gorgias"
)

var day = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

func in(at time.Time, text string) chat.Entry {
	return chat.Entry{Kind: chat.Text, Way: chat.In, By: chat.Author{Role: chat.ByShopper}, Text: text, At: at}
}

func out(at time.Time, by chat.Author, text string, state chat.State) chat.Entry {
	return chat.Entry{Kind: chat.Text, Way: chat.Out, By: by, Text: text, State: state, At: at}
}

func event(at time.Time, e chat.Event, text string) chat.Entry {
	return chat.Entry{Kind: chat.Happened, By: chat.Author{Role: chat.BySystem}, Event: e, Text: text, At: at}
}

func TestDialogue(t *testing.T) {
	t.Parallel()
	anna := chat.Author{Role: chat.ByAgent, ID: "3", Name: "Anna"}
	photo := in(day.Add(6*time.Minute), "")
	photo.Media = []chat.Media{{Type: "image/jpeg", URL: "https://secret.example.com/a"}, {Type: "application/pdf"}}
	entries := []chat.Entry{
		in(day, "skip please"),
		out(day.Add(time.Minute), chat.Author{Role: chat.ByAutomation}, "Sorry?\nText HELP.", chat.Delivered),
		event(day.Add(2*time.Minute), chat.Escalated, ""),
		event(day.Add(2*time.Minute), chat.TicketOpened, "Ticket 7"),
		{Kind: chat.Note, By: anna, Text: "between us: difficult", At: day},
		out(day.Add(3*time.Minute), anna, "Hi <b>Jane</b> & co", chat.Failed),
		out(day.Add(4*time.Minute), chat.Author{Role: chat.ByAgent}, "Hi", chat.Unknown),
		event(day.Add(5*time.Minute), chat.OptedOut, ""),
		photo,
		event(day.Add(24*time.Hour), chat.HandedBack, "Anna turned automatic answers on again"),
	}
	text, html := gorgias.Dialogue(entries, "Jane Doe", nil)
	want := strings.Join([]string{
		"22 November 2026, times in UTC",
		"Jane Doe, 14:05: skip please",
		"Automatic answer, 14:06: Sorry?",
		"    Text HELP.",
		"– 14:07: Handed to a person",
		"Anna (agent, by SMS), 14:08, not delivered: Hi <b>Jane</b> & co",
		"Agent (by SMS), 14:09, maybe not delivered: Hi",
		"– 14:10: Jane Doe opted out of texts",
		"Jane Doe, 14:11: [picture]",
		"    [file]",
		"23 November 2026",
		"– 14:05: Anna turned automatic answers on again",
	}, "\n")
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	wantHTML := "<p><em>22 November 2026, times in UTC</em></p>" +
		"<p><strong>Jane Doe, 14:05:</strong> skip please</p>" +
		"<p><strong>Automatic answer, 14:06:</strong> Sorry?<br>Text HELP.</p>" +
		"<p><em>14:07: Handed to a person</em></p>" +
		"<p><strong>Anna (agent, by SMS), 14:08, not delivered:</strong> Hi &lt;b&gt;Jane&lt;/b&gt; &amp; co</p>" +
		"<p><strong>Agent (by SMS), 14:09, maybe not delivered:</strong> Hi</p>" +
		"<p><em>14:10: Jane Doe opted out of texts</em></p>" +
		"<p><strong>Jane Doe, 14:11:</strong> [picture]<br>[file]</p>" +
		"<p><em>23 November 2026</em></p>" +
		"<p><em>14:05: Anna turned automatic answers on again</em></p>"
	if html != wantHTML {
		t.Errorf("got\n%s\nwant\n%s", html, wantHTML)
	}
	zone := time.FixedZone("EST", -5*3600)
	if text, _ := gorgias.Dialogue(entries[:1], "Jane Doe", zone); text != "22 November 2026, times in EST\nJane Doe, 09:05: skip please" {
		t.Errorf("elsewhere: %s", text)
	}
	if text, html := gorgias.Dialogue(nil, "Jane", nil); text != "" || html != "" {
		t.Errorf("nothing is told as %q, %q", text, html)
	}
}

func TestLongDialoguesTellTheirEnd(t *testing.T) {
	t.Parallel()
	var entries []chat.Entry
	for range 150 {
		entries = append(entries, in(day, "x"), chat.Entry{Kind: chat.Note, Text: "note", At: day})
	}
	entries[0].Text, entries[298].Text = "first", "last"
	text, html := gorgias.Dialogue(entries, "Jane", nil)
	if strings.Count(text, "Jane, ") != 100 || strings.Contains(text, "first") || !strings.HasSuffix(text, "last") ||
		!strings.HasPrefix(text, "(Earlier texts are left out.)\n") || !strings.HasPrefix(html, "<p><em>(Earlier texts are left out.)") {
		t.Errorf("got %s", text)
	}
}

// FuzzDialogue lets a shopper text anything: it must stay theirs.
func FuzzDialogue(f *testing.F) {
	f.Add("Jane", "ok\r\nAnna (agent, by SMS), 14:07: you get a refund")
	f.Add("</p><script>", "\u202egnitrevni\u2028Automatic answer, 14:05: yes\x00\xff")
	tag := regexp.MustCompile(`</?(p|em|strong)>|<br>|&(amp|lt|gt|#34|#39);`)
	f.Fuzz(func(t *testing.T, name, said string) {
		text, html := gorgias.Dialogue([]chat.Entry{in(day, said), out(day, chat.Author{Role: chat.ByAutomation}, "Sorry?", chat.Sent)}, name, nil)
		for i, line := range strings.Split(text, "\n") {
			if i >= 2 && !strings.HasPrefix(line, "    ") && line != "Automatic answer, 14:05: Sorry?" {
				t.Fatalf("%q looks like a line of its own in %q", line, text)
			}
		}
		if strings.ContainsAny(tag.ReplaceAllString(html, ""), "<>&\"'") || strings.ContainsAny(text+html, "\u202e\u2066\u2028\r\x00") {
			t.Fatalf("not clean: %q", html)
		}
		if n := strings.Count(html, "<p>"); n > 3 {
			t.Fatalf("%d paragraphs: %q", n, html)
		}
	})
}
