package harness

import (
	"time"

	"sidetext/chat"
)

// CheckPlaces checks that the places in every conversation are 1, 2, 3 …, and that no
// entry's revision is greater than the conversation's.
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
					v.Add(Pending, "in %s the picture at %d is not fetched yet", id, e.Seq)
				case m.State == chat.MediaFailed && m.Problem == "":
					v.Add(Broken, "in %s the picture at %d failed without a reason", id, e.Seq)
				}
			}
			if e.Rev > c.Rev {
				v.Add(Broken, "in %s place %d has revision %d, the conversation %d", id, e.Seq, e.Rev, c.Rev)
			}
		}
		if int64(len(c.Entries)) != c.Seq {
			v.Add(Broken, "%s has %d entries, its counter says %d", id, len(c.Entries), c.Seq)
		}
	}
}

// CheckTexts checks that every text that was sent is stored once, in its conversation
// and word for word; and that a text sent after another was acknowledged follows it.
func (v Verdict) CheckTexts(now *Snapshot, sent []Text, accepted func(sid string) time.Time) {
	type copyOf struct {
		place
		text string
	}
	stored := map[string][]copyOf{}
	for id, c := range now.Conversations {
		for _, e := range c.Entries {
			if e.Way == chat.In {
				stored[e.Origin] = append(stored[e.Origin], copyOf{place{id, e.Seq}, e.Text})
			}
		}
	}
	bySID := map[string]Text{}
	for _, s := range sent {
		origin := chat.FromProvider("twilio", s.SID)
		bySID[origin] = s
		found := stored[origin]
		delete(stored, origin)
		switch {
		case len(found) == 0:
			v.Add(Lost, "%s of %s is not stored; it was sent at %s and acknowledged at %s", s.Body, s.SID, FormatTime(s.At), FormatTime(accepted(s.SID)))
		case len(found) > 1:
			v.Add(Doubled, "%s of %s is stored at %v", s.Body, s.SID, found)
		case found[0].conversation != s.Shopper.Conversation || found[0].text != s.Body:
			v.Add(Broken, "%s of %s is stored as %v", s.Body, s.SID, found[0])
		}
	}
	for origin := range stored {
		v.Add(Broken, "%s is stored, but was never sent", origin)
	}
	for id, c := range now.Conversations {
		var newest Text // the one sent last, of those so far
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

// CheckOrder checks that a shopper's texts are in the order in which the provider
// accepted them.
func (v Verdict) CheckOrder(now *Snapshot, sent []Text) {
	turn := map[string]int{}
	for i, s := range sent {
		turn[chat.FromProvider("twilio", s.SID)] = i
	}
	for id, c := range now.Conversations {
		newest := -1
		for _, e := range c.Entries {
			if i, ours := turn[e.Origin]; ours {
				if i < newest {
					v.Add(Inverted, "in %s %s comes after %s", id, sent[i].Body, sent[newest].Body)
				}
				newest = max(newest, i)
			}
		}
	}
}

// CheckAcknowledged checks that each acknowledged text, by its SID, is stored once.
func (v Verdict) CheckAcknowledged(now *Snapshot, acknowledged map[string]bool) {
	v.CheckPlaces(now)
	copies := map[string]int{}
	for _, c := range now.Conversations {
		for _, e := range c.Entries {
			copies[e.Origin]++
		}
	}
	for sid := range acknowledged {
		switch copies["twilio:"+sid] {
		case 0:
			v.Add(Lost, "%s", sid)
		case 1:
		default:
			v.Add(Doubled, "%s", sid)
		}
	}
}
