package recharge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Causes of errors. Those of other packages are kept only if they can't quote a
// response.
var (
	// errInvalid is the cause if a request was not made because Recharge would refuse it.
	errInvalid  = errors.New("invalid request")
	errOwnLimit = errors.New("own rate limit reached")
	errBroken   = errors.New("connection broken")
	errShape    = errors.New("invalid response")
	errTooLarge = errors.New("response too large")
	errTooLong  = errors.New("list too long")
)

// An Error describes a call without a usable response. It is the cause of every
// chat.SendError of this package. Its text contains nothing that
// Recharge wrote, no query and no body; see Details.
type Error struct {
	Action     string        // verb and object: "skip charge"
	Method     string        // GET, POST, PUT, DELETE
	Scope      string        // that the call needs: "write_orders"; empty: unknown
	Status     int           // 0: no response; 2xx: the response could not be decoded
	Written    bool          // at least a part of the request was written to the network
	RetryAfter time.Duration // minimum wait before a retry, if known
	Cause      error         // why there is no usable response

	details []Detail
}

func (e *Error) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "recharge: %s", e.Action)
	if e.Status != 0 {
		fmt.Fprintf(&s, ": %d", e.Status)
	}
	if e.Cause != nil {
		fmt.Fprintf(&s, ": %v", e.Cause)
	}
	return s.String()
}

func (e *Error) Unwrap() error { return e.Cause }

// Details returns what Recharge said about the request, for merchants. It may contain
// personal data.
func (e *Error) Details() []Detail { return e.details }

// Unknown reports whether a change may have been made despite the error. Check for it
// before retrying. Call Unknown before Temporary.
func (e *Error) Unknown() bool {
	if e.Method == http.MethodGet || e.own() {
		return false
	}
	if e.Status == 0 {
		return e.Written
	}
	return e.Status < 300 || e.Status == http.StatusRequestTimeout || e.Status >= 500
}

// Temporary reports whether a retry may succeed.
func (e *Error) Temporary() bool {
	if errors.Is(e.Cause, errInvalid) || errors.Is(e.Cause, errTooLong) {
		return false
	}
	return e.Status < 300 || e.Conflict() || e.Status == http.StatusRequestTimeout ||
		e.Status == http.StatusTooManyRequests || e.Status >= 500
}

// Conflict reports whether Recharge refused a change because it is still working on
// another one of the same addresses, or rebuilds their charges ("Route Lock").
func (e *Error) Conflict() bool { return e.Status == http.StatusConflict }

// Gone reports whether the object does not exist, or no longer. Its id may have
// changed with a merge.
func (e *Error) Gone() bool { return e.Status == http.StatusNotFound || e.Status == http.StatusGone }

// BadToken reports whether Recharge refused the token.
func (e *Error) BadToken() bool { return e.Status == http.StatusUnauthorized }

// MissingScope reports whether the token may not do this; Scope names what it needs.
func (e *Error) MissingScope() bool { return e.Status == http.StatusForbidden }

// Invalid reports whether Recharge refused the values, or would have; Details says
// which.
func (e *Error) Invalid() bool {
	return e.Status == http.StatusUnprocessableEntity || errors.Is(e.Cause, errInvalid)
}

// own reports whether no request was made because of a limit of ours or the caller's
// context.
func (e *Error) own() bool {
	return !e.Written && (errors.Is(e.Cause, errOwnLimit) || errors.Is(e.Cause, errBusy) ||
		errors.Is(e.Cause, context.Canceled))
}
