package gorgias

import (
	"html"
	"strings"
	"time"
	"unicode"

	"sidetext/chat"
)

// Of a long dialogue the newest entries are told. A ticket holds what was
// handed over and repeats it with every text, so it has to stay small.
const maxDialogue = 100

// Dialogue tells entries in plain words, as text and as HTML: a line with the
// day, then each with who and when. Shoppers get it by mail, so notes are left
// out, and what befell the ticket itself. The shopper is named as given; times
// are of the zone (nil: UTC).
//
// Nothing that somebody texted can look like a line of somebody else's: further
// lines of a text are indented, in HTML each entry is a paragraph of its own.
func Dialogue(entries []chat.Entry, shopper string, zone *time.Location) (text, markup string) {
	if zone == nil {
		zone = time.UTC
	}
	var told []chat.Entry
	for _, e := range entries {
		if say(e, shopper) != "" {
			told = append(told, e)
		}
	}
	var plain, rich strings.Builder
	if n := len(told) - maxDialogue; n > 0 {
		told = told[n:]
		plain.WriteString("(Earlier texts are left out.)\n")
		rich.WriteString("<p><em>(Earlier texts are left out.)</em></p>")
	}
	day := ""
	for _, e := range told {
		at := e.At.In(zone)
		if d := at.Format("2 January 2006"); d != day {
			if day == "" {
				plain.WriteString(d + ", times in " + at.Format("MST") + "\n")
				rich.WriteString("<p><em>" + d + ", times in " + at.Format("MST") + "</em></p>")
			} else {
				plain.WriteString(d + "\n")
				rich.WriteString("<p><em>" + d + "</em></p>")
			}
			day = d
		}
		clock, said := at.Format("15:04"), say(e, shopper)
		if e.Kind == chat.Happened {
			plain.WriteString("– " + clock + ": " + said + "\n")
			rich.WriteString("<p><em>" + clock + ": " + html.EscapeString(said) + "</em></p>")
			continue
		}
		head := who(e.By, shopper) + ", " + clock + fate(e)
		plain.WriteString(head + ": " + strings.ReplaceAll(said, "\n", "\n    ") + "\n")
		rich.WriteString("<p><strong>" + html.EscapeString(head) + ":</strong> " + paragraph(said) + "</p>")
	}
	return strings.TrimSuffix(plain.String(), "\n"), rich.String()
}

func who(by chat.Author, shopper string) string {
	switch by.Role {
	case chat.ByShopper:
		return line(shopper)
	case chat.ByAgent:
		if name := line(by.Name); name != "" {
			return name + " (agent, by SMS)"
		}
		return "Agent (by SMS)"
	}
	return "Automatic answer"
}

// fate says what a reader would otherwise take for delivered.
func fate(e chat.Entry) string {
	switch e.State {
	case chat.Failed:
		return ", not delivered"
	case chat.Unknown:
		return ", maybe not delivered"
	}
	return ""
}

// say is what an entry says, or nothing when it is not to be told.
func say(e chat.Entry, shopper string) string {
	switch e.Kind {
	case chat.Text:
		parts := make([]string, 0, 1+len(e.Media))
		if t := clean(e.Text); t != "" {
			parts = append(parts, t)
		}
		for _, m := range e.Media {
			kind, _, _ := strings.Cut(m.Type, "/")
			switch kind {
			case "image":
				parts = append(parts, "[picture]")
			case "video", "audio":
				parts = append(parts, "["+kind+"]")
			default:
				parts = append(parts, "[file]")
			}
		}
		return strings.Join(parts, "\n")
	case chat.Happened:
		return happened(e, line(shopper))
	}
	return ""
}

func happened(e chat.Entry, shopper string) string {
	var words string
	switch e.Event {
	case chat.Escalated:
		words = "Handed to a person"
	case chat.HandedBack:
		words = "Automatic answers are on again"
	case chat.OptedOut:
		words = shopper + " opted out of texts"
	case chat.OptedIn:
		words = shopper + " opted in to texts"
	case chat.RepliedByMail:
		words = "Answered by e-mail"
	default:
		return "" // of the ticket itself, which the reader is looking at
	}
	if detail := line(e.Text); detail != "" && e.Event != chat.Escalated && e.Event != chat.OptedOut {
		return detail // of those two it is for agents
	}
	return words
}

// clean makes a text safe to show among others: line breaks of every kind
// become plain ones, and what would hide or turn round its surroundings goes.
func clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n",
		"\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t':
			return c
		case unicode.IsControl(c), c >= 0x202A && c <= 0x202E, c >= 0x2066 && c <= 0x2069:
			return -1
		}
		return c
	}, s)
	return strings.TrimSpace(s)
}

// line is clean for what has to stay on one line.
func line(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// paragraph is the text as HTML, its line breaks kept.
func paragraph(s string) string {
	return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>")
}
