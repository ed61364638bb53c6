package recharge

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"sidetext/chat"
)

// refusedPause is the pause of a connection that Recharge refuses. A person has to
// mend it.
const refusedPause = 5 * time.Minute

// sendError returns what the error means for a delivery. The code of its problem is
// "token" or "scope" if the connection itself is refused.
func (e *Error) sendError() *chat.SendError {
	send := &chat.SendError{Outcome: chat.Rejected, Problem: e.problem(), RetryAfter: e.RetryAfter, Cause: e}
	switch {
	case e.BadToken(), e.MissingScope():
		send.WholeAccount, send.RetryAfter = true, refusedPause
	case e.Unknown():
		send.Outcome = chat.MaybeSent
	case e.Temporary():
		send.Outcome = chat.NotSent
		send.WholeAccount = e.Status == 0 && !e.own() // no connection: no other request would fare better
	}
	return send
}

// problem explains the error to merchants.
func (e *Error) problem() chat.Problem {
	switch {
	case e.BadToken():
		return chat.Problem{Code: "token", Text: "Recharge refuses the API token. Please connect Recharge again with a token that is valid."}
	case e.MissingScope() && e.Scope != "":
		return chat.Problem{Code: "scope", Text: "Recharge's API token lacks the scope " + e.Scope +
			". Please open Tools & apps > API tokens in Recharge, edit the token, allow this scope, and check the connection again."}
	case e.MissingScope():
		return chat.Problem{Code: "scope", Text: "Recharge's API token lacks a scope. Please open Tools & apps > API tokens in Recharge, edit the token, and check the connection again."}
	case e.Conflict(), errors.Is(e.Cause, errBusy):
		return chat.Problem{Code: "busy", Text: "Recharge is still working on another change of this customer. It will be tried again."}
	case e.Status == http.StatusTooManyRequests:
		return chat.Problem{Code: "slow", Text: "Recharge asks us to slow down. It will be tried again."}
	case e.Gone():
		return chat.Problem{Code: "gone", Text: "Recharge does not have this any more."}
	case e.Unknown():
		return chat.Problem{Code: "unknown", Text: "Recharge did not answer. The change may have been made or not."}
	case e.Temporary():
		return chat.Problem{Code: "unreachable", Text: "Recharge does not answer. It will be tried again."}
	}
	return chat.Problem{Code: "refused", Text: "Recharge refused it" + e.words() + "."}
}

// words returns what Recharge said, in brackets, for merchants.
func (e *Error) words() string {
	var words []string
	for _, d := range e.details {
		words = append(words, strings.TrimPrefix(d.Field+": "+d.Message, ": "))
	}
	if len(words) == 0 {
		if e.Status == 0 {
			return ""
		}
		return fmt.Sprintf(" (%d)", e.Status)
	}
	return " (" + cut(strings.TrimRight(strings.Join(words, "; "), "."), maxDetailMessage) + ")"
}
