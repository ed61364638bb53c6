package shopify

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"sidetext/chat"
)

// accountRetry is how long a connection waits before it tries again what only a person
// can mend: a new secret, a scope, a bill.
const accountRetry = 5 * time.Minute

// Codes of problems. The first three mean that the connection itself is refused.
const (
	problemToken       = "token"
	problemScope       = "scope"
	problemClosed      = "shop_closed"
	problemThrottled   = "throttled"
	problemTooCostly   = "too_costly"
	problemUnreachable = "unreachable"
	problemUnreadable  = "unreadable"
	problemVersion     = "version"
	problemRejected    = "rejected"
)

// sendError says what a failed request means for the next step. A query changes
// nothing, so that its outcome is never unknown.
func (c *Client) sendError(e *Error) *chat.SendError {
	send := &chat.SendError{Outcome: chat.Rejected, RetryAfter: e.RetryAfter, Cause: e}
	problem := func(code, text string) { send.Problem = chat.Problem{Code: code, Text: text} }
	refused := func(code, text string) {
		problem(code, text)
		send.WholeAccount, send.RetryAfter = true, max(accountRetry, e.RetryAfter)
	}
	unanswered := func(code, text string) {
		problem(code, text)
		send.Outcome = chat.NotSent
		if e.Change && !e.Grant && e.Written {
			send.Outcome = chat.MaybeSent
		}
	}
	switch {
	case e.Code == codeThrottled:
		problem(problemThrottled, "Shopify asks us to slow down.")
		send.Outcome, send.WholeAccount = chat.NotSent, e.Written // not written: our own budget refused it, which concerns this request only
	case e.Refused && strings.Contains(strings.ToLower(e.Message), "protected customer data"):
		// "…This topic contains protected customer data" about a webhook.
		problem(problemRejected, "The app has no access to protected customer data. Please make it in Shopify's Dev Dashboard as an app for your own store, or ask Shopify for that access in the Partner Dashboard.")
	case e.Refused:
		problem(problemRejected, "Shopify refused this change.")
	case e.Grant && e.Status != 0 && e.Status/100 != 5 && e.Code != codeUnreadable:
		refused(c.grantProblem(e))
	case e.Status == http.StatusUnauthorized:
		refused(problemToken, c.tokenText())
	case e.Code == codeAccessDenied:
		refused(problemScope, c.scopeText(e))
	case e.Code == codeShutdown, e.Status/100 == 3, closedStatus[e.Status] != "":
		refused(problemClosed, c.closedText(e.Status))
	case e.Status == statusSuspicious:
		problem(problemThrottled, "Shopify takes no requests from Sidetext for a moment.")
		send.Outcome, send.WholeAccount, send.RetryAfter = chat.NotSent, true, max(time.Minute, e.RetryAfter)
	case e.Code == codeMaxCost:
		problem(problemTooCostly, "Shopify finds this request too large.")
	case e.Code == codeInternal, e.Status >= 500, e.Status == http.StatusRequestTimeout:
		unanswered(problemUnreachable, "Shopify has a problem right now and did not answer properly.")
	case e.Status == 0:
		unanswered(problemUnreachable, "Shopify can't be reached.")
		send.WholeAccount = !e.Written && !stopped(e) // no connection: no other request would fare better
	case e.Code == codeUnreadable || e.Cause != nil:
		unanswered(problemUnreadable, "Shopify's answer could not be read.")
	case e.outdated():
		problem(problemVersion, "Shopify does not offer version "+e.Asked+" of its API any more. Please update Sidetext, or its setting SIDETEXT_SHOPIFY_VERSION.")
	default:
		problem(problemRejected, "Shopify refused this request.")
	}
	return send
}

// statusSuspicious means that requests look like an attack to Shopify
// (shopify.dev, "API response status and error codes").
const statusSuspicious = 430

// stopped reports whether the caller ended the request.
func stopped(e *Error) bool {
	return errors.Is(e.Cause, errCaller) || errors.Is(e.Cause, context.Canceled)
}

// closedStatus says why a store takes no requests, by HTTP status.
var closedStatus = map[int]string{
	http.StatusPaymentRequired: "Shopify has frozen this store, as a bill is open. Please pay it in Shopify under Settings, Billing; then connect Shopify again.",
	http.StatusForbidden:       "Shopify does not let Sidetext into this store. Please check in Shopify's admin that the store is open and the app is installed; then connect Shopify again.",
	http.StatusNotFound:        "Shopify knows no store at this address. Please check the address, and connect Shopify again.",
	http.StatusLocked:          "Shopify has locked this store. Please ask Shopify's support to unlock it; then connect Shopify again.",
}

func (c *Client) closedText(status int) string {
	if text := closedStatus[status]; text != "" {
		return text
	}
	if status/100 == 3 {
		return "This store has moved to another address. Please connect Shopify again with the new one."
	}
	return "This store is closed. Please open it again in Shopify's admin; then connect Shopify again."
}

func (c *Client) tokenText() string {
	if c.clientID == "" {
		return "Shopify refuses the access token. Please connect Shopify again, with the client ID and the secret of an app made in the Dev Dashboard."
	}
	return "Shopify gave Sidetext an access token and then refused it. Please check in Shopify's admin that the app is installed; then connect Shopify again."
}

// scopeText says which scope is missing and where to set it.
func (c *Client) scopeText(e *Error) string {
	if e.Scope == "" {
		return "The app may not do this in Shopify. Please compare its scopes with the list on this page."
	}
	if c.clientID == "" {
		return "The app lacks the scope " + e.Scope + ". Please add it in Shopify's admin under Settings, Apps, Develop apps, in the app's configuration of the Admin API."
	}
	return "The app lacks the scope " + e.Scope + ". Please add it to a new version of the app in Shopify's Dev Dashboard, release that, and accept it in the store."
}

// grantProblem explains why Shopify gave no access token
// (shopify.dev, "Client credentials grant").
func (c *Client) grantProblem(e *Error) (code, text string) {
	switch {
	case e.Code == "shop_not_permitted":
		return problemToken, "The app belongs to another organisation than the store. Please make the app in the Dev Dashboard of the organisation that owns the store, install it there, and connect it here."
	case e.Code == "app_not_installed":
		return problemToken, "The app is not installed on " + c.store + ". Please open the app in Shopify's Dev Dashboard, install it on this store, and try again."
	case e.Code == "invalid_client", e.Code == "application_cannot_be_found", e.Code == "invalid_request", e.Status == http.StatusUnauthorized:
		return problemToken, "Shopify does not accept the client ID with this secret. Please copy both again from the app's settings in Shopify's Dev Dashboard."
	case e.Status == http.StatusBadRequest:
		return problemToken, "Shopify gives this app no access token. Please check that the app has a released version and is installed on " + c.store + "."
	}
	return problemClosed, c.closedText(e.Status)
}
