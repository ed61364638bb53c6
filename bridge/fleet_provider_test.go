package bridge_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"sidetext/chat"
)

// A fakeProvider is the provider of all lines. It accepts every text, after latency.
type fakeProvider struct {
	mu          sync.Mutex
	latency     time.Duration
	accepted    []acceptedText
	inFlight    map[string]map[*node]int // account → requests in flight of each node
	maxInFlight map[string]int           // account → the most in flight at once
}

type acceptedText struct {
	chat.Outgoing
	chat.Record
	by *node
}

func (p *fakeProvider) send(n *node, line chat.Line, out chat.Outgoing) (chat.Report, error) {
	if err := n.waitUntilThawed(); err != nil {
		return chat.Report{}, err
	}
	p.mu.Lock()
	report := chat.Report{ID: "SM" + string(out.Token), State: chat.Queued}
	p.accepted = append(p.accepted, acceptedText{out, chat.Record{Report: report, Text: out.Text, At: time.Now()}, n})
	p.count(line.SendAccount(), n, 1)
	takes := p.latency
	p.mu.Unlock()
	time.Sleep(takes)
	p.mu.Lock()
	p.count(line.SendAccount(), n, -1)
	p.mu.Unlock()
	report.Token = out.Token
	return report, n.waitUntilThawed()
}

// count counts the requests in flight of healthy nodes.
func (p *fakeProvider) count(account string, n *node, by int) {
	if p.inFlight[account] == nil {
		p.inFlight[account] = map[*node]int{}
	}
	p.inFlight[account][n] += by
	sum := 0
	for n, busy := range p.inFlight[account] {
		if n.healthy() {
			sum += busy
		}
	}
	p.maxInFlight[account] = max(p.maxInFlight[account], sum)
}

func (p *fakeProvider) removeNode(n *node) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, busy := range p.inFlight {
		delete(busy, n)
	}
}

func (p *fakeProvider) Status(_ context.Context, _ chat.Line, provider string) (chat.Report, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.accepted {
		if l.ID == provider {
			return chat.Report{ID: l.ID, State: chat.Delivered}, nil
		}
	}
	return chat.Report{}, failure(chat.Rejected)
}

func (p *fakeProvider) Sent(_ context.Context, _ chat.Line, to chat.Phone, since time.Time) (found []chat.Record, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.accepted {
		if l.To == to && !l.Record.At.Before(since) {
			found = append(found, l.Record)
		}
	}
	return found, nil
}

// textsTo lists the texts to a shopper, in the order in which they were accepted.
func (p *fakeProvider) textsTo(to chat.Phone) (got []acceptedText) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.accepted {
		if l.To == to {
			got = append(got, l)
		}
	}
	slices.SortStableFunc(got, func(a, b acceptedText) int { return a.Record.At.Compare(b.Record.At) })
	return got
}
