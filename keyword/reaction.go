package keyword

import (
	"regexp"
	"strings"
	"unicode"
)

// Phones tell other phones of a reaction by quoting what it is about: Liked
// “Reply STOP to opt out”. Those words are ours, not the shopper's.
var (
	pleased = regexp.MustCompile(`(?s)^\s*(?:(?:liked|loved|laughed at|emphasi[sz]ed|le gusto|le encanto|removed an? [a-z ]{1,30} from|reacted .{1,20} to|\S{1,12}\s+to)\s+["“].*["”]|(?:liked|loved|laughed at|emphasi[sz]ed) an? (?:image|photo|picture|attachment|movie|video|message))[\s.!?…,]*$`)
	moved   = regexp.MustCompile(`(?s)^\s*(?:disliked|questioned|no le gusto)\s+["“].*["”][\s.!?…,]*$`)
)

// friendly are the emoji that need no answer.
const friendly = "👍👌🙏❤♥🧡💛💚💙💜🖤🤍🤎😀😃😄😁😊🙂☺😍🥰😘🤗🙌👏🎉💕💖💗💯🔥✅✔😂🤣😎🤩😇✨🫶🤝"

// reaction reads what is not said in words.
func reaction(said utterance) (Meaning, bool) {
	switch {
	case pleased.MatchString(said.folded):
		return Meaning{Intent: Nothing}, true
	case moved.MatchString(said.folded):
		return Meaning{Intent: Unknown}, true
	case said.words != "":
		return Meaning{}, false
	}
	intent := Unknown
	for _, r := range said.folded {
		if !unicode.In(r, unicode.So) {
			continue
		}
		if !strings.ContainsRune(friendly, r) {
			return Meaning{Intent: Unknown}, true
		}
		intent = Nothing
	}
	return Meaning{Intent: intent}, true
}
