package harness

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/pretend/twilio"
)

// A Verdict lists what is wrong with the histories, by kind.
type Verdict map[Kind][]string

type Kind string

const (
	Lost       Kind = "lost"       // was sent or acknowledged, and is not there
	Unresolved Kind = "unresolved" // was accepted by the provider, and we do not know
	Pending       Kind = "late"       // has yet to be done

	Doubled  Kind = "doubled"
	Inverted Kind = "inverted" // in another order than it happened or was seen
	Broken   Kind = "broken"   // anything else that must not be
)

// Final are the kinds that no waiting puts right.
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
	// The servers go on meanwhile: what the vendors have by now is in the snapshot.
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
			v.Add(Broken, "a delivery of kind %s was given up: %s", d.kind, d.problem)
		case d.kind != "trace":
			v.Add(Pending, "a delivery of kind %s is %s: %s", d.kind, d.state, d.problem)
		}
	}
	if now.quarantined > 0 {
		v.Add(Broken, "%d requests are in quarantine", now.quarantined)
	}
	return v, nil
}

// Places checks that the places in every conversation are 1, 2, 3 …, and that no
// revision is beyond the conversation's.
func (v Verdict) CheckPlaces(now *Snapshot) {
	for id, c := range now.Conversations {
		for i, e := range c.Entries {
			if e.Seq != int64(i+1) {
				v.Add(Broken, "in %s place %d comes after %d entries", id, e.Seq, i)
				break
			}
			for _, m := range e.Media {
				switch {
				case m.State == chat.MediaWaiting:
					v.Add(Pending, "in %s the picture at %d is not there", id, e.Seq)
				case m.State == chat.MediaFailed && m.Problem == "":
					v.Add(Broken, "in %s the picture at %d does not say why", id, e.Seq)
				}
			}
			if e.Rev > c.Rev {
				v.Add(Broken, "in %s place %d is of revision %d of %d", id, e.Seq, e.Rev, c.Rev)
			}
		}
		if int64(len(c.Entries)) != c.Seq {
			v.Add(Broken, "%s has %d entries and counts %d", id, len(c.Entries), c.Seq)
		}
	}
}

// Texts checks that every text that was sent is there once, in its conversation and
// word for word; and that one sent after another was acknowledged comes after it.
func (v Verdict) CheckTexts(now *Snapshot, said []Text, accepted func(sid string) time.Time) {
	type copyOf struct {
		place
		text string
	}
	there := map[string][]copyOf{}
	for id, c := range now.Conversations {
		for _, e := range c.Entries {
			if e.Way == chat.In {
				there[e.Origin] = append(there[e.Origin], copyOf{place{id, e.Seq}, e.Text})
			}
		}
	}
	bySID := map[string]Text{}
	for _, s := range said {
		origin := chat.FromProvider("twilio", s.SID)
		bySID[origin] = s
		found := there[origin]
		delete(there, origin)
		switch {
		case len(found) == 0:
			v.Add(Lost, "%s of %s is not there; it was sent at %s and acknowledged at %s", s.Body, s.SID, FormatTime(s.At), FormatTime(accepted(s.SID)))
		case len(found) > 1:
			v.Add(Doubled, "%s of %s is at %v", s.Body, s.SID, found)
		case found[0].conversation != s.Shopper.Conversation || found[0].text != s.Body:
			v.Add(Broken, "%s of %s became %v", s.Body, s.SID, found[0])
		}
	}
	for origin := range there {
		v.Add(Broken, "nobody sent %s", origin)
	}
	for id, c := range now.Conversations {
		var newest Text // of those before, the one sent last
		for _, e := range c.Entries {
			s, ours := bySID[e.Origin]
			if !ours {
				continue
			}
			if at := accepted(s.SID); !at.IsZero() && newest.At.After(at) {
				v.Add(Inverted, "in %s %s comes after %s, which was sent after it was acknowledged", id, s.Body, newest.Body)
			}
			if s.At.After(newest.At) {
				newest = s
			}
		}
	}
}

// Ordered checks that a shopper's texts are in the order in which the provider
// took them.
func (v Verdict) CheckOrder(now *Snapshot, said []Text) {
	turn := map[string]int{}
	for i, s := range said {
		turn[chat.FromProvider("twilio", s.SID)] = i
	}
	for id, c := range now.Conversations {
		newest := -1
		for _, e := range c.Entries {
			if i, ours := turn[e.Origin]; ours {
				if i < newest {
					v.Add(Inverted, "in %s %s comes after %s", id, said[i].Body, said[newest].Body)
				}
				newest = max(newest, i)
			}
		}
	}
}

