package bridge_test

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"sidetext/chat"
)

// A desk plays a helpdesk. It does what a helpdesk does that takes everything
// twice if it is asked twice.
type desk struct {
	mu      sync.Mutex
	fault   func(call string) error // before a call does anything
	blind   func(call string) error // after it did
	calls   []string
	tickets map[string]*ticket
}

type ticket struct {
	id       chat.TicketID
	open     bool
	gone     bool
	tags     []chat.Reason
	opening  []chat.Entry
	messages []message
}

// A message is a note, or what the shopper said.
type message struct {
	name   string
	note   string
	said   []string
	quoted int
}

func newDesk() *desk { return &desk{tickets: map[string]*ticket{}} }

// call does what a call does, between its faults.
func (d *desk) call(call string, do func()) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, call)
	if d.fault != nil {
		if err := d.fault(call); err != nil {
			return err
		}
	}
	do()
	if d.blind != nil {
		return d.blind(call)
	}
	return nil
}

func (d *desk) Person(_ context.Context, p chat.Shopper) (customer string, err error) {
	err = d.call("person", func() { customer = "customer of " + string(p.ID) })
	if err != nil {
		return "", err
	}
	return customer, nil
}

func (d *desk) Open(_ context.Context, s chat.Sight, handed []chat.Entry, again bool) (remote string, err error) {
	err = d.call("open", func() {
		if again {
			for id, k := range d.tickets {
				if k.id == s.Ticket.ID {
					remote = id
					return
				}
			}
		}
		remote = fmt.Sprint(100 + len(d.tickets))
		k := &ticket{id: s.Ticket.ID, open: true, opening: slices.Clone(handed)}
		if s.Escalation != nil {
			k.tags = append(k.tags, s.Escalation.Reason)
		}
		d.tickets[remote] = k
	})
	if err != nil {
		return "", err
	}
	return remote, nil
}

func (d *desk) See(_ context.Context, remote string) (there, open bool, err error) {
	err = d.call("see", func() {
		if k := d.tickets[remote]; k != nil && !k.gone {
			there, open = true, k.open
		}
	})
	return there, open, err
}

func (d *desk) Said(_ context.Context, remote, name string) (there bool, err error) {
	err = d.call("said", func() {
		there = slices.ContainsFunc(d.tickets[remote].messages, func(m message) bool { return m.name == name })
	})
	return there, err
}

func (d *desk) Append(_ context.Context, s chat.Sight, name string, fresh, dialogue []chat.Entry) error {
	return d.call("append", func() {
		m := message{name: name, quoted: len(dialogue)}
		for _, e := range fresh {
			m.said = append(m.said, e.Text)
		}
		k := d.tickets[s.Ticket.Remote]
		k.messages = append(k.messages, m)
	})
}

func (d *desk) Note(_ context.Context, remote, name, text string) error {
	return d.call("note", func() {
		k := d.tickets[remote]
		k.messages = append(k.messages, message{name: name, note: text})
	})
}

func (d *desk) Reopen(_ context.Context, remote string) error {
	return d.call("reopen", func() { d.tickets[remote].open = true })
}

func (d *desk) Tag(_ context.Context, remote string, why chat.Reason) error {
	return d.call("tag", func() { d.tickets[remote].tags = append(d.tickets[remote].tags, why) })
}

// set changes a ticket as an agent would.
func (d *desk) set(remote string, change func(*ticket)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d.tickets[remote])
}

// fail has faults before and after calls; nil for none.
func (d *desk) fail(before, after func(call string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault, d.blind = before, after
}

// says counts how often each text of the shopper's and each note is in a ticket.
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

// says counts over all tickets.
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
