package stories

import (
	"sidetext/pretend/gorgias"
	"sidetext/server/e2e/stage"
)

// stripped is what is new in a message, each text on lines of its own.
func stripped(m *gorgias.Message) string {
	if m.StrippedText != nil {
		return *m.StrippedText + "\n"
	}
	return stage.BodyText(m) + "\n"
}
