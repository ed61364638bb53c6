package recharge

import (
	"errors"
	"strings"

	"sidetext/chat"
)

// ErrEvent means that a webhook has not the content that its topic promises.
var ErrEvent = errors.New("recharge: unreadable webhook")

// wrappers are the objects that a webhook may contain, in the order in which they are
// looked for if the topic is unknown. An included customer stands beside the others.
var wrappers = []string{"subscription", "charge", "order", "address", "customer"}

// ParseEvent reads a webhook, of version 2021-11 or 2021-01. Without a topic, the
// object in the body decides. It returns an empty update for a topic that says nothing
// about customers, and for one that it does not know.
func ParseEvent(topic string, body []byte) (chat.DirectoryUpdate, error) {
	u := chat.DirectoryUpdate{Vendor: chat.Recharge}
	kind, verb, _ := strings.Cut(strings.ToLower(strings.Trim(topic, "/ ")), "/")
	response, err := parseJSON(body)
	whole := asObject(response)
	if err != nil || whole == nil {
		return u, ErrEvent
	}
	if kind == "" {
		kind = wrapperIn(whole)
	}
	o := whole.object(kind)
	if o == nil && whole.id("id") != "" {
		o = whole // without a wrapper
	}
	if !addObject(&u, kind, verb, o) {
		return chat.DirectoryUpdate{Vendor: chat.Recharge}, nil
	}
	if o.id("id") == "" {
		return chat.DirectoryUpdate{Vendor: chat.Recharge}, ErrEvent
	}
	addIncluded(&u, kind, whole)
	return u, nil
}

func wrapperIn(o object) string {
	for _, name := range wrappers {
		if o.object(name) != nil {
			return name
		}
	}
	return ""
}

// addObject adds the object of a webhook, and reports whether its topic is known.
func addObject(u *chat.DirectoryUpdate, kind, verb string, o object) bool {
	deleted := verb == "deleted"
	gone := func(k chat.RecordKind) {
		u.Deletions = append(u.Deletions, chat.Deletion{Kind: k, ID: o.id("id"), At: o.time("deleted_at", "updated_at")})
	}
	switch kind {
	case "customer":
		if deleted {
			gone(chat.CustomerKind)
		} else {
			u.Customers = append(u.Customers, newCustomer(o).record())
		}
	case "address":
		if a := newAddress(o); !deleted && a.CustomerID != "" {
			u.Customers = append(u.Customers, a.record())
		}
	case "subscription":
		if deleted {
			gone(chat.SubscriptionKind)
		} else {
			u.Subscriptions = append(u.Subscriptions, newSubscription(o).record())
		}
	case "charge":
		if deleted {
			gone(chat.ChargeKind)
		} else {
			c := newCharge(o).record()
			c.MaxRetries = verb == "max_retries_reached"
			u.Charges = append(u.Charges, c)
		}
	case "order":
		if c, ok := newOrder(o).charge(); ok && (verb == "processed" || verb == "") {
			u.Charges = append(u.Charges, c)
		}
	default:
		return false
	}
	return true
}

// addIncluded adds the customer that stands beside an object.
func addIncluded(u *chat.DirectoryUpdate, kind string, whole object) {
	o := whole.object("customer")
	if kind == "customer" || o.id("id") == "" || o.time("updated_at").IsZero() {
		return
	}
	u.Customers = append(u.Customers, newCustomer(o).record())
}
