package gorgias

import (
	"fmt"
	"html"
	"strings"
	"time"

	"sidetext/chat"
)

// A Voice is how a dialogue names its two sides, and the time zone of its times.
type DialogueOptions struct {
	Shopper string
	Shop    string
	Zone    *time.Location // nil: UTC
}

// Dialogue writes a dialogue as text and as HTML: a line with the day, then each
// text with its author and time. The shopper reads it by e-mail, so that it has
// nothing but what the two sides said to each other.
//
// A text cannot imitate a line of its own: further lines of it are indented, in
// HTML each text is a paragraph.
func Dialogue(d chat.Dialogue, v DialogueOptions) (text, markup string) {
	zone := v.Zone
	if zone == nil {
		zone = time.UTC
	}
	var plain, rich strings.Builder
	aside := func(words string) {
		plain.WriteString(words + "\n")
		rich.WriteString("<p><em>" + html.EscapeString(words) + "</em></p>")
	}
	day := ""
	for i, l := range d {
		if l.Omitted > 0 {
			aside(omittedLine(l.Omitted, i == 0))
			continue
		}
		said := textOf(l.Text)
		if said == "" {
			continue
		}
		at := l.Text.At.In(zone)
		if today := at.Format("2 January 2006"); today != day {
			day = today
			aside(day)
		}
		head := v.author(l.Text.By) + ", " + at.Format("15:04") + deliveryProblem(l.Text)
		plain.WriteString(head + ": " + strings.ReplaceAll(said, "\n", "\n    ") + "\n")
		rich.WriteString("<p><strong>" + html.EscapeString(head) + ":</strong> " + htmlText(said) + "</p>")
	}
	return strings.TrimSuffix(plain.String(), "\n"), rich.String()
}

func omittedLine(n int, first bool) string {
	switch {
	case first && n == 1:
		return "(1 earlier message is left out.)"
	case first:
		return fmt.Sprintf("(%d earlier messages are left out.)", n)
	case n == 1:
		return "(1 message is left out here.)"
	}
	return fmt.Sprintf("(%d messages are left out here.)", n)
}

// author names the author of a text. Automation speaks for the shop.
func (v DialogueOptions) author(by chat.Author) string {
	shop := singleLine(v.Shop)
	if shop == "" {
		shop = "The shop"
	}
	switch by.Role {
	case chat.ByShopper:
		return singleLine(v.Shopper)
	case chat.ByAgent:
		if name := singleLine(by.Name); name != "" {
			return name + " (" + shop + ")"
		}
	}
	return shop
}

// fate says of a text what a reader would otherwise take for delivered.
func deliveryProblem(e chat.Entry) string {
	switch e.State {
	case chat.Failed:
		return ", not delivered"
	case chat.Unknown:
		return ", maybe not delivered"
	}
	return ""
}

// say is what a text says, with what came with it in brackets.
func textOf(e chat.Entry) string {
	var parts []string
	if t := clean(e.Text); t != "" {
		parts = append(parts, t)
	}
	for _, m := range e.Media {
		parts = append(parts, "["+m.Noun()+"]")
	}
	return strings.Join(parts, "\n")
}
