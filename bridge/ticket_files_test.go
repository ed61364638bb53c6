package bridge_test

import (
	"fmt"
	"slices"
	"testing"

	"sidetext/chat"
)

// sendFile receives a text of Jane's with a file.
func (w *world) sendFile(text string, file chat.Media) {
	w.Helper()
	in := w.incoming(jane, text)
	in.Media = []chat.Media{file}
	if err := w.bridge.Receive(w.ctx, w.config, in); err != nil {
		w.Fatal(err)
	}
}

// Files are linked once, in a note of their own, whichever call fails.
func TestFilesAreLinkedInNote(t *testing.T) {
	t.Parallel()
	notes := func(k *ticket) (found []string) {
		for _, m := range k.messages {
			if m.note != "" {
				found = append(found, m.note)
			}
		}
		return found
	}
	voice, another := chat.Media{Type: "audio/amr", URL: "https://a"}, chat.Media{Type: "audio/amr", URL: "https://b"}
	for name, fault := range map[string]func(call string, before bool, n int) error{
		"nothing fails":            func(string, bool, int) error { return nil },
		"the note fails once":      func(call string, before bool, n int) error { return lostIf(call == "files" && before && n == 1) },
		"its answer is lost":       func(call string, before bool, n int) error { return lostIf(call == "files" && !before && n == 1) },
		"a text's answer is lost":  func(call string, before bool, n int) error { return lostIf(call == "append" && !before && n == 1) },
		"the ticket's answer, too": func(call string, before bool, n int) error { return lostIf(call == "open" && !before && n == 1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c, _ := newMediaWorld(t)
			c.file = chat.File{Type: "audio/amr", Data: []byte("#!AMR")}
			calls := map[string]int{}
			count := func(before bool) func(string) error {
				return func(call string) error {
					calls[fmt.Sprint(call, before)]++
					return fault(call, before, calls[fmt.Sprint(call, before)])
				}
			}
			w.helpdesk.fail(count(true), count(false))
			w.sendFile("", voice)
			w.finishRetries()
			if e := w.snapshot(jane).Escalation; e == nil || e.Wants != "Sent a voice message" {
				t.Errorf("escalation %+v", e)
			}
			w.sendFile("and another", another)
			w.receive(jane, "no file here")
			w.finishRetries()
			_, k := w.helpdesk.onlyTicket(t)
			if got, want := notes(k), []string{"Files: a voice message", "Files: a voice message"}; !slices.Equal(got, want) {
				t.Errorf("notes: %q, want %q", got, want)
			}
			if got := k.textCounts(); got["and another"] != 1 || got["no file here"] != 1 {
				t.Errorf("the ticket says %v", got)
			}
			if waiting, failed := w.counts(); waiting+failed != 0 {
				t.Errorf("%d wait, %d failed", waiting, failed)
			}
		})
	}
}

// lostIf returns an error of unknown outcome if fails.
func lostIf(fails bool) error {
	if fails {
		return errUnreachable
	}
	return nil
}
