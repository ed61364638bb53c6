package keyword

import "strings"

// Parts that several patterns have, by the names that stand for them there.
var shared = strings.NewReplacer("FRAME", frame, "TEXTS", texts, "OBJECT", object, "PARCEL", parcel, "SOMEBODY", somebody,
	"GOODS", goods, "DET", determiners, "ELSEWHERE", elsewhere)

// A frame is how people begin to ask for something: "yes", "can you", "yes I
// want to", or nothing.
var (
	frame = `(?:` + agreed + `)?(?:` + strings.Join(requests, "|") + `)?`

	agreed = `(?:yes|yeah|yep|sure|actually) `
	// None of these may be the beginning of another: whoever finds one in front
	// of a text takes it for the only one.
	requests = []string{
		`(?:i|we) (?:want|need|wish|have|would like|would love|would prefer) (?:you )?to `,
		`(?:id|wed) (?:like|love|prefer) (?:you )?to `,
		`(?:can|could|may) (?:i|we) `, `(?:can|could|will|would) (?:you|yall) `,
		`(?:want|need|would like|like) to `, `(?:im|i am) (?:trying|going|ready|looking) to `,
		`let me `, `lets `, `go ahead and `, `you can `, `ill `, `i will `, `help me `, `is it possible to `, `is there a way to `,
	}

	agreement, request = waysOf(agreed), waysOf(requests...)
)

// framed calls try with what s says in each frame that it may have, until one
// will do.
func framed(s string, try func(string) bool) bool {
	if try(s) {
		return true
	}
	s, found := agreement.cut(s)
	if found && try(s) {
		return true
	}
	s, found = request.cut(s)
	return found && try(s)
}
