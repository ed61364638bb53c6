package chat

import "errors"

// A Kind says what sort of failure an Error is. It decides the HTTP status and
// whether trying again can help.
type Kind int

const (
	KindInvalid     Kind = iota + 1 // the request is wrong as it stands
	KindSignedOut                   // nobody is signed in, or the proof was wrong
	KindForbidden                   // signed in, but not allowed
	KindNotFound                    // there is no such thing in this shop
	KindConflict                    // the state has moved on
	KindTooLarge                    // more than we take
	KindTooMany                     // too often
	KindUnavailable                 // not now; it may work later
	KindBroken                      // our own mistake
)

// An Error is a failure that may be explained to the person it happened to.
// Every other error is ours alone and is never shown.
type Error struct {
	Kind Kind
	Code string // one stable word for programs: "opted_out", "newer", …
	Text string // one plain sentence for people
}

func (e *Error) Error() string { return e.Text }

// Invalid is the error for a request that is wrong as it stands.
func Invalid(text string) *Error { return &Error{KindInvalid, "invalid", text} }

var (
	// ErrNotFound is what a store returns when there is nothing there, or when
	// what is there belongs to another shop.
	ErrNotFound = &Error{KindNotFound, "not_found", "There is nothing here."}
	// ErrSignedOut asks the person to sign in (again).
	ErrSignedOut = &Error{KindSignedOut, "signed_out", "Please sign in."}
	// ErrUnavailable means that nothing was kept and the caller should try again.
	ErrUnavailable = &Error{KindUnavailable, "unavailable", "This can't be done right now. Please try again in a moment."}
	// ErrRepeat undoes a turn that has been taken before. The store returns the
	// conversation as it is; nobody outside the domain sees it.
	ErrRepeat = errors.New("chat: this was heard before")
)
