package widget

import (
	"slices"
	"strings"
)

// DescribeLeftovers tells a merchant what Remove could not delete, why, and what to do.
// Objects with the same reason share a sentence.
func DescribeLeftovers(left []Leftover) string {
	var off, refused, rest []Leftover
	noAnswer := false
	for _, l := range left {
		switch {
		case l.refused && l.Off:
			off = append(off, l)
		case l.refused:
			refused = append(refused, l)
		default:
			rest = append(rest, l)
			noAnswer = noAnswer || l.noAnswer
		}
	}
	var sentences []string
	if names := joinNames(off); len(off) == 1 {
		sentences = append(sentences, "Gorgias does not delete "+names+" while something there uses it, such as a rule"+quoteReasons(off)+
			". It is switched off instead. Please remove it from the rules, then delete it in Gorgias.")
	} else if len(off) > 1 {
		sentences = append(sentences, "Gorgias does not delete "+names+" while something there uses them, such as a rule"+quoteReasons(off)+
			". They are switched off instead. Please remove them from the rules, then delete them in Gorgias.")
	}
	if names := joinNames(refused); len(refused) == 1 {
		sentences = append(sentences, "Gorgias does not let us delete "+names+quoteReasons(refused)+". It is still there; please delete it in Gorgias.")
	} else if len(refused) > 1 {
		sentences = append(sentences, "Gorgias does not let us delete "+names+quoteReasons(refused)+". They are still there; please delete them in Gorgias.")
	}
	if len(rest) == 0 {
		return strings.Join(append(sentences, "Sidetext is disconnected."), " ")
	}
	why := "Not everything could be deleted."
	if noAnswer {
		why = "Gorgias did not answer."
	}
	return strings.Join(append(sentences, why+" Sidetext is disconnected; these may still be there, please delete them in Gorgias: "+joinNames(rest)+"."), " ")
}

// joinNames returns the names as “a”, “b” and “c”.
func joinNames(left []Leftover) string {
	var all []string
	for _, l := range left {
		all = append(all, "“"+l.Name+"”")
	}
	if last := len(all) - 1; last > 0 {
		return strings.Join(all[:last], ", ") + " and " + all[last]
	}
	return strings.Join(all, "")
}

// quoteReasons returns the helpdesk's messages without duplicates.
func quoteReasons(left []Leftover) string {
	var reasons []string
	for _, l := range left {
		reason := "“" + l.reason + "”"
		if l.reason != "" && !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	if len(reasons) == 0 {
		return ""
	}
	return " (it says: " + strings.Join(reasons, " and ") + ")"
}
