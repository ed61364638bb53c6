package harness

import (
	"fmt"

	"sidetext/chat"
)

// The rules of the page (public/popup/state/rules.js), for a screen. Each returns what
// to send. All but hear are called with s.mu held.

// hear does what a frame asks for.
func (s *Screen) hear(f Frame) []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch f.Type {
	case "opened":
		return s.opened(f)
	case "changed":
		return s.changed(f)
	case "beat":
		if s.greeted && f.Rev > s.rev {
			s.asking = false
			return s.ask()
		}
	case "earlier":
		s.added(f.Entries)
		for s.entries[s.floor-1].Seq != 0 {
			s.floor--
		}
		s.earlier = f.Earlier
		return s.more()
	case "saved":
		if d := s.drafts[f.ID]; d != nil && d.open() {
			d.seq, d.done = f.Seq, true
		}
	case "refused":
		return s.refused(f)
	}
	return nil
}

// ask opens the conversation from where the screen stands, unless an answer to
// that is on its way.
func (s *Screen) ask() []any {
	if s.asking {
		return nil
	}
	s.asking = true
	frame := map[string]any{"type": "open", "conversation": s.conversation, "since": int64(0), "epoch": ""}
	if s.known {
		frame["since"], frame["epoch"] = s.rev, s.epoch
	}
	return []any{frame}
}

// afresh asks for everything.
func (s *Screen) afresh() []any {
	s.known, s.asking = false, false
	return s.ask()
}

func (s *Screen) opened(f Frame) []any {
	if !f.Reset && (f.Epoch != s.epoch || !s.known) {
		return s.afresh()
	}
	if f.Reset {
		if s.epoch != "" && s.epoch != f.Epoch {
			s.complain("the database became another one")
		}
		s.entries, s.floor, s.last = map[int64]chat.Entry{}, 1, 0
		for i, e := range f.Entries {
			if i == 0 || e.Seq < s.floor {
				s.floor, s.last = e.Seq, e.Seq-1
			}
		}
		s.known, s.rev, s.epoch, s.earlier = true, 0, f.Epoch, f.Earlier
	}
	if !s.merged(f) {
		return s.afresh()
	}
	s.asking = false
	var out []any
	if !s.greeted {
		s.greeted = true
		for _, d := range s.drafts {
			if d.open() {
				out = append(out, d.frame)
			}
		}
	}
	return append(out, s.more()...)
}

func (s *Screen) changed(f Frame) []any {
	switch {
	case !s.known || f.Rev <= s.rev:
		return nil
	case f.From > s.rev:
		return s.ask()
	case !s.merged(f):
		return s.afresh()
	}
	return nil
}

// more asks for what is above, as a reader who scrolls up does.
func (s *Screen) more() []any {
	if !s.earlier {
		return nil
	}
	return []any{map[string]any{"type": "earlier", "before": s.floor}}
}

func (s *Screen) refused(f Frame) []any {
	d := s.drafts[f.ID]
	if d == nil || !d.open() {
		return nil
	}
	switch f.Code {
	case "newer": // the agent has read it and sends all the same
		d.frame["anyway"] = true
		return append(s.ask(), d.frame)
	case "unavailable":
		return nil // asked again on the next visit
	}
	d.code = f.Code
	return nil
}

// merged takes in what a frame says, and reports whether that leaves no hole.
func (s *Screen) merged(f Frame) bool {
	s.added(f.Entries)
	for s.entries[s.last+1].Seq != 0 {
		s.last++
	}
	for _, e := range f.Entries {
		if e.Seq > s.last {
			return false
		}
	}
	s.rev = max(s.rev, f.Rev)
	return true
}

// added keeps the newest of each entry, and notes what must never change.
func (s *Screen) added(entries []chat.Entry) {
	for _, e := range entries {
		fixed := fmt.Sprintf("%s %s %s/%s %s %s %s %q", e.Kind, e.Way, e.By.Role, e.By.ID, e.Event, e.Origin, e.At, e.Text)
		if was, seen := s.first[e.Seq]; !seen {
			s.first[e.Seq] = fixed
		} else if was != fixed {
			s.complain("place %d was %s and became %s", e.Seq, was, fixed)
		}
		old, known := s.entries[e.Seq]
		if known && e.Rev <= old.Rev {
			continue
		}
		if known && old.State != e.State && !e.State.Follows(old.State) {
			s.complain("place %d went from %s back to %s", e.Seq, old.State, e.State)
		}
		s.entries[e.Seq] = e
	}
}

func (s *Screen) complain(format string, args ...any) {
	s.broken = append(s.broken, fmt.Sprintf(format, args...))
}
