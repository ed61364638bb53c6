package gorgias

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
)

// merged maps ids of merged tickets and customers to the ids of the remaining ones.
// Ids are unique over both kinds here.
type merged map[int64]int64

// mergeablePath matches the path of a ticket or a customer and its rest.
var mergeablePath = regexp.MustCompile(`^(.*/api/(?:tickets|customers)/)([0-9]+)(/.*)?$`)

// redirectTarget returns the path for a redirect if the request's ticket or customer was
// merged, else "". It follows one merge only, so that a chain of merges causes a chain
// of redirects.
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

// Merge merges a ticket into another one, as an agent: its messages move, and requests
// about it are redirected (developers.gorgias.com/changelog, "301 redirect when fetching merged ticket").
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

var errCustomers = errors.New("gorgias: no such customers to merge")

// MergeCustomers merges a customer into another one, which gets its tickets. Requests
// about the first one are redirected.
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
