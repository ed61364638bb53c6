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

// Page is docs/reading.md: how each text is read.
func Page(texts []Text) string {
	var p strings.Builder
	s := Measure(texts)
	fmt.Fprintf(&p, `# How texts are read

Written by %[1]sgo generate ./keyword%[1]s from the texts in keyword/testdata: change those, not this page.

Each text is read for two things: whether it asks for no more texts, and what else it wants. A clear wish for silence opts the shopper out at once. A text that may be one is never answered by SMS; a person reads it. What is not understood goes to a person.

%[2]d texts:

| | texts | recall | precision |
|---|---|---|---|
`, "`", len(texts))
	for _, row := range []struct {
		what string
		Score
	}{
		{"clear wishes for silence", s.Clear}, {"clear and possible wishes for silence", s.Silence}, {"texts for a person", s.Person},
	} {
		fmt.Fprintf(&p, "| %s | %d | %.1f %% | %.1f %% |\n", row.what, row.Right+row.Missed, 100*row.Recall(), 100*row.Precision())
	}
	fmt.Fprintf(&p, "\nRecall is the share of such texts that are recognised; precision is the share of those recognised that are such texts. Texts that may ask for silence and could be answered by SMS: %d.\n", s.Answered)
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
