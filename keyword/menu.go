package keyword

import (
	"regexp"
	"strconv"
	"strings"
)

// A Choice is one line of a menu.
type Choice struct {
	Word  string // names the choice for programs, and may be texted: "skip"
	Label string // names it for people: "Skip my next order"
}

// Default is the menu that every shop starts with. A person does each of these
// for the shopper. Its choices are understood in words at any time; by number
// only when the menu was sent.
var Default = []Choice{
	{"status", "Order status"},
	{"change", "Change an order or subscription"},
	{"end", "End my subscription"},
	{"person", "Talk to a person"},
}

// changes are what else is understood in words.
var changes = []Choice{
	{"skip", "Skip the next order"},
	{"delay", "Delay the next order"},
	{"swap", "Swap products"},
}

var (
	menu = full(`(?:FRAME)?(?:(?:see|show|show me|send|send me|get|open|give me|back to|go to|what are|whats) )?(?:the |my |your |all |main )*(?:menu|options?|choices|commands|keywords)`,
		`(?:go )?back`, `start over`, `(?:what )?can (?:i|you) do(?: here)?`, `what can (?:i|you) do(?: here)?`, `modify`,
		`(?:FRAME)?manage(?: my| the)? subscription`, `manage`, `(?:ver |muestrame )?(?:las |mis |el )?(?:opciones|menu)`, `(?:voir )?(?:les |mes |le )?options`)
	how   = regexp.MustCompile(`^(?:how (?:do|can|could|would|should) (?:i|we) |how to )`)
	again = full(`(?:please )?(?:re ?subscribe(?: me)?|opt (?:me )?(?:back )?in|(?:start|resume)(?: sending)?(?: me)? (?:texts|messages|texting)(?: me)?(?: again)?|text me again)`)
)

// Render writes a menu as a text, each choice on a line with its number.
func Render(intro string, menu []Choice) string {
	lines := make([]string, 0, len(menu)+1)
	if intro != "" {
		lines = append(lines, intro)
	}
	for i, c := range menu {
		lines = append(lines, strconv.Itoa(i+1)+". "+c.Label)
	}
	return strings.Join(lines, "\n")
}

// known is the choice with this word.
func known(word string) Choice {
	for _, choices := range [][]Choice{Default, changes} {
		for _, c := range choices {
			if c.Word == word {
				return c
			}
		}
	}
	return Choice{Word: word}
}

const (
	cardinals = "one two three four five six seven eight nine ten"
	ordinals  = "first second third fourth fifth sixth seventh eighth ninth tenth"
	shortened = "1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th"
)

var (
	number  = regexp.MustCompile(`^(?:(?:i |ill )?(?:choose|pick|select|go with|press|reply|reply with) )?(?:(?:the )?(?:option|number|choice|item) )?([a-z]+|[1-9][0-9]?)$`)
	ordinal = regexp.MustCompile(`^(?:(?:i |ill )?(?:choose|pick|select|go with) )?(?:the )?([a-z0-9]+)(?: one| option| choice)?$`)
	// A number with what it stands for behind it, as in the menu itself.
	numbered = regexp.MustCompile(`^([1-9][0-9]?) (.+)$`)
)

// answered finds the choice of the last menu that a text makes: its number, its
// word, its label, or number and label. A number that is not in the menu, or
// belongs to another line than the words with it, is no answer.
func answered(said utterance, menu []Choice) (Choice, bool) {
	if said.core == "" || len(menu) == 0 {
		return Choice{}, false
	}
	for _, c := range menu {
		if said.core == coreOf(c.Label) || said.core == coreOf(c.Word) {
			return c, true
		}
	}
	if m := numbered.FindStringSubmatch(said.core); m != nil {
		c, ok := numberedChoice(m[1], menu)
		rest := m[2]
		return c, ok && (rest == coreOf(c.Label) || rest == coreOf(c.Word) || wish(rest) == c.Word)
	}
	if m := number.FindStringSubmatch(said.core); m != nil {
		if c, ok := numberedChoice(m[1], menu); ok {
			return c, true
		}
	}
	if m := ordinal.FindStringSubmatch(said.core); m != nil {
		return pick(place(m[1], ordinals, shortened), menu)
	}
	return Choice{}, false
}

// coreOf is what listen makes of a choice's word or label. It is known of our own.
func coreOf(name string) string {
	if core, ok := cores[name]; ok {
		return core
	}
	return listen(name).core
}

var cores = func() map[string]string {
	all := map[string]string{}
	for _, c := range append(Default[:len(Default):len(Default)], changes...) {
		all[c.Word], all[c.Label] = listen(c.Word).core, listen(c.Label).core
	}
	return all
}()

func numberedChoice(name string, menu []Choice) (Choice, bool) {
	n, err := strconv.Atoi(name)
	if err != nil {
		n = place(name, cardinals)
	}
	return pick(n, menu)
}

// place is where a word stands in one of the lists, from 1; 0 if nowhere.
func place(word string, lists ...string) int {
	for _, list := range lists {
		for i, w := range strings.Fields(list) {
			if w == word {
				return i + 1
			}
		}
	}
	return 0
}

func pick(n int, menu []Choice) (Choice, bool) {
	if n < 1 || n > len(menu) {
		return Choice{}, false
	}
	return menu[n-1], true
}
