// Package gorgias plays a Gorgias helpdesk: its REST API, the calls that its
// HTTP integrations make, the mails that it sends, the sidebar that an agent
// sees, and what agents do in it. It is written from Gorgias' documents
// (developers.gorgias.com/reference) and from recorded answers, and knows
// nothing of whoever calls it.
package gorgias

import (
	"context"
	"net/http"
	"sync"
	"time"

	"sidetext/pretend/wire"
)

// An Account is what the helpdesk holds when the story begins.
type Account struct {
	Domain  string // "acme": the first segment of every path
	Email   string // of the user who owns the API key
	Key     string
	Users   []User // the owner is added as an admin unless listed
	Address string // where the shop gets its mail; "support@{Domain}.example" when empty

	Limit  int           // requests per Window; 0: 40; negative: no limit
	Window time.Duration // 0: 20 s

	Retries []time.Duration // waits between the attempts of an integration's call; nil: 1 s, 5 s
	NoQuote bool            // an agent's mail does not quote the mail it answers
	Keep    int             // how many messages fit before the quota is over, and how many customers; 0: 100,000

	// Bell rings at every change that somebody could see; nil: one is made.
	Changes *wire.Notifier
}

// Gorgias is one pretend helpdesk with one account.
type Gorgias struct {
	Faults  *wire.Faults   // what goes wrong at the API
	Changes *wire.Notifier // rings at every change

	account Account
	gateway wire.Gateway
	handler http.Handler
	workers *wire.Workers
	client  *http.Client
	calls   *wire.Log[Call]
	bucket  bucket

	mu           sync.Mutex
	pending      []func(context.Context) // to be done once the lock is free
	lastID       int64
	users        []*User
	customers    []*Customer
	tickets      []*Ticket
	tags         []*Tag
	integrations []*Integration
	widgets      []*Widget
	outbox       []Mail
	messageCount int // messages
	cards        map[cardKey]card
	merged       merged
	rules        map[string]int64 // a rule's name → the integration that it uses
	mailbox      int64            // id of the e-mail integration
	rejectedText string           // what no message may say
}

// New makes a helpdesk. Close it.
func New(account Account) *Gorgias {
	if account.Address == "" {
		account.Address = "support@" + account.Domain + ".example"
	}
	if account.Retries == nil {
		account.Retries = []time.Duration{time.Second, 5 * time.Second}
	}
	if account.Keep == 0 {
		account.Keep = 100_000
	}
	if account.Changes == nil {
		account.Changes = new(wire.Notifier)
	}
	g := &Gorgias{
		Changes: account.Changes, account: account, workers: wire.NewWorkers(4096), calls: wire.NewLog[Call](20_000),
		lastID: 400_000_000, cards: map[cardKey]card{}, merged: merged{}, rules: map[string]int64{},
		client: &http.Client{
			Timeout:   10 * time.Second,
			Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 5 * time.Second},
		},
	}
	g.SetLimit(account.Limit, account.Window)
	g.seedUsers()
	g.mailbox = g.next()
	g.integrations = append(g.integrations, &Integration{
		ID: g.mailbox, Name: "Support", Type: "email", Meta: map[string]any{"address": account.Address},
		Created: now(), Updated: now(), User: Ref{g.users[0].ID},
	})
	g.gateway.Requests = wire.NewLog[wire.Request](20_000)
	g.gateway.WriteError = sayFault
	g.gateway.Context = g.workers.Context()
	g.Faults = &g.gateway.Faults
	g.handler = g.gateway.Handler(g.routes())
	return g
}

// ServeHTTP is the API, at /{domain}/api/….
func (g *Gorgias) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.handler.ServeHTTP(w, r) }

// Close stops everything that is under way and waits for its end.
func (g *Gorgias) Close() {
	g.workers.Close()
	g.gateway.Close()
	g.client.CloseIdleConnections()
}

// Requests returns the newest requests to the API, at least 20,000.
func (g *Gorgias) Requests() []wire.Request { return g.gateway.Requests.All() }

// Until waits until ok says true. It asks now and whenever something changes:
// a ticket, a message, a mail, a card's data, an integration's call.
func (g *Gorgias) Until(ctx context.Context, ok func() bool) error { return g.Changes.Until(ctx, ok) }

// update works under the lock, then starts what that left for later.
func (g *Gorgias) update(work func()) {
	var later []func(context.Context)
	func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		work()
		later, g.pending = g.pending, nil
	}()
	for _, work := range later {
		g.workers.Go(work)
	}
}

func (g *Gorgias) next() int64 {
	g.lastID++
	return g.lastID
}
