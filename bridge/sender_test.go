package bridge_test

import (
	"context"
	"sync"
	"time"

	"sidetext/chat"
)

// A sender is a provider in memory. It accepts every text and lists the accepted ones,
// unless a fault returns an error.
type sender struct {
	now        func() time.Time
	mu         sync.Mutex
	failBefore func(chat.Outgoing) error // instead of accepting a text
	failAfter  func(chat.Outgoing) error // after accepting it
	queryError error                     // returned by Status and Sent
	sends      int                       // calls of Send
	queries    int                       // calls of Status and Sent
	accepted   []chat.Outgoing           // accepted texts
	list       []chat.Record             // the same, as they are listed
}

func (s *sender) Send(_ context.Context, _ chat.Line, out chat.Outgoing) (chat.Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sends++
	if s.failBefore != nil {
		if err := s.failBefore(out); err != nil {
			return chat.Report{}, err
		}
	}
	report := chat.Report{ID: "SM" + string(out.Token), State: chat.Queued}
	s.accepted = append(s.accepted, out)
	s.list = append(s.list, chat.Record{Report: report, Text: out.Text, At: s.now()})
	if s.failAfter != nil {
		if err := s.failAfter(out); err != nil {
			return chat.Report{}, err
		}
	}
	report.Token = out.Token
	return report, nil
}

func (s *sender) Status(_ context.Context, _ chat.Line, provider string) (chat.Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queries++
	for _, r := range s.list {
		if r.ID == provider {
			return r.Report, s.queryError
		}
	}
	return chat.Report{}, failure(chat.Rejected)
}

func (s *sender) Sent(_ context.Context, _ chat.Line, to chat.Phone, since time.Time) (found []chat.Record, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queries++
	for i, r := range s.list {
		if s.accepted[i].To == to && !r.At.Before(since) {
			found = append(found, r)
		}
	}
	return found, s.queryError
}

// setQueryError sets the error of Status and Sent; nil for none.
func (s *sender) setQueryError(mute error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queryError = mute
}

// sent counts how many times a text was accepted.
func (s *sender) sent(text string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, out := range s.accepted {
		if out.Text == text {
			n++
		}
	}
	return n
}
