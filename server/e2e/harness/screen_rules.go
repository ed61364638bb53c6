package harness

import (
	"fmt"

	"sidetext/chat"
)

// The rules of the page (public/popup/state/rules.js) for a screen. Each returns the frames to
// send. All but handleFrame are called with s.mu held.

// handleFrame applies a frame from the server.
func (s *Screen) handleFrame(f Frame) []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch f.Type {
	case "opened":
		return s.handleOpened(f)
	case "changed":
		return s.handleChanged(f)
	case "beat":
		if s.open && f.Rev > s.rev {
			s.opening = false
			return s.requestOpen()
		}
	case "earlier":
		s.addEntries(f.Entries)
		for s.entries[s.floor-1].Seq != 0 {
			s.floor--
		}
		s.earlier = f.Earlier
		return s.requestEarlier()
	case "saved":
		if d := s.requests[f.ID]; d != nil && d.pending() {
			d.seq, d.answered = f.Seq, true
		}
	case "refused":
		return s.handleRefused(f)
	}
	return nil
}

// requestOpen opens the conversation at the screen's revision, unless such a request
// is already unanswered.
func (s *Screen) requestOpen() []any {
	if s.opening {
		return nil
	}
	s.opening = true
	frame := map[string]any{"type": "open", "conversation": s.conversation, "since": int64(0), "epoch": ""}
	if s.hasState {
		frame["since"], frame["epoch"] = s.rev, s.epoch
	}
	return []any{frame}
}

// reopen requests everything.
func (s *Screen) reopen() []any {
	s.hasState, s.opening = false, false
	return s.requestOpen()
}

func (s *Screen) handleOpened(f Frame) []any {
	if !f.Reset && (f.Epoch != s.epoch || !s.hasState) {
		return s.reopen()
	}
	if f.Reset {
		if s.epoch != "" && s.epoch != f.Epoch {
			s.addViolation("the database's epoch changed")
		}
		s.entries, s.floor, s.last = map[int64]chat.Entry{}, 1, 0
		for i, e := range f.Entries {
			if i == 0 || e.Seq < s.floor {
				s.floor, s.last = e.Seq, e.Seq-1
			}
		}
		s.hasState, s.rev, s.epoch, s.earlier = true, 0, f.Epoch, f.Earlier
	}
	if !s.merge(f) {
		return s.reopen()
	}
	s.opening = false
	var out []any
	if !s.open {
		s.open = true
		for _, d := range s.requests {
			if d.pending() {
				out = append(out, d.frame)
			}
		}
	}
	return append(out, s.requestEarlier()...)
}

func (s *Screen) handleChanged(f Frame) []any {
	switch {
	case !s.hasState || f.Rev <= s.rev:
		return nil
	case f.From > s.rev:
		return s.requestOpen()
	case !s.merge(f):
		return s.reopen()
	}
	return nil
}

// requestEarlier requests earlier entries, as scrolling up does.
func (s *Screen) requestEarlier() []any {
	if !s.earlier {
		return nil
	}
	return []any{map[string]any{"type": "earlier", "before": s.floor}}
}

func (s *Screen) handleRefused(f Frame) []any {
	d := s.requests[f.ID]
	if d == nil || !d.pending() {
		return nil
	}
	switch f.Code {
	case "newer": // the agent reads the colleague's text and sends anyway
		d.frame["anyway"] = true
		return append(s.requestOpen(), d.frame)
	case "unavailable":
		return nil // sent again on the next connection
	}
	d.code = f.Code
	return nil
}

// merge adds a frame's entries, and reports whether the entries have no gap then.
func (s *Screen) merge(f Frame) bool {
	s.addEntries(f.Entries)
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

// addEntries keeps the newest version of each entry, and checks that fields which must
// never change have not changed.
func (s *Screen) addEntries(entries []chat.Entry) {
	for _, e := range entries {
		fixed := fmt.Sprintf("%s %s %s/%s %s %s %s %q", e.Kind, e.Way, e.By.Role, e.By.ID, e.Event, e.Origin, e.At, e.Text)
		if was, seen := s.first[e.Seq]; !seen {
			s.first[e.Seq] = fixed
		} else if was != fixed {
			s.addViolation("place %d changed from %s to %s", e.Seq, was, fixed)
		}
		old, known := s.entries[e.Seq]
		if known && e.Rev <= old.Rev {
			continue
		}
		if known && old.State != e.State && !e.State.Follows(old.State) {
			s.addViolation("place %d went from %s back to %s", e.Seq, old.State, e.State)
		}
		s.entries[e.Seq] = e
	}
}

func (s *Screen) addViolation(format string, args ...any) {
	s.violations = append(s.violations, fmt.Sprintf(format, args...))
}
