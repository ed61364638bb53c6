package widget

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"sidetext/chat"
	"sidetext/gorgias"
)

// userError translates an error into a text that says what happened and what to do.
func userError(err error, account string) *chat.Error {
	var known *chat.Error
	if errors.As(err, &known) {
		return known
	}
	var e *gorgias.Error
	if !errors.As(err, &e) {
		return &chat.Error{Kind: chat.KindUnavailable, Code: "failed", Text: "Something unexpected went wrong. Please try again."}
	}
	host := account + ".gorgias.com"
	switch {
	case e.NoAccount():
		return &chat.Error{Kind: chat.KindInvalid, Code: "no_account",
			Text: "There is no helpdesk at " + host + ". Please check the address."}
	case e.BadKey():
		return &chat.Error{Kind: chat.KindInvalid, Code: "bad_key",
			Text: "The helpdesk refused the key. Please copy both username and API key from Settings, You, REST API: the username is the e-mail address of the key's owner."}
	case e.Quota():
		return &chat.Error{Kind: chat.KindForbidden, Code: "quota",
			Text: "The helpdesk's plan is used up. Please check it under Settings, Billing."}
	case e.Forbidden():
		return &chat.Error{Kind: chat.KindForbidden, Code: "forbidden",
			Text: "The key's owner isn't allowed to do this. Please use the key of an admin."}
	case e.Status == http.StatusTooManyRequests:
		wait := max(e.RetryAfter, time.Second).Round(time.Second)
		return &chat.Error{Kind: chat.KindTooMany, Code: "busy",
			Text: fmt.Sprintf("The helpdesk's apps have reached its request limit. Please try again in %d seconds.", int(wait.Seconds()))}
	case e.Status == 0 && errors.Is(e, context.Canceled):
		return &chat.Error{Kind: chat.KindUnavailable, Code: "stopped", Text: "This was stopped before it was finished."}
	case e.Status == 0:
		return &chat.Error{Kind: chat.KindUnavailable, Code: "unreachable",
			Text: "We can't reach " + host + " at the moment. Please try again in a minute."}
	case e.Temporary():
		return &chat.Error{Kind: chat.KindUnavailable, Code: "helpdesk_trouble",
			Text: "The helpdesk has problems at the moment. Please try again in a minute."}
	case e.Moved():
		return &chat.Error{Kind: chat.KindInvalid, Code: "moved",
			Text: "The helpdesk at " + host + " has moved. Please check the address."}
	}
	return &chat.Error{Kind: chat.KindUnavailable, Code: "refused",
		Text: fmt.Sprintf("The helpdesk refused this request (%d). Please try again.", e.Status)}
}

func newUserError(kind chat.Kind, code, text string) error {
	return &chat.Error{Kind: kind, Code: code, Text: text}
}
