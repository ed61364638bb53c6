package recharge

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"sidetext/chat"
)

// A Directory reads Recharge's lists and webhooks for the directory of customers. The
// errors of Page and Refresh are those of a Client.
type Directory struct{ Accounts *Accounts }

// A part is one of Recharge's lists.
type part struct {
	name, scope string
	add         func(*chat.DirectoryUpdate, object)
}

// parts are the lists in the order in which they are read.
var parts = []part{
	{"customers", "read_customers", func(u *chat.DirectoryUpdate, o object) {
		u.Customers = append(u.Customers, newCustomer(o).record())
	}},
	{"addresses", "read_customers", func(u *chat.DirectoryUpdate, o object) {
		if a := newAddress(o); a.CustomerID != "" {
			u.Customers = append(u.Customers, a.record())
		}
	}},
	{"subscriptions", "read_subscriptions", func(u *chat.DirectoryUpdate, o object) {
		u.Subscriptions = append(u.Subscriptions, newSubscription(o).record())
	}},
	{"charges", "read_orders", func(u *chat.DirectoryUpdate, o object) {
		u.Charges = append(u.Charges, newCharge(o).record())
	}},
}

// Parts returns the names of the lists, in the order in which they are read.
func (Directory) Parts() []string {
	return each(parts, func(p part) string { return p.name })
}

// Page reads one page of a list: objects that changed since a time, or all. It returns
// the cursor of the next page, or "" after the last one.
//
// Addresses come as a part of their own, and as partial customers.
func (d Directory) Page(ctx context.Context, c chat.Connection, name, cursor string, since time.Time) (u chat.DirectoryUpdate, next string, err error) {
	u.Vendor = chat.Recharge
	i := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
	if i < 0 {
		return u, "", fmt.Errorf("recharge: unknown part %q", name)
	}
	client, err := d.client(c)
	if err != nil {
		return u, "", err
	}
	r := request{"list " + name, http.MethodGet, "/" + name, url.Values{}, nil, parts[i].scope}
	if !since.IsZero() {
		r.query.Set("updated_at_min", formatTime(since))
	}
	list, next, err := client.readPage(ctx, r, name, cursor)
	if err != nil {
		return u, "", err
	}
	for _, o := range list {
		if o.id("id") != "" {
			parts[i].add(&u, o)
		}
	}
	return u, next, nil
}

// Parse reads a webhook; see ParseEvent.
func (Directory) Parse(topic string, body []byte) (chat.DirectoryUpdate, error) {
	return ParseEvent(topic, body)
}

// refreshedCharges is how many charges Refresh reads besides the queued ones.
const refreshedCharges = 50

// Refresh reads a customer's subscriptions, all queued charges, and those that changed
// last.
func (d Directory) Refresh(ctx context.Context, c chat.Connection, customer string) (chat.DirectoryUpdate, error) {
	u := chat.DirectoryUpdate{Vendor: chat.Recharge}
	client, err := d.client(c)
	if err != nil {
		return u, err
	}
	recent, err := client.RecentCharges(ctx, customer, refreshedCharges)
	if err != nil {
		return u, err
	}
	queued, err := client.Charges(ctx, customer, "queued")
	if err != nil {
		return u, err
	}
	subscriptions, err := client.Subscriptions(ctx, customer)
	if err != nil {
		return u, err
	}
	u.Subscriptions = each(subscriptions, Subscription.record)
	u.Charges = each(queued, Charge.record)
	for _, c := range recent {
		if c.Status != "queued" { // otherwise it is in the other list, or no longer queued
			u.Charges = append(u.Charges, c.record())
		}
	}
	u.Complete = []string{customer}
	return u, nil
}

func (d Directory) client(c chat.Connection) (*Client, error) {
	client, err := d.Accounts.Client(c)
	if err != nil {
		problem := chat.Problem{Code: "token", Text: "Recharge's API token is missing. Please connect Recharge again."}
		return nil, &chat.SendError{Outcome: chat.Rejected, Problem: problem, RetryAfter: refusedPause, WholeAccount: true, Cause: err}
	}
	return client.Background(), nil
}
