package widget

import (
	"slices"
	"strings"
)

// DescribeLeftovers say what Remove left, why, and what to do, in sentences for a merchant
// whose helpdesk is disconnected all the same. What is left for the same reason
// shares a sentence.
func DescribeLeftovers(left []Leftover) string {
	var off, refused, rest []Leftover
	silent := false
	for _, l := range left {
		switch {
		case l.refused && l.Off:
			off = append(off, l)
		case l.refused:
			refused = append(refused, l)
		default:
			rest = append(rest, l)
			silent = silent || l.noAnswer
		}
	}
	var said []string
	if names := joinNames(off); len(off) == 1 {
		said = append(said, "Gorgias does not delete "+names+" while something there uses it, such as a rule"+quoteReasons(off)+
			". It is switched off instead and calls Sidetext no more. Take it out of the rules, then delete it in Gorgias.")
	} else if len(off) > 1 {
		said = append(said, "Gorgias does not delete "+names+" while something there uses them, such as a rule"+quoteReasons(off)+
			". They are switched off instead and call Sidetext no more. Take them out of the rules, then delete them in Gorgias.")
	}
	if names := joinNames(refused); len(refused) == 1 {
		said = append(said, "Gorgias does not let us delete "+names+quoteReasons(refused)+". It is still there; please delete it in Gorgias.")
	} else if len(refused) > 1 {
		said = append(said, "Gorgias does not let us delete "+names+quoteReasons(refused)+". They are still there; please delete them in Gorgias.")
	}
	if len(rest) == 0 {
		return strings.Join(append(said, "Sidetext is disconnected all the same."), " ")
	}
	why := "Not everything could be deleted."
	if silent {
		why = "Gorgias did not answer."
	}
	return strings.Join(append(said, why+" Sidetext is disconnected; these may still be there, please delete them in Gorgias: "+joinNames(rest)+"."), " ")
}

// joinNames is the names of what is left: “a”, “b” and “c”.
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

// quoteReasons is what the helpdesk says about it, each sentence once.
func quoteReasons(left []Leftover) string {
	var said []string
	for _, l := range left {
		if words := "“" + l.reason + "”"; l.reason != "" && !slices.Contains(said, words) {
			said = append(said, words)
		}
	}
	if len(said) == 0 {
		return ""
	}
	return " (it says: " + strings.Join(said, " and ") + ")"
}
