package gorgias

import (
	"fmt"
	"html"
	"strings"
	"time"

	"sidetext/chat"
)

// DialogueOptions are the names of the two parties and the time zone.
type DialogueOptions struct {
	Shopper string
	Shop    string
	Zone    *time.Location // nil: UTC
}

// Dialogue formats a dialogue as text and as HTML: a line for each day, then each
// text with its author and time. Shoppers receive it by e-mail, so it contains
// only what both parties wrote to each other.
//
// A text cannot fake a line of the dialogue: its further lines are indented, and in
// HTML each text is one paragraph.
func Dialogue(d chat.Dialogue, v DialogueOptions) (text, markup string) {
	zone := v.Zone
	if zone == nil {
		zone = time.UTC
	}
	var plain, rich strings.Builder
	writeInfo := func(info string) {
		plain.WriteString(info + "\n")
		rich.WriteString("<p><em>" + html.EscapeString(info) + "</em></p>")
	}
	day := ""
	for i, l := range d {
		if l.Omitted > 0 {
			writeInfo(omittedLine(l.Omitted, i == 0))
			continue
		}
		body := textOf(l.Text)
		if body == "" {
			continue
		}
		at := l.Text.At.In(zone)
		if today := at.Format("2 January 2006"); today != day {
			day = today
			writeInfo(day)
		}
		head := v.author(l.Text.By) + ", " + at.Format("15:04") + deliveryProblem(l.Text)
		plain.WriteString(head + ": " + strings.ReplaceAll(body, "\n", "\n    ") + "\n")
		rich.WriteString("<p><strong>" + html.EscapeString(head) + ":</strong> " + htmlText(body) + "</p>")
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

// author returns the name of a text's author. Automatic texts have the shop's name.
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

// deliveryProblem marks a text that was not, or may not have been, delivered.
func deliveryProblem(e chat.Entry) string {
	switch e.State {
	case chat.Failed:
		return ", not delivered"
	case chat.Unknown:
		return ", maybe not delivered"
	}
	return ""
}

// textOf returns an entry's text, followed by its media in brackets.
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
