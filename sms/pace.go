package sms

import (
	"sync"
	"time"

	"sidetext/chat"
)

// Segments per second that carriers accept from each kind of number in the US and Canada;
// elsewhere they accept at least as many as from a long code
// (help.twilio.com, “Understanding Twilio Rate Limits and Message Queues”).
const (
	longCode  = 1
	tollFree  = 3
	shortCode = 100
)

// tollFreeCodes are the area codes of toll-free numbers in North America.
var tollFreeCodes = map[chat.Phone]bool{"800": true, "833": true, "844": true, "855": true, "866": true, "877": true, "888": true}

// Rate returns how many segments per second a number may send.
func Rate(number chat.Phone) int {
	switch {
	case number != "" && number[0] != '+' && len(number) <= 6:
		return shortCode
	case len(number) == len("+18005550123") && number[:2] == "+1" && tollFreeCodes[number[2:5]]:
		return tollFree
	}
	return longCode
}

const (
	// maxAhead is how long a queue at the provider may be for more texts to start. It is
	// short, so that texts wait here, where an agent's text comes before automatic ones,
	// and not at the provider, which has one order only.
	maxAhead = 2 * time.Second
	// maxQueue is the longest queue that a number can have: a few of the longest texts. If
	// it seems to be longer, the clock was set back.
	maxQueue = time.Minute
	// firstTexts is how many texts may start on an account without a queue.
	firstTexts = 2
	// maxAccounts is how many queues are kept.
	maxAccounts = 10_000
)

// A Pace spreads texts over time, so that no number sends faster than carriers accept. It
// estimates the queue that each account has at the provider. The zero Pace is ready to use,
// by several goroutines at once. Accounts are those of chat.Line.SendAccount.
type Pace struct {
	mu    sync.Mutex
	lines map[string]providerQueue
}

// A providerQueue is the estimated queue of an account at the provider.
type providerQueue struct {
	clear time.Time // when it will be empty
	rate  int       // segments a second
}

// Free returns how many texts may start on an account and, if none may, after how long to
// try again.
func (p *Pace) Free(account string, now time.Time) (n int, retry time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q, ok := p.lines[account]
	if !ok {
		return firstTexts, 0
	}
	wait := max(q.clear.Sub(now), 0)
	if wait > maxQueue {
		wait = maxQueue
		p.lines[account] = providerQueue{now.Add(maxQueue), q.rate}
	}
	// As if each were one segment long: a longer one makes the next text wait.
	segment := time.Second / time.Duration(q.rate)
	n = int((maxAhead - wait) / segment)
	if n > 0 {
		return n, 0
	}
	return 0, wait + segment - maxAhead
}

// Spend records that a text of so many parts starts on an account whose number sends rate
// segments per second.
func (p *Pace) Spend(account string, rate, parts int, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lines == nil {
		p.lines = map[string]providerQueue{}
	}
	q, ok := p.lines[account]
	if !ok && len(p.lines) >= maxAccounts {
		p.forget(now)
	}
	q.rate = max(rate, 1)
	if q.clear.Before(now) {
		q.clear = now
	}
	q.clear = q.clear.Add(time.Duration(max(parts, 1)) * (time.Second / time.Duration(q.rate)))
	p.lines[account] = q
}

// forget drops the empty queues. If too many remain, it drops arbitrary ones until half is
// left, so that it is called seldom.
func (p *Pace) forget(now time.Time) {
	for account, q := range p.lines {
		if !q.clear.After(now) {
			delete(p.lines, account)
		}
	}
	if len(p.lines) < maxAccounts {
		return
	}
	for account := range p.lines {
		if len(p.lines) <= maxAccounts/2 {
			return
		}
		delete(p.lines, account)
	}
}
