package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"sidetext/bridge"
	"sidetext/chat"
)

// A fakeHelpdesk is a helpdesk in memory. A request that is made twice has its effect
// twice.
type fakeHelpdesk struct {
	mu          sync.Mutex
	failBefore  func(call string) error // before a call has its effect
	failAfter   func(call string) error // after it
	refusedText string                  // a text that is refused anywhere in a message
	merged      bool                    // all customers were merged into others
	calls       []string                // in order
	tickets     map[string]*ticket
}

var (
	errRefused     = &chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "refused", Text: "Gorgias refused it."}, Cause: errors.New("400")}
	errUnreachable = &chat.SendError{Outcome: chat.MaybeSent, Problem: chat.Problem{Code: "unreachable", Text: "Gorgias does not answer."}, Cause: errors.New("reset")}
	errHangs       = errors.New("no answer until the deadline")
)

// expirable returns a context that a hanging call cancels, as a deadline would.
func expirable(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancel(ctx)
	return context.WithValue(ctx, expiry{}, end), end
}

type expiry struct{}

func newFakeHelpdesk() *fakeHelpdesk { return &fakeHelpdesk{tickets: map[string]*ticket{}} }

// call makes a call, with its faults before and after.
func (d *fakeHelpdesk) call(ctx context.Context, call string, do func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, call)
	fault := func(f func(string) error) error {
		if f == nil {
			return nil
		}
		err := f(call)
		if errors.Is(err, errHangs) {
			if end, ok := ctx.Value(expiry{}).(context.CancelFunc); ok {
				end()
			}
			return errUnreachable
		}
		return err
	}
	if err := fault(d.failBefore); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return errUnreachable
	}
	if err := do(); err != nil {
		return err
	}
	return fault(d.failAfter)
}

func (d *fakeHelpdesk) FindOrCreateCustomer(ctx context.Context, p chat.Shopper) (customer string, err error) {
	err = d.call(ctx, "person", func() error { customer = d.customer(p); return nil })
	if err != nil {
		return "", err
	}
	return customer, nil
}

func (d *fakeHelpdesk) customer(p chat.Shopper) string {
	if d.merged {
		return "merged into the customer of " + string(p.ID)
	}
	return "customer of " + string(p.ID)
}

func (d *fakeHelpdesk) CreateTicket(ctx context.Context, s chat.Snapshot, opening chat.Dialogue, again bool) (remote string, err error) {
	err = d.call(ctx, "open", func() error {
		if again {
			for id, k := range d.tickets {
				if k.id == s.Ticket.ID {
					remote = id
					return nil
				}
			}
		}
		remote = fmt.Sprint(100 + len(d.tickets))
		k := &ticket{id: s.Ticket.ID, of: s.Conversation.ID, open: true, opening: shown(opening)}
		k.tags = append(k.tags, s.Reasons()...)
		d.tickets[remote] = k
		return nil
	})
	if err != nil {
		return "", err
	}
	return remote, nil
}

func (d *fakeHelpdesk) TicketState(ctx context.Context, remote string) (state bridge.TicketState, err error) {
	err = d.call(ctx, "see", func() error {
		remote = d.remaining(remote)
		if k := d.tickets[remote]; k != nil && !k.gone {
			state = bridge.TicketState{Remote: remote, Open: k.open, Replies: k.replies}
		}
		return nil
	})
	if err != nil {
		return bridge.TicketState{}, err
	}
	return state, nil
}

func (d *fakeHelpdesk) HasMessage(ctx context.Context, remote, name string) (found bool, err error) {
	err = d.call(ctx, "said", func() error {
		found = slices.ContainsFunc(d.tickets[remote].messages, func(m message) bool { return m.name == name })
		return nil
	})
	return found, err
}

func (d *fakeHelpdesk) AddMessage(ctx context.Context, s chat.Snapshot, name string, texts []chat.Entry, dialogue chat.Dialogue) error {
	return d.call(ctx, "append", func() error {
		m := message{name: name, quoted: shown(dialogue), before: dialogue.Texts(), upTo: texts[len(texts)-1].Seq}
		for _, e := range texts {
			m.texts = append(m.texts, e.Text)
		}
		k := d.tickets[d.remaining(s.Ticket.Remote)]
		isRefused := func(e chat.Entry) bool { return e.Text != "" && e.Text == d.refusedText }
		if k.gone || s.Shopper.Customer != d.customer(s.Shopper) || slices.ContainsFunc(texts, isRefused) || slices.ContainsFunc(m.quoted, isRefused) {
			return errRefused
		}
		k.messages = append(k.messages, m)
		return nil
	})
}

func (d *fakeHelpdesk) AddNote(ctx context.Context, remote, name, text string) (at string, err error) {
	err = d.call(ctx, "note", func() error {
		remote = d.remaining(remote)
		k := d.tickets[remote]
		if k.gone || d.refusedText != "" && strings.HasSuffix(text, ": "+d.refusedText) {
			return errRefused
		}
		k.messages = append(k.messages, message{name: name, note: text})
		return nil
	})
	if err != nil {
		return "", err
	}
	return remote, nil
}

func (d *fakeHelpdesk) LinkFiles(ctx context.Context, s chat.Snapshot, name string, e chat.Entry) error {
	return d.call(ctx, "files", func() error {
		k := d.tickets[d.remaining(s.Ticket.Remote)]
		if k.gone {
			return errRefused
		}
		k.messages = append(k.messages, message{name: name, note: "Files: " + chat.NameMedia(e.Media)})
		return nil
	})
}

func (d *fakeHelpdesk) ReopenTicket(ctx context.Context, remote string) error {
	return d.call(ctx, "reopen", func() error { d.tickets[d.remaining(remote)].open = true; return nil })
}

func (d *fakeHelpdesk) SetTags(ctx context.Context, remote string, add, remove []chat.Reason) (added []chat.Reason, err error) {
	err = d.call(ctx, "tag", func() error {
		k := d.tickets[d.remaining(remote)]
		for _, r := range add {
			if !slices.Contains(k.tags, r) {
				added, k.tags = append(added, r), append(k.tags, r)
			}
		}
		k.tags = slices.DeleteFunc(k.tags, func(r chat.Reason) bool { return slices.Contains(remove, r) })
		return nil
	})
	return added, err
}

// fail sets the faults before and after calls; nil for none.
func (d *fakeHelpdesk) fail(before, after func(call string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failBefore, d.failAfter = before, after
}

// refuse sets the text that is refused anywhere in a message; "" for none.
func (d *fakeHelpdesk) refuse(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refusedText = text
}
