package sms

import (
	"sync"
	"time"

	"sidetext/chat"
)

// Segments a second that carriers take from a number of each kind in the US and
// Canada; elsewhere they take no less than from a long code
// (help.twilio.com, “Understanding Twilio Rate Limits and Message Queues”).
const (
	longCode  = 1
	tollFree  = 3
	shortCode = 100
)

// tollFreeCodes are the area codes of toll-free numbers in North America.
var tollFreeCodes = map[chat.Phone]bool{"800": true, "833": true, "844": true, "855": true, "866": true, "877": true, "888": true}

// Rate is how many segments a second may leave from a number of the shop's.
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
	// ahead is how much may be on its way before it is on the air. It is little,
	// so that texts wait here, where an agent's overtakes automation's, and not
	// at the provider, where none overtakes another.
	ahead = 2 * time.Second
	// behind is the most that a number can have on its way: a few of the longest
	// texts. More than that is a clock that was set back.
	behind = time.Minute
	// unknown is how many texts may start where none has before.
	unknown = 2
	// paced is of how many numbers we remember what they have on their way.
	paced = 10_000
)

// A Pace spreads texts over time, so that each number sends no faster than
// carriers take them. The zero Pace is ready to use, by several goroutines at
// once. Accounts are as chat.Line.Sends names them.
type Pace struct {
	mu    sync.Mutex
	lines map[string]queue
}

// A queue is what a number has on its way.
type queue struct {
	clear time.Time // when all of it is on the air
	rate  int       // segments a second
}

// Free is how many texts may start on an account and, when that is none, how
// long until it is worth to ask again.
func (p *Pace) Free(account string, now time.Time) (n int, again time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q, ok := p.lines[account]
	if !ok {
		return unknown, 0
	}
	wait := max(q.clear.Sub(now), 0)
	if wait > behind {
		wait = behind
		p.lines[account] = queue{now.Add(behind), q.rate}
	}
	// As if each were one segment long: whoever starts a longer one waits after it.
	segment := time.Second / time.Duration(q.rate)
	if n = int((ahead - wait) / segment); n > 0 {
		return n, 0
	}
	return 0, wait + segment - ahead
}

// Spend says that a text of so many parts starts on an account whose number
// sends rate segments a second.
func (p *Pace) Spend(account string, rate, parts int, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lines == nil {
		p.lines = map[string]queue{}
	}
	q, ok := p.lines[account]
	if !ok && len(p.lines) >= paced {
		p.forget(now)
	}
	if q.rate = max(rate, 1); q.clear.Before(now) {
		q.clear = now
	}
	q.clear = q.clear.Add(time.Duration(max(parts, 1)) * (time.Second / time.Duration(q.rate)))
	p.lines[account] = q
}

// forget makes room: it drops the numbers that have nothing on their way and,
// when that is not enough, any of them down to half, so that it is seldom done.
func (p *Pace) forget(now time.Time) {
	for account, q := range p.lines {
		if !q.clear.After(now) {
			delete(p.lines, account)
		}
	}
	if len(p.lines) < paced {
		return
	}
	for account := range p.lines {
		if len(p.lines) <= paced/2 {
			return
		}
		delete(p.lines, account)
	}
}
