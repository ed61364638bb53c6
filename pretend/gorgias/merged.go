package gorgias

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
)

// merged says what became of tickets and customers that were merged into others:
// old id → remaining id. Ids are unique over all kinds here.
type merged map[int64]int64

// below is the path of a ticket or a customer, and what comes after it.
var below = regexp.MustCompile(`^(.*/api/(?:tickets|customers)/)([0-9]+)(/.*)?$`)

// remaining returns where a request is redirected because its ticket or customer
// was merged: to the same below the one that remains. Of a row of merges it goes
// one step, so that a client meets one redirect after another.
func (g *Gorgias) remaining(path string) string {
	parts := below.FindStringSubmatch(path)
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
	return g.act(ticket, user, func(t *Ticket, u *User) error {
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
		g.fire("ticket-updated", target, nil, u)
		return nil
	})
}

var errCustomers = errors.New("gorgias: there are no such two customers")

// MergeCustomers has an agent merge a customer into another, whose the tickets
// are from then on. Requests about the first are redirected.
func (g *Gorgias) MergeCustomers(from, into int64) (err error) {
	g.do(func() {
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
	g.Bell.Ring()
}

// mergeCustomers answers PUT customers/merge?source_id=&target_id=.
func (g *Gorgias) mergeCustomers(r *request) (int, any, *failure) {
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(r.query.Get(name), 10, 64)
		return n
	}
	source, target := find(g.customers, number("source_id")), find(g.customers, number("target_id"))
	if source == nil || target == nil {
		return 0, nil, gone
	}
	if source == target {
		return 0, nil, invalid("target_id", "Must be another customer.")
	}
	g.joinCustomers(source, target)
	if len(r.body) > 0 {
		if no := g.write(target, r.body); no != nil {
			return 0, nil, no
		}
	}
	return http.StatusAccepted, g.show(target), nil
}
