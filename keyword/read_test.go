package keyword_test

import (
	"bufio"
	"strings"
	"testing"

	"sidetext/keyword"
	"sidetext/keyword/corpus"
	"sidetext/sms"
)

const answers = `
1 | order_status status
1. | order_status status
 2) | chose change
#3 | end end
4 | person person
4! | person person
4️⃣ | person person
１ | order_status status
two | chose change
Option 3 | end end
option two please | chose change
number 4 | person person
the second one | chose change
1st | order_status status
first | order_status status
I choose 2 | chose change
2 please 🙏 | chose change
ok 2 thanks | chose change
1. Order status | order_status status
1 status | order_status status
2 - change | chose change
2 change my subscription | chose change
4 talk to a human | person person
skip | chose skip
Skip my next order | chose skip
delay | chose delay
swap products | chose swap
order status | order_status status
where is my order | order_status status
stop | clear nothing! STOP
stop texting me | clear nothing
0 | unknown
5 | unknown
7 | unknown
11 | unknown
01 | unknown
1 and 2 | unknown
1 2 | unknown
2 weeks | unknown
in 2 days | unknown
$2 | unknown
50% | unknown
<3 | unknown
1 skip | unknown
the one | unknown
1 more thing, my box came damaged | unknown
half | unknown
`

func TestReadAnswers(t *testing.T) {
	t.Parallel()
	table(t, answers, keyword.State{Menu: keyword.Default})
}

func TestReadOptedOut(t *testing.T) {
	t.Parallel()
	table(t, `
YES | start_texts! YES
yes | start_texts! YES
yes! | unknown
START | start_texts! START
start texting me again | start_texts
resubscribe | start_texts
opt me back in | start_texts
STOP | clear nothing! STOP
skip | chose skip
`, keyword.State{OptedOut: true})
}

// A carrier blocks only after one of its own words. After an opt-out in other words,
// YES answers a question of a person.
func TestReadOptedOutInWords(t *testing.T) {
	t.Parallel()
	table(t, `
YES | unknown
yes | unknown
Yes. | unknown
yes please | unknown
START | start_texts! START
unstop | start_texts! UNSTOP
resubscribe | start_texts
start texting me again | start_texts
`, keyword.State{OptedOut: true, InWords: true})
}

func TestReadGreeting(t *testing.T) {
	t.Parallel()
	for text, greeting := range map[string]bool{
		"hi": true, "Hello": true, "good morning!": true, "hola": true, "Bonjour 👋": true, "hey there": true,
		"MENU": false, "options": false, "hi, menu please": false, "what can I do here": false, "ver opciones": false, "how do I skip my next order": false,
	} {
		m := keyword.Read(text, keyword.State{})
		if m.Intent != keyword.Menu || m.Greeting != greeting {
			t.Errorf("%q is read as %s, greeting %v; want menu, greeting %v", text, m.Intent, m.Greeting, greeting)
		}
	}
	if m := keyword.Read("hello?", keyword.State{}); m.Greeting || m.Intent == keyword.Menu {
		t.Errorf("a greeting with a question mark is read as %+v", m)
	}
}

func TestReadOtherMenu(t *testing.T) {
	t.Parallel()
	table(t, `
1 | chose delay_1
2 | chose delay_2
two weeks | chose delay_2
delay_2 | chose delay_2
in 2 weeks | unknown
3 | chose menu
Menu | chose menu
4 | unknown
skip | chose skip
`, keyword.State{Menu: []keyword.Choice{{"delay_1", "One week"}, {"delay_2", "Two weeks"}, {"menu", "Menu"}}})
}

func table(t *testing.T, rows string, s keyword.State) {
	t.Helper()
	lines := bufio.NewScanner(strings.NewReader(rows))
	for lines.Scan() {
		line := lines.Text()
		text, want, ok := strings.Cut(line, " | ")
		if !ok {
			if line != "" && !strings.HasPrefix(line, "# ") {
				t.Errorf("invalid case: %s", line)
			}
			continue
		}
		m := keyword.Read(text, s)
		got := string(m.Intent)
		if m.Silence != keyword.None {
			got = corpus.SilenceName(m.Silence) + " " + got
		}
		if m.Exact {
			got += "!"
		}
		if detail := m.Choice.Word + m.Word; detail != "" {
			got += " " + detail
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	got := keyword.Render("Reply with a number:", keyword.Default)
	want := "Reply with a number:\n1. Order status\n2. Change an order or subscription\n3. End my subscription\n4. Talk to a person"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := keyword.Render("", keyword.Default[:1]); got != "1. Order status" {
		t.Errorf("without an introduction: %q", got)
	}
	if s := sms.Count(want); s.Encoding != sms.GSM7 || s.Parts != 1 {
		t.Errorf("the menu needs %+v", s)
	}
	// An answer with a line of the menu is understood.
	for i, line := range strings.Split(want, "\n")[1:] {
		if m := keyword.Read(line, keyword.State{Menu: keyword.Default}); m.Choice != keyword.Default[i] {
			t.Errorf("%q: got %+v", line, m)
		}
		if m := keyword.Read(keyword.Default[i].Label, keyword.State{}); m.Choice != keyword.Default[i] {
			t.Errorf("%q: got %+v", keyword.Default[i].Label, m)
		}
	}
}

func TestCarrierWords(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]keyword.Meaning{
		"STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT stop": {Silence: keyword.Clear, Intent: keyword.Nothing},
		"START YES UNSTOP yes": {Intent: keyword.StartTexts},
		"HELP INFO":            {Intent: keyword.CarrierHelp},
	} {
		for word := range strings.FieldsSeq(words) {
			want.Exact, want.Word = true, strings.ToUpper(word)
			if m := keyword.Read(word, keyword.State{OptedOut: true}); m != want {
				t.Errorf("%s: got %+v", word, m)
			}
		}
	}
	for word := range strings.FieldsSeq("ſtop STOPP ARRET 1 MENU RESUBSCRIBE REMOVE") {
		if m := keyword.Read(word, keyword.State{OptedOut: true}); m.Exact {
			t.Errorf("%s is no carrier word, but got %+v", word, m)
		}
	}
}

// Ambiguous words are opt-outs that often are about the subscription.
func TestAmbiguous(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"CANCEL": true, "End": true, "quit!": true, "cancelar": true, "Annuler": true, "STOP": false, "remove": false, "stop texting me": false} {
		if m := keyword.Read(text, keyword.State{}); m.Silence != keyword.Clear || m.Ambiguous() != want {
			t.Errorf("%s: got %+v", text, m)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range load(f) {
		f.Add(text.Text, true)
	}
	f.Fuzz(func(t *testing.T, text string, asked bool) {
		s := keyword.State{OptedOut: asked}
		if asked {
			s.Menu = keyword.Default
		}
		m := keyword.Read(text, s)
		if m.Intent == "" || m.Intent == keyword.Chose && m.Choice == (keyword.Choice{}) {
			t.Fatalf("%q means %+v", text, m)
		}
		for _, same := range []string{
			strings.ToUpper(text), strings.ToLower(text), " " + text + "\n", "\t" + text + " ",
		} {
			got := keyword.Read(same, s)
			if m.Exact || got.Exact {
				continue // carriers do not ignore such changes
			}
			if got != m {
				t.Errorf("%q means %+v, %q means %+v", text, m, same, got)
			}
		}
	})
}
