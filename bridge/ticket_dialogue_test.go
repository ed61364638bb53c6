package bridge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
)

// quotes returns the texts that a message quotes.
func (m message) quotes() (texts []string) {
	for _, e := range m.quoted {
		texts = append(texts, e.Text)
	}
	return texts
}

// occurrences counts text in texts.
func occurrences(texts []string, text string) (n int) {
	for _, t := range texts {
		if t == text {
			n++
		}
	}
	return n
}

// Each choice is quoted after its menu, also those of ended escalations.
func TestDialogueKeepsExchangeOfEachEscalation(t *testing.T) {
	t.Parallel()
	for name, early := range map[string]bool{"the ticket is synced at once": true, "the helpdesk is down": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for range 3 {
				w.receive(jane, "menu", "2")
				if early {
					w.settle()
				}
				w.handBack(jane)
				w.advance(2 * time.Hour)
				w.receive(jane, "menu") // needs no agent
				w.advance(2 * time.Hour)
			}
			w.receive(jane, "menu", "2", "are you there?")
			w.settle()
			_, k := w.helpdesk.onlyTicket(t)
			last := k.messages[len(k.messages)-1]
			if last.texts[0] != "are you there?" && last.texts[len(last.texts)-1] != "are you there?" {
				t.Fatalf("the last message is %+v", last)
			}
			texts := append(last.quotes(), last.texts...)
			if menus, choices := occurrences(texts, "menu"), occurrences(texts, "2"); menus != 4 || choices != 4 {
				t.Errorf("the dialogue has %d menus and %d choices, want 4 of each: %q", menus, choices, texts)
			}
			for i, text := range texts {
				if text == "2" && (i < 2 || texts[i-2] != "menu") {
					t.Errorf("the choice at %d has no menu before it in %q", i, texts)
				}
			}
		})
	}
}

// However long a conversation is, the quoted and the omitted texts of a message add
// up to all texts before it.
func TestDialogueCountsAllTexts(t *testing.T) {
	t.Parallel()
	for name, texts := range map[string]int{"short": 3, "more than fifty": 70, "more than fits": 250, "more than a snapshot holds": 700} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.receive(jane, clearRequest)
			w.settle()
			_, err := w.store.Turn(w.ctx, w.config.Shop.ID, w.conversation(jane), w.time(), func(t *chat.Turn) error {
				for i := range texts {
					if _, err := t.Receive(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("many", i), Text: fmt.Sprint("text ", i)}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			w.settle()
			w.receive(jane, "the last one")
			w.settle()
			_, k := w.helpdesk.onlyTicket(t)
			last := k.messages[len(k.messages)-1]
			if want := texts + 2; last.before != want || len(last.quoted) != min(want, chat.MaxDialogue) { // with the acknowledgement
				t.Errorf("before the last text: %d texts, %d quoted; want %d texts", last.before, len(last.quoted), want)
			}
		})
	}
}

// A choice that is texted hours after its menu is handed over with the menu.
func TestLateChoiceIsHandedOverWithMenu(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before []string // texted two hours after the menu
		pause  time.Duration
		choice string
		menu   bool
	}{
		"at once":                          {nil, 0, "2", true},
		"after two hours":                  {nil, 2 * time.Hour, "2", true},
		"the menu's words":                 {nil, 2 * time.Hour, "option two", true},
		"a number that is not on the menu": {nil, 2 * time.Hour, "7", true},
		"after thanks":                     {[]string{"thanks"}, 4 * time.Hour, "2", true},
		"after a day":                      {nil, 25 * time.Hour, "2", false},
		"another request":                  {nil, 2 * time.Hour, unclearText, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.receive(jane, "menu")
			w.settle()
			w.advance(2 * time.Hour)
			w.receive(jane, test.before...)
			w.advance(test.pause - 2*time.Hour)
			w.receive(jane, test.choice)
			w.settle()
			_, k := w.helpdesk.onlyTicket(t)
			var before []string
			for _, e := range k.opening {
				before = append(before, e.Text)
			}
			for _, m := range k.messages {
				before = append(append(before, m.quotes()...), m.texts...)
			}
			i := slices.Index(before, test.choice)
			quoted := i > 0 && slices.ContainsFunc(before[:i], func(text string) bool { return strings.Contains(text, "2. Change an order") })
			if i < 0 || quoted != test.menu {
				t.Errorf("the ticket has %q; menu before %q: %t, want %t", before, test.choice, quoted, test.menu)
			}
		})
	}
}
