package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/pretend/twilio"
)

// A verdict is what is wrong with a history, by kind.
type verdict map[kind][]string

type kind string

const (
	lost       kind = "lost"       // was sent or acknowledged, and is not there
	unresolved kind = "unresolved" // was accepted by the provider, and we do not know
	late       kind = "late"       // has yet to be done

	doubled  kind = "doubled"
	inverted kind = "inverted" // in another order than it happened or was seen
	broken   kind = "broken"   // anything else that must not be
)

// final are the kinds that no waiting puts right.
var final = []kind{doubled, inverted, broken}

func (v verdict) find(k kind, format string, args ...any) {
	v[k] = append(v[k], fmt.Sprintf(format, args...))
}

func (v verdict) count(kinds ...kind) (n int) {
	for _, k := range kinds {
		n += len(v[k])
	}
	return n
}

func (v verdict) String() string {
	var all strings.Builder
	for _, k := range append(slices.Clone(final), unresolved, lost, late) {
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

// judge compares everything that was written down.
func (c *crowd) judge() (verdict, error) {
	before := c.Twilio.Accepted()
	now, err := c.truth()
	if err != nil {
		return nil, err
	}
	v := verdict{}
	v.places(now)
	v.heard(now, c.allTexted(), c.street.accepted)
	v.sent(now, before, c.Twilio.Accepted())
	v.kept(now, c.screens)
	v.seen(now, c.screens)
	if c.plan.desk {
		v.helped(now, c.Gorgias.Tickets())
	}
	for _, d := range now.deliveries {
		switch {
		case d.state == "failed":
			v.find(broken, "a delivery of kind %s was given up: %s", d.kind, d.problem)
		case d.kind != "trace":
			v.find(late, "a delivery of kind %s is %s: %s", d.kind, d.state, d.problem)
		}
	}
	if now.quarantined > 0 {
		v.find(broken, "%d requests are in quarantine", now.quarantined)
	}
	return v, nil
}

// places: in every conversation the places are 1, 2, 3 …, and no revision is
// beyond the conversation's.
func (v verdict) places(now *truth) {
	for id, c := range now.conversations {
		for i, e := range c.entries {
			if e.Seq != int64(i+1) {
				v.find(broken, "in %s place %d comes after %d entries", id, e.Seq, i)
				break
			}
			for _, m := range e.Media {
				switch {
				case m.State == chat.MediaWaiting:
					v.find(late, "in %s the picture at %d is not there", id, e.Seq)
				case m.State == chat.MediaFailed && m.Problem == "":
					v.find(broken, "in %s the picture at %d does not say why", id, e.Seq)
				}
			}
			if e.Rev > c.rev {
				v.find(broken, "in %s place %d is of revision %d of %d", id, e.Seq, e.Rev, c.rev)
			}
		}
		if int64(len(c.entries)) != c.seq {
			v.find(broken, "%s has %d entries and counts %d", id, len(c.entries), c.seq)
		}
	}
}

// heard: every text that was sent is there once, in its conversation, word for
// word; and one that was sent after another was acknowledged comes after it.
func (v verdict) heard(now *truth, said []texted, accepted func(sid string) time.Time) {
	type copyOf struct {
		place
		text string
	}
	there := map[string][]copyOf{}
	for id, c := range now.conversations {
		for _, e := range c.entries {
			if e.Way == chat.In {
				there[e.Origin] = append(there[e.Origin], copyOf{place{id, e.Seq}, e.Text})
			}
		}
	}
	bySID := map[string]texted{}
	for _, s := range said {
		origin := chat.FromProvider("twilio", s.sid)
		bySID[origin] = s
		found := there[origin]
		delete(there, origin)
		switch {
		case len(found) == 0:
			v.find(lost, "%s of %s is not there; it was sent at %s and acknowledged at %s", s.body, s.sid, clock(s.at), clock(accepted(s.sid)))
		case len(found) > 1:
			v.find(doubled, "%s of %s is at %v", s.body, s.sid, found)
		case found[0].conversation != s.person.id || found[0].text != s.body:
			v.find(broken, "%s of %s became %v", s.body, s.sid, found[0])
		}
	}
	for origin := range there {
		v.find(broken, "nobody sent %s", origin)
	}
	for id, c := range now.conversations {
		var newest texted // of those before, the one sent last
		for _, e := range c.entries {
			s, ours := bySID[e.Origin]
			if !ours {
				continue
			}
			if at := accepted(s.sid); !at.IsZero() && newest.at.After(at) {
				v.find(inverted, "in %s %s comes after %s, which was sent after it was acknowledged", id, s.body, newest.body)
			}
			if s.at.After(newest.at) {
				newest = s
			}
		}
	}
}

// ordered: a shopper's texts are in the order in which the provider took them in.
func (v verdict) ordered(now *truth, said []texted) {
	turn := map[string]int{}
	for i, s := range said {
		turn[chat.FromProvider("twilio", s.sid)] = i
	}
	for id, c := range now.conversations {
		newest := -1
		for _, e := range c.entries {
			if i, ours := turn[e.Origin]; ours {
				if i < newest {
					v.find(inverted, "in %s %s comes after %s", id, said[i].body, said[newest].body)
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
func (v verdict) sent(now *truth, before, after []twilio.Message) {
	byPlace := map[place][]twilio.Message{}
	for i, m := range after {
		_, token, _ := strings.Cut(m.Callback, "/status/")
		where, known := now.attempts[token]
		if known {
			byPlace[where] = append(byPlace[where], m)
		} else if i < len(before) {
			v.find(broken, "%s was sent without a row", m.SID)
		}
	}
	for id, c := range now.conversations {
		for _, e := range c.entries {
			if e.Way != chat.Out {
				continue
			}
			v.fate(fmt.Sprintf("in %s the text at %d (%s, %v)", id, e.Seq, e.State, e.Problem), e, byPlace[place{id, e.Seq}])
		}
	}
}

// fate: an outgoing text is as its state says.
func (v verdict) fate(what string, e chat.Entry, accepted []twilio.Message) {
	if len(accepted) > 1 {
		v.find(doubled, "%s was accepted %d times", what, len(accepted))
		return
	}
	taken := len(accepted) == 1
	if taken && accepted[0].Body != e.Text {
		v.find(broken, "%s was sent in other words", what)
	}
	switch e.State {
	case chat.Saved:
		v.find(late, "%s has not been sent", what)
	case chat.Unknown:
		if e.Problem == nil {
			v.find(broken, "%s does not say why", what)
		}
		if taken {
			v.find(unresolved, "%s was accepted", what)
		}
	case chat.Failed:
		if e.Problem == nil {
			v.find(broken, "%s does not say why", what)
		}
		if taken && accepted[0].Status != "failed" && accepted[0].Status != "undelivered" {
			v.find(broken, "%s is %s at the provider", what, accepted[0].Status)
		}
	default:
		if !taken {
			v.find(broken, "%s was never accepted", what)
		}
	}
}

// kept: every text that the server said it has is where it said, and everything
// that an agent asked for was answered.
func (v verdict) kept(now *truth, screens []*screen) {
	for _, s := range screens {
		if n := s.unanswered(); n > 0 {
			v.find(late, "%s waits for %d answers", s.name, n)
		}
		entries := now.conversations[s.conversation].entries
		for id, d := range s.kept() {
			i, found := slices.BinarySearchFunc(entries, d.seq, func(e chat.Entry, seq int64) int { return cmp.Compare(e.Seq, seq) })
			if !found || entries[i].Text != d.text || entries[i].Origin != chat.FromAgent(id) {
				v.find(lost, "%s was told that %s is at %d", s.name, d.text, d.seq)
			}
		}
	}
}

// seen: every screen shows exactly what is there, and never showed anything else.
func (v verdict) seen(now *truth, screens []*screen) {
	for _, s := range screens {
		for _, what := range s.complaints() {
			v.find(inverted, "%s: %s", s.name, what)
		}
		shown, floor, last, fresh := s.copied()
		c := now.conversations[s.conversation]
		if !fresh || last != c.seq || floor != 1 {
			v.find(late, "%s shows places %d to %d of %d", s.name, floor, last, c.seq)
			continue
		}
		for _, e := range c.entries {
			if got := shown[e.Seq]; got.Rev != e.Rev || got.Text != e.Text || got.State != e.State || got.Way != e.Way || got.Event != e.Event {
				v.find(late, "%s shows at %d revision %d (%s), which is at %d (%s)", s.name, e.Seq, got.Rev, got.State, e.Rev, e.State)
				break
			}
		}
	}
}

func clock(at time.Time) string {
	if at.IsZero() {
		return "no time"
	}
	return at.Format("15:04:05.000")
}
