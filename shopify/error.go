package shopify

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

var (
	errUnreadable = errors.New("invalid response")
	errTooLong    = errors.New("response is too long")
)

// Codes of errors[] in a response (shopify.dev, "GraphQL Admin API", status and error
// codes), and of our own.
const (
	codeThrottled    = "THROTTLED"
	codeAccessDenied = "ACCESS_DENIED"
	codeMaxCost      = "MAX_COST_EXCEEDED"
	codeInternal     = "INTERNAL_SERVER_ERROR"
	codeShutdown     = "SHOP_INACTIVE"
	codeUnreadable   = "unreadable"
	codeUserError    = "user_error" // a mutation was refused, without a code
)

// An Error describes a request that did not do what it should: the Cause of every
// chat.SendError of this package. Its text contains no words of Shopify's, because
// these may contain personal data.
type Error struct {
	Action     string        // verb and object: "list orders"
	Change     bool          // it was a mutation
	Status     int           // 0: no response
	Code       string        // of the first error: "ACCESS_DENIED", "shop_not_permitted", "INVALID", …
	Scope      string        // with ACCESS_DENIED: the access scope that is missing
	Message    string        // Shopify's words, at most 200 bytes; never log them
	Grant      bool          // the request was for an access token
	Refused    bool          // userErrors: Shopify did not make the change
	Written    bool          // at least a part of the request was written to the network
	RetryAfter time.Duration // minimum wait before a retry, if known
	RequestID  string        // Shopify's id of the request
	Asked      string        // version of the API
	Answered   string        // version that answered, if known
	Cause      error
}

func (e *Error) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "shopify: %s", e.Action)
	if e.Grant {
		s.WriteString(": request access token")
	}
	if e.Status != 0 {
		fmt.Fprintf(&s, ": %d", e.Status)
	}
	if e.Code != "" {
		fmt.Fprintf(&s, ": %s", e.Code)
	}
	if e.outdated() {
		fmt.Fprintf(&s, ": version %s answered, not %s", e.Answered, e.Asked)
	}
	if e.Cause != nil {
		fmt.Fprintf(&s, ": %v", e.Cause)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&s, " (request %s)", e.RequestID)
	}
	return s.String()
}

func (e *Error) Unwrap() error { return e.Cause }

// outdated reports whether another version of the API answered than was asked:
// Shopify's oldest one answers for versions that have expired.
func (e *Error) outdated() bool {
	return versionName.MatchString(e.Answered) && e.Asked != "" && e.Answered != e.Asked
}

// An envelope is the body of every response.
type envelope struct {
	Data       json.RawMessage `json:"data"`
	Errors     json.RawMessage `json:"errors"` // a list, or a string
	Extensions struct {
		Cost *queryCost `json:"cost"`
	} `json:"extensions"`
}

// A wireError is one of errors[].
type wireError struct {
	Message    string `json:"message"`
	Extensions struct {
		Code           string `json:"code"`
		RequiredAccess string `json:"requiredAccess"`
	} `json:"extensions"`
}

var (
	codeForm  = regexp.MustCompile(`^[A-Za-z][A-Za-z_]{0,59}$`)
	scopeForm = regexp.MustCompile(`\b(?:read|write)_[a-z_]+\b`)
)

// decode fills e from the errors of a response, which come in three forms, and reports
// whether there are any. Data may be partly there beside them.
func (e *Error) decode(in envelope) bool {
	if len(in.Errors) == 0 || string(in.Errors) == "null" || string(in.Errors) == "[]" {
		return false
	}
	var text string
	if json.Unmarshal(in.Errors, &text) == nil {
		e.setMessage(text)
		// "[API] This action requires merchant approval for read_orders scope."
		if e.Scope = scopeForm.FindString(text); e.Scope != "" {
			e.Code = codeAccessDenied
		}
		return true
	}
	var list []wireError
	if unmarshal(in.Errors, &list) != nil || len(list) == 0 {
		return true // another form: the status has to do
	}
	worst := list[0]
	for _, one := range list {
		// Of several errors, the one that says what to do about the request.
		if rank(one.Extensions.Code) > rank(worst.Extensions.Code) {
			worst = one
		}
	}
	e.setCode(worst.Extensions.Code)
	e.setMessage(worst.Message)
	if e.Code == codeAccessDenied {
		e.Scope = scopeForm.FindString(worst.Extensions.RequiredAccess)
		if e.Scope == "" {
			e.Scope = scopeForm.FindString(worst.Message)
		}
	}
	return true
}

func rank(code string) int {
	switch code {
	case codeThrottled:
		return 3
	case codeAccessDenied, codeShutdown:
		return 2
	case "":
		return 0
	}
	return 1
}

// setCode sets a code of Shopify's if it has the form of one.
func (e *Error) setCode(code string) {
	if codeForm.MatchString(code) {
		e.Code = code
	}
}

func (e *Error) setMessage(text string) {
	e.Message = strings.ToValidUTF8(text[:min(len(text), 200)], "")
}
