package corpus

import (
	"fmt"
	"strings"

	"sidetext/keyword"
)

// groups are the page's sections: what texts mean, and what is done about them.
var groups = []struct {
	title, does string
	holds       func(keyword.Silence, keyword.Intent) bool
}{
	{"Wants silence", "The shopper is opted out at once. No SMS is sent, also none that was already waiting. CANCEL, END and QUIT make a ticket too: they may mean the subscription.",
		func(s keyword.Silence, i keyword.Intent) bool { return s == keyword.Clear && i == keyword.Nothing }},
	{"Wants silence, and something else", "The shopper is opted out at once, and a ticket tells of the rest. The agent answers by e-mail.",
		func(s keyword.Silence, i keyword.Intent) bool { return s == keyword.Clear }},
	{"May want silence", "A ticket, without any SMS. A person decides.",
		func(s keyword.Silence, i keyword.Intent) bool { return s == keyword.Possible }},
	{"Wants to end the subscription", "A ticket: end the subscription.", only(keyword.End)},
	{"Wants to change or cancel an order", "A ticket: a change to an order.", only(keyword.ChangeOrder)},
	{"Asks where an order is", "A ticket: order status.", only(keyword.OrderStatus)},
	{"Wants a change", "A ticket: skip, delay, swap, or another change.", only(keyword.Chose)},
	{"Wants a person", "A ticket: asked for a person.", only(keyword.Person)},
	{"Asks what can be done here", "The menu is sent.", only(keyword.Menu)},
	{"Asks for help as carriers define it", "One answer that names the shop and how to opt out, unless the carrier has answered already.", only(keyword.CarrierHelp)},
	{"Wants texts again", "The shopper is opted in.", only(keyword.StartTexts)},
	{"Needs no answer", "Nothing happens. Thanks, reactions to our texts, phones that answer by themselves.", only(keyword.Nothing)},
	{"Written by a phone, to be looked at", "A ticket, without any SMS.", only(keyword.Machine)},
	{"Everything else", "A ticket: not understood. No SMS is sent; a person answers.", func(keyword.Silence, keyword.Intent) bool { return true }},
}

func only(intent keyword.Intent) func(keyword.Silence, keyword.Intent) bool {
	return func(_ keyword.Silence, i keyword.Intent) bool { return i == intent }
}

// tuned says what the figures of the texts held out are worth.
const tuned = `They were written to find misreadings. What was written down with each was only what may be done about it: an opt-out, a ticket, an SMS, or none of these. Where a reading kept to that, its meaning is the label, so that these figures say less about the finer meanings. The rules were first tried on them as they were: of clear wishes for silence 83.5 % were recognised, and 93.5 % of those recognised were such wishes. Kinds of misreadings were mended after that: what machines say, a second wish without punctuation, stops of other things than texts, brief wishes for silence, and our own texts without quotation marks. Some of these very texts were looked at for it, so the figures above are better than new texts would give.
`

// Page is docs/reading.md: how well texts are read, and how each is.
func Page(texts, heldOut []Text) string {
	var p strings.Builder
	fmt.Fprintf(&p, `# How texts are read

Written by %[1]sgo generate ./keyword%[1]s from the texts in keyword/testdata: change those, not this page.

Each text is read for two things: whether it asks for no more texts, and what else it wants. A clear wish for silence opts the shopper out at once. A text that may be one is never answered by SMS; a person reads it. What is not understood goes to a person, and is not answered by SMS either.

%[2]d texts that the rules were made with, listed below:

`, "`", len(texts))
	table(&p, Measure(texts))
	p.WriteString("Recall is the share of such texts that are recognised; precision is the share of those recognised that are such texts. \"Possible\" texts that are missed are not understood, which has the same effect on the shopper.\n")
	fmt.Fprintf(&p, `
%d texts that were not used to make the rules, in keyword/testdata/heldout.tsv:

`, len(heldOut))
	table(&p, Measure(heldOut))
	p.WriteString(tuned)
	rest := texts
	for _, g := range groups {
		var here, later []Text
		for _, t := range rest {
			if m := t.Read(); g.holds(m.Silence, m.Intent) {
				here = append(here, t)
			} else {
				later = append(later, t)
			}
		}
		rest = later
		if len(here) > 0 {
			section(&p, g.title, g.does, here)
		}
	}
	return p.String()
}

// table writes how well texts are read.
func table(p *strings.Builder, s Scores) {
	p.WriteString("| | texts | recall | precision |\n|---|---|---|---|\n")
	for _, row := range []struct {
		what string
		Score
	}{
		{"clear wishes for silence", s.Clear}, {"clear and possible wishes for silence", s.Silence}, {"texts for a person", s.Person},
	} {
		fmt.Fprintf(p, "| %s | %d | %.1f %% | %.1f %% |\n", row.what, row.Right+row.Missed, 100*row.Recall(), 100*row.Precision())
	}
	fmt.Fprintf(p, "\nTexts that may ask for silence and could be answered by SMS: %d.\n\n", s.Answered)
}

func section(p *strings.Builder, title, does string, texts []Text) {
	fmt.Fprintf(p, "\n## %s\n\n%s\n\n", title, does)
	for _, t := range texts {
		fmt.Fprintf(p, "- %s", code(t.Text))
		m := t.Read()
		if m.Silence != keyword.None && m.Intent != keyword.Nothing && m.Intent != keyword.Unknown {
			fmt.Fprintf(p, " (%s)", strings.ReplaceAll(string(m.Intent), "_", " "))
		}
		if t.Sent != "" {
			fmt.Fprintf(p, " after %s", code(t.Sent))
		}
		if t.Misread != "" {
			fmt.Fprintf(p, " (misread: it means %s)", strings.ReplaceAll(Says(t.Silence, t.Intent), "_", " "))
		}
		p.WriteByte('\n')
	}
}

// code shows a text as it is, on one line.
func code(text string) string {
	text = strings.ReplaceAll(text, "\n", "⏎")
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || text != strings.TrimSpace(text) {
		text = " " + text + " "
	}
	return fence + text + fence
}
