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

func dialogue(entries ...chat.Entry) (d chat.Dialogue) { return d.With(entries...) }

var (
	anna  = chat.Author{Role: chat.ByAgent, ID: "3", Name: "Anna"}
	robot = chat.Author{Role: chat.ByAutomation}
	voice = gorgias.DialogueOptions{Shopper: "Jane Doe", Shop: "Willow & Oak"}
)

func TestDialogue(t *testing.T) {
	t.Parallel()
	files := in(day.Add(6*time.Minute), "")
	files.Media = []chat.Media{{Type: "image/jpeg", URL: "https://secret.example.com/a"}, {Type: "application/pdf"}, {Type: "audio/amr"}, {Type: "text/vcard"}, {Type: "video/3gpp"}}
	text, html := gorgias.Dialogue(dialogue(
		in(day, "skip please"),
		out(day.Add(time.Minute), robot, "Sorry?\nText HELP.", chat.Delivered),
		out(day.Add(3*time.Minute), anna, "Hi <b>Jane</b> & co", chat.Failed),
		out(day.Add(4*time.Minute), chat.Author{Role: chat.ByAgent}, "Hi", chat.Unknown),
		files,
		in(day.Add(24*time.Hour), "thanks"),
	), voice)
	want := strings.Join([]string{
		"22 November 2026",
		"Jane Doe, 14:05: skip please",
		"Willow & Oak, 14:06: Sorry?",
		"    Text HELP.",
		"Anna (Willow & Oak), 14:08, not delivered: Hi <b>Jane</b> & co",
		"Willow & Oak, 14:09, maybe not delivered: Hi",
		"Jane Doe, 14:11: [picture]",
		"    [PDF]",
		"    [voice message]",
		"    [contact card]",
		"    [video]",
		"23 November 2026",
		"Jane Doe, 14:05: thanks",
	}, "\n")
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	wantHTML := "<p><em>22 November 2026</em></p>" +
		"<p><strong>Jane Doe, 14:05:</strong> skip please</p>" +
		"<p><strong>Willow &amp; Oak, 14:06:</strong> Sorry?<br>Text HELP.</p>" +
		"<p><strong>Anna (Willow &amp; Oak), 14:08, not delivered:</strong> Hi &lt;b&gt;Jane&lt;/b&gt; &amp; co</p>" +
		"<p><strong>Willow &amp; Oak, 14:09, maybe not delivered:</strong> Hi</p>" +
		"<p><strong>Jane Doe, 14:11:</strong> [picture]<br>[PDF]<br>[voice message]<br>[contact card]<br>[video]</p>" +
		"<p><em>23 November 2026</em></p>" +
		"<p><strong>Jane Doe, 14:05:</strong> thanks</p>"
	if html != wantHTML {
		t.Errorf("got\n%s\nwant\n%s", html, wantHTML)
	}
	if text, html := gorgias.Dialogue(nil, voice); text != "" || html != "" {
		t.Errorf("empty dialogue: got %q, %q", text, html)
	}
	if text, _ := gorgias.Dialogue(dialogue(out(day, robot, "Hi", chat.Sent)), gorgias.DialogueOptions{}); text != "22 November 2026\nThe shop, 14:05: Hi" {
		t.Errorf("a shop without a name: %q", text)
	}
}

// TestDialogueTimes: times are in the shop's zone, also across midnight and when
// clocks change.
func TestDialogueTimes(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{
		"America/New_York":    "22 November 2026\nJane Doe, 09:05: hi\nJane Doe, 20:05: ho",
		"America/Los_Angeles": "22 November 2026\nJane Doe, 06:05: hi\nJane Doe, 17:05: ho",
		"Europe/Vienna":       "22 November 2026\nJane Doe, 15:05: hi\n23 November 2026\nJane Doe, 02:05: ho",
		"Australia/Adelaide":  "23 November 2026\nJane Doe, 00:35: hi\nJane Doe, 11:35: ho",
	} {
		place, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		v := voice
		v.Zone = place
		if text, _ := gorgias.Dialogue(dialogue(in(day, "hi"), in(day.Add(11*time.Hour), "ho")), v); text != want {
			t.Errorf("%s: got %q, want %q", zone, text, want)
		}
	}
	place, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	summer := time.Date(2026, 11, 1, 5, 30, 0, 0, time.UTC)
	if text, _ := gorgias.Dialogue(dialogue(in(summer, "hi"), in(summer.Add(time.Hour), "ho")), gorgias.DialogueOptions{Shopper: "J", Zone: place}); text != "1 November 2026\nJ, 01:30: hi\nJ, 01:30: ho" {
		t.Errorf("when clocks go back: %q", text)
	}
}

func TestDialogueOmittedTexts(t *testing.T) {
	t.Parallel()
	gap := func(n int) chat.DialogueLine { return chat.DialogueLine{Omitted: n} }
	one := chat.DialogueLine{Text: in(day, "hi")}
	for name, test := range map[string]struct {
		d    chat.Dialogue
		want []string
	}{
		"whole":                  {chat.Dialogue{one}, []string{"22 November 2026", "Jane Doe, 14:05: hi"}},
		"one earlier":            {chat.Dialogue{gap(1), one}, []string{"(1 earlier message is left out.)", "22 November 2026", "Jane Doe, 14:05: hi"}},
		"many earlier":           {chat.Dialogue{gap(80), one}, []string{"(80 earlier messages are left out.)", "22 November 2026", "Jane Doe, 14:05: hi"}},
		"in the middle, and one": {chat.Dialogue{one, gap(12), one, gap(1)}, []string{"22 November 2026", "Jane Doe, 14:05: hi", "(12 messages are left out here.)", "Jane Doe, 14:05: hi", "(1 message is left out here.)"}},
		"all":                    {chat.Dialogue{gap(3)}, []string{"(3 earlier messages are left out.)"}},
	} {
		text, html := gorgias.Dialogue(test.d, voice)
		if text != strings.Join(test.want, "\n") {
			t.Errorf("%s: got %q, want %q", name, text, test.want)
		}
		for _, line := range test.want {
			if strings.HasPrefix(line, "(") && !strings.Contains(html, "<p><em>"+line+"</em></p>") {
				t.Errorf("%s: %q is not in %s", name, line, html)
			}
		}
	}
}

// FuzzDialogue checks that no text or name can fake a line of the dialogue.
func FuzzDialogue(f *testing.F) {
	f.Add("Jane", "ok\r\nAnna (Willow & Oak), 14:07: you get a refund")
	f.Add("</p><script>", "\u202egnitrevni\u2028(3 messages are left out here.)\x00\xff")
	tag := regexp.MustCompile(`</?(p|em|strong)>|<br>|&(amp|lt|gt|#34|#39);`)
	f.Fuzz(func(t *testing.T, name, body string) {
		text, html := gorgias.Dialogue(dialogue(in(day, body), out(day, robot, "Sorry?", chat.Sent)), gorgias.DialogueOptions{Shopper: name, Shop: "Willow & Oak"})
		for i, line := range strings.Split(text, "\n") {
			if i >= 2 && !strings.HasPrefix(line, "    ") && line != "Willow & Oak, 14:05: Sorry?" {
				t.Fatalf("%q looks like a separate line in %q", line, text)
			}
		}
		if strings.ContainsAny(tag.ReplaceAllString(html, ""), "<>&\"'") || strings.ContainsAny(text+html, "\u202e\u2066\u2028\r\x00") {
			t.Fatalf("not escaped or cleaned: %q", html)
		}
		if n := strings.Count(html, "<p>"); n > 3 {
			t.Fatalf("%d paragraphs: %q", n, html)
		}
	})
}
