package twilio

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sidetext/chat"
)

const (
	perPage     = 1000 // the most that Twilio returns at once
	maxPages    = 100
	listTimeout = 2 * time.Minute // for all pages
)

var (
	errNoMessages   = errors.New("twilio: read list: no messages")
	errTooManyPages = errors.New("twilio: read list: too many pages")
	errForeignPage  = errors.New("twilio: read list: the next page is at another URL")
	errBadRecord    = errors.New("twilio: read list: a text has no id or date, or another account")
)

// list returns all texts of the account that match a query, newest first, back to since.
// Twilio lists the newest first, but does not document by which date, so the list ends
// with a page on which all are too old.
func (c *Client) list(ctx context.Context, line chat.Line, query url.Values, since time.Time) ([]record, error) {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	since = since.Truncate(time.Second) // the resolution of Twilio's dates
	query.Set("PageSize", strconv.Itoa(perPage))
	var all []record
	seen := map[string]bool{} // pages may overlap
	address := c.accountURL(line, "/Messages.json?"+query.Encode())
	for range maxPages {
		var page struct {
			Messages *[]record `json:"messages"`
			Next     string    `json:"next_page_uri"`
		}
		if err := c.do(ctx, line, address, nil, maxPage, &page); err != nil {
			return nil, err
		}
		if page.Messages == nil {
			return nil, errNoMessages
		}
		isLast := true
		for _, m := range *page.Messages {
			if m.SID == "" || m.takenAt().IsZero() || m.Account != line.Account {
				return nil, errBadRecord
			}
			if m.takenAt().Before(since) {
				continue
			}
			isLast = false
			if !seen[m.SID] {
				seen[m.SID] = true
				all = append(all, m)
			}
		}
		if isLast || page.Next == "" {
			return all, nil
		}
		// Send the token to this account at Twilio only.
		if !strings.HasPrefix(page.Next, "/2010-04-01/Accounts/"+url.PathEscape(line.Account)+"/Messages.json?") {
			return nil, errForeignPage
		}
		address = c.URL + page.Next
	}
	return nil, errTooManyPages
}

// takenAt returns when Twilio received or accepted a text.
func (m record) takenAt() time.Time {
	if m.Direction == directionIn && !m.Sent.IsZero() {
		return m.Sent.Time
	}
	return m.Created.Time
}

// queryError returns the error for a failed query: NotSent if it can be repeated,
// Rejected if that would not help.
func queryError(err error) error {
	var f apiError
	if errors.As(err, &f) {
		if e, ok := refusalError(f); ok {
			return e
		}
	}
	switch {
	case errors.Is(err, errBaseURL):
		return newSendError("setup", err)
	case errors.Is(err, errUnreachable):
		return newSendError("unreachable", err)
	}
	return newSendError("silent", err)
}
