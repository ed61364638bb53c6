package keyword

// A Pattern is one of ours, and the expression that it stands for.
type Pattern struct {
	Expression       string
	MatchString      func(string) bool
	ReplaceAllString func(s, by string) string // nil if it is for whole texts
}

// Patterns are all patterns by their names.
func Patterns() map[string]Pattern {
	patterns := map[string]Pattern{}
	for name, w := range map[string]whole{
		"menu": menu, "again": again, "content": content, "stop": stop, "astray": astray, "ending": ending, "calling": calling,
		"doubtful": doubtful, "things": things, "belongs": belongs, "mere": mere, "vague": vague, "everything": everything, "these": these, "serving": serving,
	} {
		patterns[name] = Pattern{w.plain, w.MatchString, nil}
	}
	for _, w := range wishes {
		patterns[w.word] = Pattern{w.ways.plain, w.ways.MatchString, nil}
	}
	for name, p := range map[string]part{
		"polite": polite, "greeting": greeting, "thanks": thanks, "pressing": pressing, "silent": silent, "leaving": leaving,
		"denied": denied, "limited": limited, "threat": threat, "replacing": replacing, "numbers": numbers, "excepts": excepts,
		"aboutTexts": aboutTexts, "wishful": wishful, "wondering": wondering, "placeBefore": placeBefore, "trailing": trailing, "saidStop": saidStop,
		"hints": hints, "elsewhereSilent": elsewhereSilent, "channel": channel, "others": others, "welcome": welcome,
		"textual": textual, "mailing": mailing, "nextOnly": nextOnly, "goodsAnywhere": goodsAnywhere, "machines": machines, "hurried": hurried, "ended": ended, "kept": kept, "takenBack": takenBack, "asked": asked, "still": still, "listed": listed, "pausing": pausing, "holdsBack": holdsBack, "mailOnly": mailOnly,
		"besides": besides, "asking": asking, "refusing": refusing, "orderChange": orderChange, "noOrderChange": noOrderChange,
		"status": status, "noStatus": noStatus,
	} {
		patterns[name] = Pattern{p.plain, p.MatchString, p.ReplaceAllString}
	}
	return patterns
}

// Heard is everything that patterns look at in a text.
func Heard(text string) []string {
	said := listen(text)
	return append(said.clauses, said.words, said.core)
}
