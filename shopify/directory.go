package shopify

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sidetext/chat"
)

// The lists that a Directory reads.
const (
	customersPart = "customers"
	ordersPart    = "orders"
)

// Pages have 50 objects. One that is too costly is read in halves, down to minPage.
const (
	pageSize = 50
	minPage  = 5
)

// A Directory reads a store's customers and orders as updates of a shop's directory.
type Directory struct{ Accounts *Accounts }

// Parts lists the lists that Page can read, in the order in which to read them.
func (d Directory) Parts() []string { return []string{customersPart, ordersPart} }

// Page reads a page of a list with the objects that changed since a time, the earliest
// change first, as background work. cursor is empty for the first page, and next is empty
// after the last one; both are meant for Page only. An object that changes in the
// meantime comes again on a later page. Without the scope read_all_orders there are only
// the orders of the last 60 days.
func (d Directory) Page(ctx context.Context, connection chat.Connection, part, cursor string, since time.Time) (u chat.DirectoryUpdate, next string, err error) {
	u = chat.DirectoryUpdate{Vendor: chat.Shopify}
	client, err := d.Accounts.Client(connection)
	if err != nil {
		return u, "", connectionError(err)
	}
	size, after := splitCursor(cursor)
	for {
		u, next, err = client.Background().listPage(ctx, part, size, after, since)
		var e *Error
		if size <= minPage || !errors.As(err, &e) || e.Code != codeMaxCost {
			break
		}
		size = max(size/2, minPage)
	}
	if err != nil {
		return chat.DirectoryUpdate{Vendor: chat.Shopify}, "", err
	}
	return u, joinCursor(size, next), nil
}

// Parse reads a webhook. See ParseEvent.
func (d Directory) Parse(topic string, body []byte) (chat.DirectoryUpdate, error) {
	return ParseEvent(topic, body)
}

// Refresh returns an empty update: a webhook or a page of Shopify's has all of an object,
// and the next reconciliation reads what changed twice within a second.
func (d Directory) Refresh(context.Context, chat.Connection, string) (chat.DirectoryUpdate, error) {
	return chat.DirectoryUpdate{Vendor: chat.Shopify}, nil
}

// connectionError converts the error about a connection that cannot be used.
func connectionError(err error) error {
	plain := new(chat.Error)
	if !errors.As(err, &plain) {
		return err
	}
	return &chat.SendError{
		Outcome: chat.Rejected, WholeAccount: true, RetryAfter: accountRetry, Cause: err,
		Problem: chat.Problem{Code: problemToken, Text: plain.Text},
	}
}

// listPage reads a page of size objects after a cursor of Shopify's.
func (c *Client) listPage(ctx context.Context, part string, size int, after string, since time.Time) (u chat.DirectoryUpdate, next string, err error) {
	u = chat.DirectoryUpdate{Vendor: chat.Shopify}
	variables := map[string]any{"first": size, "after": optional(after)}
	if !since.IsZero() {
		variables["query"] = "updated_at:>='" + since.UTC().Format(time.RFC3339) + "'"
	}
	switch part {
	case customersPart:
		var in struct {
			List page[customer] `json:"customers"`
		}
		if _, err := c.do(ctx, listCustomers, variables, &in); err != nil {
			return u, "", err
		}
		for _, one := range in.List.Nodes {
			if one.ID != "" {
				one.appendTo(&u)
			}
		}
		next, err = in.List.next(c, listCustomers, after)
	case ordersPart:
		var in struct {
			List page[order] `json:"orders"`
		}
		if _, err := c.do(ctx, listOrders, variables, &in); err != nil {
			return u, "", err
		}
		for _, one := range in.List.Nodes {
			if one.ID != "" {
				one.appendTo(&u)
			}
		}
		next, err = in.List.next(c, listOrders, after)
	default:
		return u, "", fmt.Errorf("shopify: unknown list %q", part)
	}
	return u, next, err
}

// A cursor is Shopify's, with the size of the pages in front if it is not the usual one:
// "25:eyJ…". It stays smaller for the rest of the list.
func splitCursor(cursor string) (size int, after string) {
	if number, rest, ok := strings.Cut(cursor, ":"); ok {
		if n, err := strconv.Atoi(number); err == nil && n >= minPage && n < pageSize {
			return n, rest
		}
	}
	return pageSize, cursor
}

func joinCursor(size int, after string) string {
	if after == "" || size == pageSize {
		return after
	}
	return strconv.Itoa(size) + ":" + after
}
