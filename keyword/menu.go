package keyword

import (
	"regexp"
	"strconv"
	"strings"
)

// A Choice is one line of a menu.
type Choice struct {
	Word  string // identifies the choice, and may be texted: "skip"
	Label string // what people see: "Skip my next order"
}

// Default is the menu that every shop starts with; an agent does what was chosen.
// Its choices are understood in words at any time, by number only after the menu was
// sent.
var Default = []Choice{
	{"status", "Order status"},
	{"change", "Change an order or subscription"},
	{"end", "End my subscription"},
	{"person", "Talk to a person"},
}

// otherChoices are understood in words, but are not in the menu.
var otherChoices = []Choice{
	{"skip", "Skip the next order"},
	{"delay", "Delay the next order"},
	{"swap", "Swap products"},
}

var (
	asksMenu = expr.Exact(`(?:FRAME)?(?:(?:see|show|show me|send|send me|get|open|give me|back to|go to|what are|whats) )?(?:the |my |your |all |main )*(?:menu|options?|choices|commands|keywords)`,
		`(?:go )?back`, `start over`, `(?:what )?can (?:i|you) do(?: here)?`, `what can (?:i|you) do(?: here)?`, `modify`,
		`(?:FRAME)?manage(?: my| the)? subscription`, `manage`, `(?:ver |muestrame )?(?:las |mis |el )?(?:opciones|menu)`, `(?:voir )?(?:les |mes |le )?options`)
	asksHow     = regexp.MustCompile(`^(?:how (?:do|can|could|would|should) (?:i|we) |how to )`)
	resubscribe = expr.Exact(`(?:please )?(?:re ?subscribe(?: me)?|opt (?:me )?(?:back )?in|(?:start|resume)(?: sending)?(?: me)? (?:texts|messages|texting)(?: me)?(?: again)?|text me again)`)
)

// Render returns a menu as a text, each choice on a line with its number.
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

// knownChoice returns the choice with this word.
func knownChoice(word string) Choice {
	for _, choices := range [][]Choice{Default, otherChoices} {
		for _, c := range choices {
			if c.Word == word {
				return c
			}
		}
	}
	return Choice{Word: word}
}

const (
	cardinals     = "one two three four five six seven eight nine ten"
	ordinals      = "first second third fourth fifth sixth seventh eighth ninth tenth"
	ordinalDigits = "1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th"
)

var (
	numberAnswer  = regexp.MustCompile(`^(?:(?:i |ill )?(?:choose|pick|select|go with|press|reply|reply with) )?(?:(?:the )?(?:option|number|choice|item) )?([a-z]+|[1-9][0-9]?)$`)
	ordinalAnswer = regexp.MustCompile(`^(?:(?:i |ill )?(?:choose|pick|select|go with) )?(?:the )?([a-z0-9]+)(?: one| option| choice)?$`)
	// numberedLine matches a number with the words after it, as in the menu.
	numberedLine = regexp.MustCompile(`^([1-9][0-9]?) (.+)$`)
)

// readAnswer returns the choice of the last menu that a text makes: by its number,
// its word, its label, or number and label. A number that is not in the menu, or
// belongs to another line than the words after it, is no answer.
func readAnswer(u utterance, menu []Choice) (Choice, bool) {
	if u.core == "" || len(menu) == 0 {
		return Choice{}, false
	}
	for _, c := range menu {
		if u.core == coreOf(c.Label) || u.core == coreOf(c.Word) {
			return c, true
		}
	}
	if m := numberedLine.FindStringSubmatch(u.core); m != nil {
		c, ok := choiceByNumber(m[1], menu)
		rest := m[2]
		return c, ok && (rest == coreOf(c.Label) || rest == coreOf(c.Word) || requestedChange(rest) == c.Word)
	}
	if m := numberAnswer.FindStringSubmatch(u.core); m != nil {
		if c, ok := choiceByNumber(m[1], menu); ok {
			return c, true
		}
	}
	if m := ordinalAnswer.FindStringSubmatch(u.core); m != nil {
		return choiceAt(positionIn(m[1], ordinals, ordinalDigits), menu)
	}
	return Choice{}, false
}

// coreOf returns the core of a choice's word or label. Those of our own choices are
// computed in advance.
func coreOf(name string) string {
	if core, ok := knownCores[name]; ok {
		return core
	}
	return normalize(name).core
}

var knownCores = func() map[string]string {
	all := map[string]string{}
	for _, c := range append(Default[:len(Default):len(Default)], otherChoices...) {
		all[c.Word], all[c.Label] = normalize(c.Word).core, normalize(c.Label).core
	}
	return all
}()

func choiceByNumber(name string, menu []Choice) (Choice, bool) {
	n, err := strconv.Atoi(name)
	if err != nil {
		n = positionIn(name, cardinals)
	}
	return choiceAt(n, menu)
}

// positionIn returns the position of a word in one of the lists, from 1, or 0.
func positionIn(word string, lists ...string) int {
	for _, list := range lists {
		for i, w := range strings.Fields(list) {
			if w == word {
				return i + 1
			}
		}
	}
	return 0
}

func choiceAt(n int, menu []Choice) (Choice, bool) {
	if n < 1 || n > len(menu) {
		return Choice{}, false
	}
	return menu[n-1], true
}
