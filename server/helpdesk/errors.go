package helpdesk

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"sidetext/chat"
	"sidetext/gorgias"
)

// sendError converts an error of the helpdesk into a chat.SendError, which says whether
// the delivery is retried and whether the account is paused.
func sendError(err error) error {
	var e *gorgias.Error
	var plain *chat.Error
	switch {
	case errors.As(err, &plain): // no request was made: it would be invalid
		return &chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: plain.Code, Text: plain.Text}, Cause: err}
	case !errors.As(err, &e):
		return err
	}
	send := &chat.SendError{Outcome: chat.Rejected, RetryAfter: e.RetryAfter, Cause: err}
	switch {
	case e.BadKey():
		send.WholeAccount, send.RetryAfter = true, 5*time.Minute
		send.Problem = chat.Problem{Code: "key", Text: "Gorgias refuses the API key. Please connect Gorgias again."}
	case e.OtherHost:
		send.WholeAccount, send.RetryAfter = true, 15*time.Minute
		send.Problem = chat.Problem{Code: "moved", Text: "This Gorgias account has moved to another address. Please connect Gorgias again."}
	case e.NoAccount():
		send.WholeAccount, send.RetryAfter = true, 15*time.Minute
		send.Problem = chat.Problem{Code: "account", Text: "This Gorgias account does not exist any more."}
	case e.Quota():
		send.WholeAccount, send.RetryAfter = true, 15*time.Minute
		send.Problem = chat.Problem{Code: "quota", Text: "The Gorgias plan is used up: it takes no more tickets for now."}
	case e.Forbidden():
		send.WholeAccount, send.RetryAfter = true, 5*time.Minute
		send.Problem = chat.Problem{Code: "forbidden", Text: "The owner of the API key may not do this in Gorgias."}
	case e.Status == 429:
		send.Outcome, send.WholeAccount = chat.NotSent, e.Written // not written: our own budget refused it, which concerns this delivery only
		send.Problem = chat.Problem{Code: "busy", Text: "Gorgias asks us to slow down."}
	case e.Temporary() || e.Unknown():
		send.Outcome = chat.MaybeSent
		send.WholeAccount = e.Status == 0 && !e.Written // no connection: no other request would fare better
		send.Problem = chat.Problem{Code: "unreachable", Text: "Gorgias does not answer."}
	default:
		send.Problem = chat.Problem{Code: "refused", Text: "Gorgias refused it (" + cmp.Or(e.Message, fmt.Sprint(e.Status)) + ")."}
	}
	return send
}
