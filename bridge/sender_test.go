package bridge_test

import (
	"context"
	"sync"
	"time"

	"sidetext/chat"
)

// A sender is a fake provider. It accepts every text and lists those it accepted,
// unless a fault says otherwise.
type sender struct {
	now   func() time.Time
	mu    sync.Mutex
	fault func(chat.Outgoing) error // instead of accepting a text
	blind func(chat.Outgoing) error // after accepting it
	mute  error                     // returned by Status and Sent
	tried int                       // calls of Send
	asked int                       // calls of Status and Sent
	taken []chat.Outgoing           // accepted texts
	list  []chat.Record             // the same, as they are listed
}

func (s *sender) Send(_ context.Context, _ chat.Line, out chat.Outgoing) (chat.Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried++
	if s.fault != nil {
		if err := s.fault(out); err != nil {
			return chat.Report{}, err
		}
	}
	report := chat.Report{ID: "SM" + string(out.Token), State: chat.Queued}
	s.taken = append(s.taken, out)
	s.list = append(s.list, chat.Record{Report: report, Text: out.Text, At: s.now()})
	if s.blind != nil {
		if err := s.blind(out); err != nil {
			return chat.Report{}, err
		}
	}
	report.Token = out.Token
	return report, nil
}

func (s *sender) Status(_ context.Context, _ chat.Line, provider string) (chat.Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	for _, r := range s.list {
		if r.ID == provider {
			return r.Report, s.mute
		}
	}
	return chat.Report{}, failure(chat.Rejected)
}

func (s *sender) Sent(_ context.Context, _ chat.Line, to chat.Phone, since time.Time) (found []chat.Record, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	for i, r := range s.list {
		if s.taken[i].To == to && !r.At.Before(since) {
			found = append(found, r)
		}
	}
	return found, s.mute
}

// tell sets the error of Status and Sent; nil for none.
func (s *sender) tell(mute error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mute = mute
}

// sent counts how many times a text was accepted.
func (s *sender) sent(text string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, out := range s.taken {
		if out.Text == text {
			n++
		}
	}
	return n
}