// sent: what the provider accepted and what we say of it agree. Nothing was
// accepted twice, and nothing that was accepted without our having meant it. The
// server goes on meanwhile: before and after are what the provider had accepted
// when the database was read.
func (v Verdict) checkSent(now *Snapshot, before, after []twilio.Message) {
	byPlace := map[place][]twilio.Message{}
	for i, m := range after {
		_, token, _ := strings.Cut(m.Callback, "/status/")
		where, known := now.attempts[token]
		if known {
			byPlace[where] = append(byPlace[where], m)
		} else if i < len(before) {
			v.Add(Broken, "%s was sent without a row", m.SID)
		}
	}
	for id, c := range now.Conversations {
		for _, e := range c.Entries {
			if e.Way != chat.Out {
				continue
			}
			v.checkState(fmt.Sprintf("in %s the text at %d (%s, %v)", id, e.Seq, e.State, e.Problem), e, byPlace[place{id, e.Seq}])
		}
	}
}

// fate: an outgoing text is as its state says.
func (v Verdict) checkState(what string, e chat.Entry, accepted []twilio.Message) {
	if len(accepted) > 1 {
		v.Add(Doubled, "%s was accepted %d times", what, len(accepted))
		return
	}
	taken := len(accepted) == 1
	if taken && accepted[0].Body != e.Text {
		v.Add(Broken, "%s was sent in other words", what)
	}
	switch e.State {
	case chat.Saved:
		v.Add(Pending, "%s has not been sent", what)
	case chat.Unknown:
		if e.Problem == nil {
			v.Add(Broken, "%s does not say why", what)
		}
		if taken {
			v.Add(Unresolved, "%s was accepted", what)
		}
	case chat.Failed:
		if e.Problem == nil {
			v.Add(Broken, "%s does not say why", what)
		}
		if taken && accepted[0].Status != "failed" && accepted[0].Status != "undelivered" {
			v.Add(Broken, "%s is %s at the provider", what, accepted[0].Status)
		}
	default:
		if !taken {
			v.Add(Broken, "%s was never accepted", what)
		}
	}
}

// kept: every text that the server said it has is where it said, and everything
// that an agent asked for was answered.
func (v Verdict) checkSaved(now *Snapshot, screens []*Screen) {
	for _, s := range screens {
		if n := s.unanswered(); n > 0 {
			v.Add(Pending, "%s waits for %d answers", s.name, n)
		}
		entries := now.Conversations[s.conversation].Entries
		for id, d := range s.saved() {
			i, found := slices.BinarySearchFunc(entries, d.seq, func(e chat.Entry, seq int64) int { return cmp.Compare(e.Seq, seq) })
			if !found || entries[i].Text != d.text || entries[i].Origin != chat.FromAgent(id) {
				v.Add(Lost, "%s was told that %s is at %d", s.name, d.text, d.seq)
			}
		}
	}
}

// seen: every screen shows exactly what is there, and never showed anything else.
func (v Verdict) checkScreens(now *Snapshot, screens []*Screen) {
	for _, s := range screens {
		for _, what := range s.allViolations() {
			v.Add(Inverted, "%s: %s", s.name, what)
		}
		shown, floor, last, fresh := s.shown()
		c := now.Conversations[s.conversation]
		if !fresh || last != c.Seq || floor != 1 {
			v.Add(Pending, "%s shows places %d to %d of %d", s.name, floor, last, c.Seq)
			continue
		}
		for _, e := range c.Entries {
			if got := shown[e.Seq]; got.Rev != e.Rev || got.Text != e.Text || got.State != e.State || got.Way != e.Way || got.Event != e.Event {
				v.Add(Pending, "%s shows at %d revision %d (%s), which is at %d (%s)", s.name, e.Seq, got.Rev, got.State, e.Rev, e.State)
				break
			}
		}
	}
}

func FormatTime(at time.Time) string {
	if at.IsZero() {
		return "no time"
	}
	return at.Format("15:04:05.000")
}

// Acknowledged checks that each text that was acknowledged is there once.
func (v Verdict) CheckAcknowledged(now *Snapshot, acknowledged map[string]bool) {
	v.CheckPlaces(now)
	there := map[string]int{}
	for _, c := range now.Conversations {
		for _, e := range c.Entries {
			there[e.Origin]++
		}
	}
	for sid := range acknowledged {
		switch there["twilio:"+sid] {
		case 0:
			v.Add(Lost, "%s", sid)
		case 1:
		default:
			v.Add(Doubled, "%s", sid)
		}
	}
}
