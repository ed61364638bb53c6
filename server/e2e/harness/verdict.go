package harness

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Verdict lists violations of the promises, by kind.
type Verdict map[Kind][]string

type Kind string

const (
	Lost       Kind = "lost"       // sent or acknowledged, but not stored
	Unresolved Kind = "unresolved" // unknown here, although the provider accepted it
	Pending    Kind = "pending"    // not done yet

	Doubled  Kind = "doubled"
	Inverted Kind = "inverted" // in another order than it happened or was seen
	Broken   Kind = "broken"   // any other violation
)

// Final are the kinds that waiting cannot resolve.
var Final = []Kind{Doubled, Inverted, Broken}

func (v Verdict) Add(k Kind, format string, args ...any) {
	v[k] = append(v[k], fmt.Sprintf(format, args...))
}

func (v Verdict) Count(kinds ...Kind) (n int) {
	for _, k := range kinds {
		n += len(v[k])
	}
	return n
}

func (v Verdict) String() string {
	var all strings.Builder
	for _, k := range append(slices.Clone(Final), Unresolved, Lost, Pending) {
		for i, what := range v[k] {
			if i == 10 {
				fmt.Fprintf(&all, "\n%s: … and %d more", k, len(v[k])-i)
				break
			}
			fmt.Fprintf(&all, "\n%s: %s", k, what)
		}
	}
	return all.String()
}

// Judge compares the histories of shoppers, agents and vendors with the database.
func (c *Traffic) Judge() (Verdict, error) {
	// The servers keep running: the snapshot, read second, includes what the vendors
	// have now.
	before, tickets := c.Twilio.Accepted(), c.Gorgias.Tickets()
	now, err := c.Snapshot()
	if err != nil {
		return nil, err
	}
	v := Verdict{}
	v.CheckPlaces(now)
	v.CheckTexts(now, c.Sent(), c.Network.AcknowledgedAt)
	v.checkSent(now, before, c.Twilio.Accepted())
	v.checkSaved(now, c.Screens)
	v.checkScreens(now, c.Screens)
	if c.Plan.Helpdesk {
		v.checkTickets(now, tickets)
	}
	for _, d := range now.deliveries {
		switch {
		case d.state == "failed":
			v.Add(Broken, "a delivery of kind %s failed: %s", d.kind, d.problem)
		case d.kind != "trace":
			v.Add(Pending, "a delivery of kind %s is %s: %s", d.kind, d.state, d.problem)
		}
	}
	if now.quarantined > 0 {
		v.Add(Broken, "%d requests are in quarantine", now.quarantined)
	}
	return v, nil
}

// FormatTime returns a time of day with milliseconds.
func FormatTime(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return at.Format("15:04:05.000")
}
