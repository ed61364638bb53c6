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

// A desk is a fake helpdesk. A request that is made twice has its effect twice.
type desk struct {
	mu      sync.Mutex
	fault   func(call string) error // before a call has its effect
	blind   func(call string) error // after it
	poison  string                  // a text that is refused anywhere in a message
	merged  bool                    // all customers were merged into others
	calls   []string                // in order
	tickets map[string]*ticket
}

var (
	refuses  = &chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "refused", Text: "Gorgias refused it."}, Cause: errors.New("400")}
	away     = &chat.SendError{Outcome: chat.MaybeSent, Problem: chat.Problem{Code: "unreachable", Text: "Gorgias does not answer."}, Cause: errors.New("reset")}
	errHangs = errors.New("no answer until the deadline")
)

// expirable returns a context that a hanging call ends, as a deadline would.
func expirable(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancel(ctx)
	return context.WithValue(ctx, expiry{}, end), end
}

type expiry struct{}

type ticket struct {
	id       chat.TicketID
	of       chat.ConversationID
	open     bool
	gone     bool   // trashed
	into     string // the ticket that it was merged into, or empty
	answers  []bridge.EmailReply
	tags     []chat.Reason
	opening  []chat.Entry
	messages []message
}

// A message is a note, or texts of the shopper.
type message struct {
	name   string
	note   string
	said   []string
	quoted []chat.Entry
	before int   // texts before it, quoted or omitted
	upTo   int64 // the place of the newest text
}

func newDesk() *desk { return &desk{tickets: map[string]*ticket{}} }

// call runs a call between its faults.
func (d *desk) call(ctx context.Context, call string, do func() error) error {
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
			return away
		}
		return err
	}
	if err := fault(d.fault); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return away
	}
	if err := do(); err != nil {
		return err
	}
	return fault(d.blind)
}

func (d *desk) FindOrCreateCustomer(ctx context.Context, p chat.Shopper) (customer string, err error) {
	err = d.call(ctx, "person", func() error { customer = d.customer(p); return nil })
	if err != nil {
		return "", err
	}
	return customer, nil
}

func (d *desk) customer(p chat.Shopper) string {
	if d.merged {
		return "merged into the customer of " + string(p.ID)
	}
	return "customer of " + string(p.ID)
}

func (d *desk) CreateTicket(ctx context.Context, s chat.Snapshot, begins chat.Dialogue, again bool) (remote string, err error) {
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
		k := &ticket{id: s.Ticket.ID, of: s.Conversation.ID, open: true, opening: shown(begins)}
		k.tags = append(k.tags, s.Reasons()...)
		d.tickets[remote] = k
		return nil
	})
	if err != nil {
		return "", err
	}
	return remote, nil
}

func (d *desk) TicketState(ctx context.Context, remote string) (state bridge.TicketState, err error) {
	err = d.call(ctx, "see", func() error {
		remote = d.remaining(remote)
		if k := d.tickets[remote]; k != nil && !k.gone {
			state = bridge.TicketState{Remote: remote, Open: k.open, Replies: k.answers}
		}
		return nil
	})
	if err != nil {
		return bridge.TicketState{}, err
	}
	return state, nil
}

// remaining follows a ticket to the one that it was merged into.
func (d *desk) remaining(remote string) string {
	for d.tickets[remote] != nil && d.tickets[remote].into != "" {
		remote = d.tickets[remote].into
	}
	return remote
}

// merge merges a ticket into another, as an agent would.
func (d *desk) merge(from, into string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	k, other := d.tickets[from], d.tickets[into]
	other.opening = append(other.opening, k.opening...)
	other.messages = append(other.messages, k.messages...)
	other.answers = append(other.answers, k.answers...)
	k.into, k.opening, k.messages = into, nil, nil
}

// addOther adds a ticket that has no texts.
func (d *desk) addOther(remote string, open bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tickets[remote] = &ticket{open: open}
}

func (d *desk) HasMessage(ctx context.Context, remote, name string) (found bool, err error) {
	err = d.call(ctx, "said", func() error {
		found = slices.ContainsFunc(d.tickets[remote].messages, func(m message) bool { return m.name == name })
		return nil
	})
	return found, err
}

func (d *desk) AddMessage(ctx context.Context, s chat.Snapshot, name string, texts []chat.Entry, dialogue chat.Dialogue) error {
	return d.call(ctx, "append", func() error {
		m := message{name: name, quoted: shown(dialogue), before: dialogue.Texts(), upTo: texts[len(texts)-1].Seq}
		for _, e := range texts {
			m.said = append(m.said, e.Text)
		}
		k := d.tickets[d.remaining(s.Ticket.Remote)]
		poisoned := func(e chat.Entry) bool { return e.Text != "" && e.Text == d.poison }
		if k.gone || s.Shopper.Customer != d.customer(s.Shopper) || slices.ContainsFunc(texts, poisoned) || slices.ContainsFunc(m.quoted, poisoned) {
			return refuses
		}
		k.messages = append(k.messages, m)
		return nil
	})
}

func (d *desk) AddNote(ctx context.Context, remote, name, text string) (at string, err error) {
	err = d.call(ctx, "note", func() error {
		remote = d.remaining(remote)
		k := d.tickets[remote]
		if k.gone || d.poison != "" && strings.HasSuffix(text, ": "+d.poison) {
			return refuses
		}
		k.messages = append(k.messages, message{name: name, note: text})
		return nil
	})
	if err != nil {
		return "", err
	}
	return remote, nil
}

func (d *desk) LinkFiles(ctx context.Context, s chat.Snapshot, name string, e chat.Entry) error {
	return d.call(ctx, "files", func() error {
		k := d.tickets[d.remaining(s.Ticket.Remote)]
		if k.gone {
			return refuses
		}
		k.messages = append(k.messages, message{name: name, note: "Files: " + chat.NameMedia(e.Media)})
		return nil
	})
}

// shown returns the texts of a dialogue that are not omitted.
func shown(d chat.Dialogue) (texts []chat.Entry) {
	for _, l := range d {
		if l.Omitted == 0 {
			texts = append(texts, l.Text)
		}
	}
	return texts
}

func (d *desk) ReopenTicket(ctx context.Context, remote string) error {
	return d.call(ctx, "reopen", func() error { d.tickets[d.remaining(remote)].open = true; return nil })
}

func (d *desk) SetTags(ctx context.Context, remote string, add, remove []chat.Reason) (added []chat.Reason, err error) {
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

// set changes a ticket as an agent would.
func (d *desk) set(remote string, change func(*ticket)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d.tickets[remote])
}

// fail sets the faults before and after calls; nil for none.
func (d *desk) fail(before, after func(call string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault, d.blind = before, after
}

// refuse sets the text that is refused anywhere in a message; "" for none.
func (d *desk) refuse(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.poison = text
}

// says counts each text of the shopper and each note in a ticket.
func (k *ticket) says() map[string]int {
	n := map[string]int{}
	for _, e := range k.opening {
		if e.Way == chat.In || e.By.Role == chat.ByAgent {
			n[e.Text]++
		}
	}
	for _, m := range k.messages {
		for _, text := range m.said {
			n[text]++
		}
		if m.note != "" {
			n[m.note]++
		}
	}
	return n
}

// says counts each text and note in all tickets.
func (d *desk) says() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[string]int{}
	for _, k := range d.tickets {
		for text, n := range k.says() {
			all[text] += n
		}
	}
	return all
}
