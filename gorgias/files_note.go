package gorgias

import (
	"html"
	"strings"

	"sidetext/chat"
)

// FilesNote drafts an internal note with a link to each file of a text. The links
// must require an agent's session. Shoppers do not see them, because notes are
// never mailed or quoted.
func FilesNote(external string, sender ID, from string, media []chat.Media, address func(chat.Media) string) MessageDraft {
	head := singleLine(from) + " sent " + chat.NameMedia(media) + ":"
	var plain, rich strings.Builder
	plain.WriteString(head)
	rich.WriteString("<p>" + html.EscapeString(head) + "</p><ul>")
	for _, m := range media {
		noun := strings.ToUpper(m.Noun()[:1]) + m.Noun()[1:]
		if m.State == chat.MediaFailed {
			problem := noun + " (not available: " + singleLine(m.Problem) + ")"
			plain.WriteString("\n" + problem)
			rich.WriteString("<li>" + html.EscapeString(problem) + "</li>")
			continue
		}
		plain.WriteString("\n" + noun + ": " + address(m))
		rich.WriteString(`<li><a href="` + html.EscapeString(address(m)) + `">` + html.EscapeString(noun) + "</a></li>")
	}
	rich.WriteString("</ul>")
	note := Note(external, sender, plain.String())
	note.BodyHTML = rich.String()
	return note
}
