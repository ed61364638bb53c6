package widget

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sidetext/chat"
)

// A card's line lists at most this many things, and cuts a name at this many characters:
// singleLine would cut the end of the line, which has the amount or the status.
const (
	maxListed = 3
	maxName   = 40
)

// ShowProfile puts on the card what the directory knows of the shopper. Times are in
// zone; a date has its year if that is not the year of now.
func (c *Card) ShowProfile(p chat.Profile, now time.Time, zone *time.Location) {
	now = now.In(zone)
	c.NextCharge, c.FailedCharge = chargeWords(p.NextCharge, now), chargeWords(p.FailedCharge, now)
	subscriptions := make([]string, len(p.Subscriptions))
	for i, s := range p.Subscriptions {
		subscriptions[i] = subscriptionWords(s)
	}
	c.Subscriptions = list(subscriptions, "; ")
	if o := p.LastOrder; o != nil {
		c.LastOrder = join(" · ", o.Name, dateWords(o.At.In(zone), now), o.Status)
		c.Tracking, c.TrackingURL = trackingWords(o.Tracking)
	}
	switch {
	case p.Others == 1:
		c.Shared = "1 more person"
	case p.Others > 1:
		c.Shared = strconv.Itoa(p.Others) + " more people"
	}
	if p.Marketing == chat.ConsentRevoked {
		c.Marketing = "Withdrawn: wants no marketing texts"
	}
}

// chargeWords describes a payment: "9 Dec · Coffee, 2 × Filter · $49.00".
func chargeWords(charge *chat.NextCharge, now time.Time) string {
	if charge == nil {
		return ""
	}
	items := make([]string, len(charge.Items))
	for i, item := range charge.Items {
		items[i] = productWords(item.Quantity, item.Title, "")
	}
	return join(" · ", dayWords(charge.On, now), list(items, ", "), moneyWords(charge.Total, charge.Currency))
}

// subscriptionWords describes a subscription: "2 × Coffee 250 g, every 4 weeks".
func subscriptionWords(s chat.Subscription) string {
	every := ""
	switch unit := strings.ToLower(s.Unit); {
	case unit == "" || s.Every < 1:
	case s.Every == 1:
		every = "every " + unit
	default:
		every = fmt.Sprintf("every %d %ss", s.Every, unit)
	}
	prepaid := ""
	if s.Prepaid {
		prepaid = "prepaid"
	}
	return join(", ", productWords(s.Quantity, s.Product, s.Variant), every, prepaid)
}

// productWords names a product, with its variant unless that is Shopify's name for the
// only one.
func productWords(quantity int, title, variant string) string {
	if variant == "Default Title" {
		variant = ""
	}
	name := cutName(join(" ", title, variant))
	if quantity > 1 && name != "" {
		name = fmt.Sprintf("%d × %s", quantity, name)
	}
	return name
}

func cutName(name string) string {
	name = singleLine(name)
	if utf8.RuneCountInString(name) <= maxName {
		return name
	}
	return strings.TrimSpace(string([]rune(name)[:maxName-1])) + "…"
}

// trackingWords names parcels, and returns the link of the first one that has a link.
func trackingWords(parcels []chat.Tracking) (words, link string) {
	named := make([]string, 0, len(parcels))
	for _, t := range parcels {
		if name := join(" ", t.Company, t.Number); name != "" {
			named = append(named, cutName(name))
		}
		if link == "" {
			link = t.Link()
		}
	}
	return list(named, ", "), link
}

// list joins items, and counts those beyond maxListed.
func list(items []string, separator string) string {
	if n := len(items) - maxListed; n > 0 {
		items = append(items[:maxListed:maxListed], fmt.Sprintf("%d more", n))
	}
	return join(separator, items...)
}

// join joins the parts that are not empty.
func join(separator string, parts ...string) string {
	var full []string
	for _, part := range parts {
		if part != "" {
			full = append(full, part)
		}
	}
	return strings.Join(full, separator)
}

// dayWords formats a vendor's date, "2026-12-09", for people.
func dayWords(date string, now time.Time) string {
	at, err := time.ParseInLocation(time.DateOnly, date, now.Location())
	if err != nil {
		return date
	}
	return dateWords(at, now)
}

func dateWords(at, now time.Time) string {
	switch {
	case at.IsZero():
		return ""
	case at.Year() != now.Year():
		return at.Format("2 Jan 2006")
	}
	return at.Format("2 Jan")
}
