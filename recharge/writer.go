package recharge

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// A Writer changes the objects of one customer. Client.Change makes one.
//
// Recharge rebuilds the queued charges about five seconds after a change, and refuses
// other changes meanwhile. A Writer therefore asks it to rebuild them before it
// answers, where a call can do that; see Later.
type Writer struct {
	c     *Client
	later bool
}

// Change calls do with a Writer for a customer. Other changes of this customer with
// the same token wait until do returns, so that do can also read back what it has
// changed. The wait takes at most Limits.Total; its error has the outcome
// chat.NotSent.
func (c *Client) Change(ctx context.Context, customer string, do func(context.Context, *Writer) error) error {
	if !validID(customer) {
		return changeError(errInvalid)
	}
	waiting, cancel := context.WithTimeout(ctx, c.limits.Total)
	release, err := c.account.locks.acquire(waiting, customer)
	cancel()
	if err != nil {
		return changeError(err)
	}
	defer release()
	return do(ctx, &Writer{c: c})
}

func changeError(cause error) error {
	e := &Error{Action: "change customer", Method: http.MethodPost, Cause: cause}
	return e.sendError()
}

// Later returns a Writer that leaves the rebuilding of charges to a later change. Use
// it for all but the last of several changes.
func (w *Writer) Later() *Writer { return &Writer{w.c, true} }

// commit is the query of calls that can rebuild the charges before they answer.
func (w *Writer) commit() url.Values {
	if w.later {
		return url.Values{}
	}
	return url.Values{"commit": {"true"}}
}

// A body is that of a request.
type body map[string]any

// number writes an id as Recharge does.
func number(id string) json.Number { return json.Number(id) }

func numbers(ids []string) []json.Number {
	list := make([]json.Number, len(ids))
	for i, id := range ids {
		list[i] = number(id)
	}
	return list
}

// invalidUnless returns the request's path if all values are valid, or "": then the
// request is not made, and its error is Invalid.
func invalidUnless(valid bool, path string) string {
	if !valid {
		return ""
	}
	return path
}

func allValid(ids []string) bool {
	for _, id := range ids {
		if !validID(id) {
			return false
		}
	}
	return len(ids) > 0
}
