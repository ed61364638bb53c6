package keyword

import "sidetext/keyword/phrase"

// expr compiles all patterns. FRAME stands for how people begin to ask for something
// ("yes", "can you", "yes I want to", or nothing), the other names for parts that
// several patterns share.
var expr = phrase.NewCompiler([][]string{{agreement}, requests},
	"TEXTS", texts, "OBJECT", object, "PARCEL", parcel, "AGENT", agent,
	"GOODS", goods, "DET", determiners, "ELSEWHERE", otherChannel)

const agreement = `(?:yes|yeah|yep|sure|actually) `

// requests are the second step of FRAME, so none may be the beginning of another.
var requests = []string{
	`(?:i|we) (?:want|need|wish|have|would like|would love|would prefer) (?:you )?to `,
	`(?:id|wed) (?:like|love|prefer) (?:you )?to `,
	`(?:can|could|may) (?:i|we) `, `(?:can|could|will|would) (?:you|yall) `,
	`(?:want|need|would like|like) to `, `(?:im|i am) (?:trying|going|ready|looking) to `,
	`let me `, `lets `, `go ahead and `, `you can `, `ill `, `i will `, `help me `, `is it possible to `, `is there a way to `,
}

var request = expr.Prefix(requests...)
