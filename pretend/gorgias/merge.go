package gorgias

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
)

// merged says what became of tickets and customers that were merged into others:
// old id → remaining id. Ids are unique over all kinds here.
type merged map[int64]int64

// mergeablePath is the path of a ticket or a customer, and what comes after it.
var mergeablePath = regexp.MustCompile(`^(.*/api/(?:tickets|customers)/)([0-9]+)(/.*)?$`)

// redirectTarget returns where a request is redirected because its ticket or customer
// was merged: to the same below the one that remains. Of a row of merges it goes
// one step, so that a client meets one redirect after another.
func (g *Gorgias) redirectTarget(path string) string {
	parts := mergeablePath.FindStringSubmatch(path)
	if parts == nil {
		return ""
	}
	id, _ := strconv.ParseInt(parts[2], 10, 64)
	into, ok := g.merged[id]
	if !ok {
		return ""
	}
	return parts[1] + itoa(into) + parts[3]
}

// Merge has an agent merge a ticket into another: its messages move, and from
// then on every request about it is redirected to the other
// (developers.gorgias.com/changelog, "301 redirect when fetching merged ticket").
func (g *Gorgias) Merge(ticket, into, user int64) error {
	return g.asUser(ticket, user, func(t *Ticket, u *User) error {
		target := find(g.tickets, into)
		if target == nil || target == t {
			return errTicket
		}
		for _, m := range t.Messages {
			m.TicketID = target.ID
			target.Messages = append(target.Messages, m)
		}
		slices.SortStableFunc(target.Messages, func(a, b *Message) int { return a.Created.Compare(b.Created.Time) })
		g.remove(t)
		g.merged[t.ID] = target.ID
		target.Updated = now()
		g.fireEvent("ticket-updated", target, nil, u)
		return nil
	})
}

var errCustomers = errors.New("gorgias: there are no such two customers")

// MergeCustomers has an agent merge a customer into another, whose the tickets
// are from then on. Requests about the first are redirected.
func (g *Gorgias) MergeCustomers(from, into int64) (err error) {
	g.update(func() {
		source, target := find(g.customers, from), find(g.customers, into)
		if source == nil || target == nil || source == target {
			err = errCustomers
			return
		}
		g.joinCustomers(source, target)
	})
	return err
}

func (g *Gorgias) joinCustomers(source, target *Customer) {
	target.Channels = append(target.Channels, source.Channels...)
	if target.Email == nil {
		target.Email = source.Email
	}
	for _, t := range g.tickets {
		if t.Customer == source {
			t.Customer = target
		}
	}
	g.customers = slices.DeleteFunc(g.customers, func(c *Customer) bool { return c == source })
	g.merged[source.ID] = target.ID
	g.Changes.Notify()
}
