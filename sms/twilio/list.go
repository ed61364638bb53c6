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
	perPage  = 1000 // the most that Twilio gives at once
	maxPages = 100
	listing  = 2 * time.Minute // for all pages
)

var (
	errNoList  = errors.New("twilio: read list: there is none")
	errEndless = errors.New("twilio: read list: it does not end")
	errForeign = errors.New("twilio: read list: the next page is elsewhere")
	errOdd     = errors.New("twilio: read list: a text without id or date, or of another account")
)

// list reads the account's texts that a query finds, newest first, back to
// since: all of them, or it returns an error. Twilio has the newest first, but
// does not say by which of its dates, so the end is a page that holds nothing
// new enough.
func (c *Client) list(ctx context.Context, line chat.Line, query url.Values, since time.Time) ([]record, error) {
	ctx, cancel := context.WithTimeout(ctx, listing)
	defer cancel()
	since = since.Truncate(time.Second) // as Twilio's dates are
	query.Set("PageSize", strconv.Itoa(perPage))
	var all []record
	seen := map[string]bool{} // pages may overlap
	address := c.account(line, "/Messages.json?"+query.Encode())
	for range maxPages {
		var page struct {
			Messages *[]record `json:"messages"`
			Next     string    `json:"next_page_uri"`
		}
		if err := c.exchange(ctx, line, address, nil, pageSize, &page); err != nil {
			return nil, err
		}
		if page.Messages == nil {
			return nil, errNoList
		}
		over := true
		for _, m := range *page.Messages {
			if m.SID == "" || m.at().IsZero() || m.Account != line.Account {
				return nil, errOdd
			}
			if m.at().Before(since) {
				continue
			}
			over = false
			if !seen[m.SID] {
				seen[m.SID] = true
				all = append(all, m)
			}
		}
		if over || page.Next == "" {
			return all, nil
		}
		// Whatever it says, the token goes to Twilio only, and to this account.
		if !strings.HasPrefix(page.Next, "/2010-04-01/Accounts/"+url.PathEscape(line.Account)+"/Messages.json?") {
			return nil, errForeign
		}
		address = c.URL + page.Next
	}
	return nil, errEndless
}

// at is when Twilio took a text in, or on.
func (m record) at() time.Time {
	if m.Direction == wayIn && !m.Sent.IsZero() {
		return m.Sent.Time
	}
	return m.Created.Time
}

// unanswered is the error for a request about texts that could not be answered:
// NotSent when it can be made again, Rejected when that would not help.
func unanswered(err error) error {
	var f fault
	if errors.As(err, &f) {
		if e, ok := refusal(f); ok {
			return e
		}
	}
	switch {
	case errors.Is(err, errSetup):
		return failure("setup", err)
	case errors.Is(err, errUnreached):
		return failure("unreachable", err)
	}
	return failure("silent", err)
}
