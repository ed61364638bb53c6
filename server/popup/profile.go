package popup

import (
	"time"
	"unicode/utf8"

	"sidetext/chat"
)

// Every frame carries what agents see of a shopper's profile, so lists and texts are cut.
const (
	maxListed = 10
	maxWords  = 100 // characters of a name
)

type profileView struct {
	NextCharge    *chargeView        `json:"next_charge,omitempty"`
	FailedCharge  *chargeView        `json:"failed_charge,omitempty"`
	Subscriptions []subscriptionView `json:"subscriptions,omitempty"`
	More          int                `json:"more,omitempty"` // subscriptions that are not listed
	LastOrder     *orderView         `json:"last_order,omitempty"`
	Others        int                `json:"others,omitempty"` // how many more people have the phone
	Marketing     chat.ConsentState  `json:"marketing,omitempty"`
}

type chargeView struct {
	On       string     `json:"on"` // "2026-12-09"
	Total    string     `json:"total,omitempty"`
	Currency string     `json:"currency,omitempty"`
	Items    []itemView `json:"items,omitempty"`
}

type itemView struct {
	Title    string `json:"title"`
	Variant  string `json:"variant,omitempty"`
	Quantity int    `json:"quantity"`
}

type subscriptionView struct {
	Product  string `json:"product"`
	Variant  string `json:"variant,omitempty"`
	Quantity int    `json:"quantity"`
	Unit     string `json:"unit,omitempty"`
	Every    int    `json:"every,omitempty"`
	Next     string `json:"next,omitempty"`
	Prepaid  bool   `json:"prepaid,omitempty"`
}

type orderView struct {
	Name     string         `json:"name"`
	At       time.Time      `json:"at,omitzero"`
	Status   string         `json:"status,omitempty"`
	Tracking []trackingView `json:"tracking,omitempty"`
}

type trackingView struct {
	Company string `json:"company,omitempty"`
	Number  string `json:"number,omitempty"`
	URL     string `json:"url,omitempty"` // https only
	Status  string `json:"status,omitempty"`
}

// viewProfile returns nil if nothing is known of the shopper that agents would see.
func viewProfile(p chat.Profile) *profileView {
	if p.NextCharge == nil && p.FailedCharge == nil && len(p.Subscriptions) == 0 && p.LastOrder == nil && p.Others == 0 && p.Marketing != chat.ConsentRevoked {
		return nil
	}
	v := &profileView{
		NextCharge: viewCharge(p.NextCharge), FailedCharge: viewCharge(p.FailedCharge), LastOrder: viewOrder(p.LastOrder),
		More: max(0, len(p.Subscriptions)-maxListed), Others: p.Others, Marketing: p.Marketing,
	}
	for _, s := range firstOf(p.Subscriptions) {
		v.Subscriptions = append(v.Subscriptions, subscriptionView{cut(s.Product), cut(s.Variant), s.Quantity, s.Unit, s.Every, s.Next, s.Prepaid})
	}
	return v
}

func viewCharge(c *chat.NextCharge) *chargeView {
	if c == nil {
		return nil
	}
	v := &chargeView{On: c.On, Total: c.Total, Currency: c.Currency}
	for _, i := range firstOf(c.Items) {
		v.Items = append(v.Items, itemView{cut(i.Title), cut(i.Variant), i.Quantity})
	}
	return v
}

func viewOrder(o *chat.LastOrder) *orderView {
	if o == nil {
		return nil
	}
	v := &orderView{Name: cut(o.Name), At: o.At, Status: cut(o.Status)}
	for _, t := range firstOf(o.Tracking) {
		v.Tracking = append(v.Tracking, trackingView{cut(t.Company), cut(t.Number), t.Link(), cut(t.Status)})
	}
	return v
}

func firstOf[T any](list []T) []T { return list[:min(len(list), maxListed)] }

func cut(s string) string {
	if utf8.RuneCountInString(s) <= maxWords {
		return s
	}
	return string([]rune(s)[:maxWords-1]) + "…"
}
