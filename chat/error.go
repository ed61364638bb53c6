package chat

import "errors"

// A Kind says what sort of failure an Error is. It decides the HTTP status and
// whether trying again can help.
type Kind int

const (
	KindInvalid     Kind = iota + 1 // the request is malformed
	KindSignedOut                   // no valid session or credential
	KindForbidden                   // signed in, but not allowed
	KindNotFound                    // this shop has no such thing
	KindConflict                    // not possible in the present state
	KindTooLarge                    // over a size limit
	KindTooMany                     // over a rate limit
	KindUnavailable                 // temporary: trying again may help
	KindInternal                    // a bug of ours
)

// An Error is a failure whose Text may be shown to people. No other error's text
// ever is.
type Error struct {
	Kind Kind
	Code string // stable, for programs: "opted_out", "newer", …
	Text string // one sentence for people
}

func (e *Error) Error() string { return e.Text }

// Invalid returns the error for a malformed request.
func Invalid(text string) *Error { return &Error{KindInvalid, "invalid", text} }

var (
	// ErrNotFound is what a store returns when a thing does not exist, or belongs
	// to another shop.
	ErrNotFound = &Error{KindNotFound, "not_found", "There is nothing here."}
	// ErrSignedOut asks a person to sign in.
	ErrSignedOut = &Error{KindSignedOut, "signed_out", "Please sign in."}
	// ErrUnavailable means that nothing was stored and the caller should retry.
	ErrUnavailable = &Error{KindUnavailable, "unavailable", "This can't be done right now. Please try again in a moment."}
	// ErrRepeat rolls back a turn for something that was added before, such as a
	// text delivered twice. The store then returns the conversation as it is.
	ErrRepeat = errors.New("chat: already added")
)
