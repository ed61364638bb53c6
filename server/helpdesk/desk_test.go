package helpdesk

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"sidetext/chat"
	api "sidetext/gorgias"
)

// TestSendError for the next step.
func TestSendError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err     error
		outcome chat.Outcome
		all     bool
		code    string
	}{
		"refused":            {&api.Error{Status: 400, Method: "POST", Written: true, Message: "No."}, chat.Rejected, false, "refused"},
		"no such object":     {&api.Error{Status: 404, Method: "POST", Written: true}, chat.Rejected, false, "refused"},
		"taken":              {&api.Error{Status: 409, Method: "POST", Written: true}, chat.Rejected, false, "refused"},
		"bad key":            {&api.Error{Status: 401, Method: "GET", Written: true}, chat.Rejected, true, "key"},
		"no such account":    {&api.Error{Status: 404, Method: "GET", Written: true, HTML: true}, chat.Rejected, true, "account"},
		"not allowed":        {&api.Error{Status: 403, Method: "POST", Written: true}, chat.Rejected, true, "forbidden"},
		"plan used up":       {&api.Error{Status: 403, Method: "POST", Written: true, Message: "Messaging quota exceeded."}, chat.Rejected, true, "quota"},
		"too many requests":  {&api.Error{Status: 429, Method: "POST", Written: true}, chat.NotSent, true, "busy"},
		"no turn of our own": {&api.Error{Status: 429, Method: "POST"}, chat.NotSent, false, "busy"},
		"trouble":            {&api.Error{Status: 502, Method: "POST", Written: true}, chat.MaybeSent, false, "unreachable"},
		"no answer":          {&api.Error{Method: "POST", Written: true}, chat.MaybeSent, false, "unreachable"},
		"nobody there":       {&api.Error{Method: "POST"}, chat.MaybeSent, true, "unreachable"},
		"cannot be asked":    {chat.Invalid("A shopper needs an address."), chat.Rejected, false, "invalid"},
	} {
		var got *chat.SendError
		if !errors.As(sendError(test.err), &got) || got.Outcome != test.outcome || got.WholeAccount != test.all || got.Problem.Code != test.code || got.Problem.Text == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if err := sendError(nil); err != nil {
		t.Errorf("nothing wrong: %v", err)
	}
}

// TestTicketStateOfAnotherTicket: a response about another ticket, without a
// redirect, is not a ticket to write into.
func TestTicketStateOfAnotherTicket(t *testing.T) {
	t.Parallel()
	helpdesk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"id":8,"status":"open"}`)
	}))
	defer helpdesk.Close()
	accounts, err := api.NewAccounts(helpdesk.URL+"/{account}", api.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer accounts.Close()
	client, err := accounts.Client("acme", "ann@acme.com", "key")
	if err != nil {
		t.Fatal(err)
	}
	for remote, want := range map[string]bool{"7": false, "8": true} {
		if seen, err := (&desk{api: client}).TicketState(t.Context(), remote); (seen.Remote == remote) != want || !want && seen.Remote != "" || err != nil {
			t.Errorf("ticket %s is seen as %+v, %v", remote, seen, err)
		}
	}
}
