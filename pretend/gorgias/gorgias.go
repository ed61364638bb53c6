// Package gorgias simulates a Gorgias helpdesk: its REST API, the requests of its HTTP
// integrations, its outgoing e-mails, the sidebar, and actions of agents. It is
// written from Gorgias' documentation (developers.gorgias.com/reference) and recorded
// responses, and independent of our client.
package gorgias

import (
	"context"
	"net/http"
	"sync"
	"time"

	"sidetext/pretend/wire"
)

// An Account is the initial state and the configuration of the helpdesk.
type Account struct {
	Domain  string // "acme": the first segment of every path
	Email   string // of the user who owns the API key
	Key     string
	Users   []User // the key's owner is added as an admin unless listed
	Address string // the shop's e-mail address; empty: "support@{Domain}.example"

	Limit  int           // requests per Window; 0: 40; negative: no limit
	Window time.Duration // 0: 20 s

	Retries    []time.Duration // waits between attempts of an integration's request; nil: 1 s, 5 s
	NoQuote    bool            // replies do not quote the shopper's message
	MaxObjects int             // maximum number of messages and of customers; 0: 100,000

	// Changes is notified of every visible change; nil: a new one.
	Changes *wire.Notifier
}

// Gorgias is a simulated helpdesk with one account.
type Gorgias struct {
	Faults  *wire.Faults   // faults of the API
	Changes *wire.Notifier // notified of every visible change

	account Account
	gateway wire.Gateway
	handler http.Handler
	workers *wire.Workers
	client  *http.Client
	calls   *wire.Log[Call]
	bucket  bucket

	mu           sync.Mutex
	pending      []func(context.Context) // work to start when mu is released
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
	rejectedText string           // see SetRejectedText
}

// New returns a running helpdesk. The caller must close it.
func New(account Account) *Gorgias {
	if account.Address == "" {
		account.Address = "support@" + account.Domain + ".example"
	}
	if account.Retries == nil {
		account.Retries = []time.Duration{time.Second, 5 * time.Second}
	}
	if account.MaxObjects == 0 {
		account.MaxObjects = 100_000
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
	g.mailbox = g.nextID()
	g.integrations = append(g.integrations, &Integration{
		ID: g.mailbox, Name: "Support", Type: "email", Meta: map[string]any{"address": account.Address},
		Created: now(), Updated: now(), User: Ref{g.users[0].ID},
	})
	g.gateway.Requests = wire.NewLog[wire.Request](20_000)
	g.gateway.WriteError = writeFault
	g.gateway.Context = g.workers.Context()
	g.Faults = &g.gateway.Faults
	g.handler = g.gateway.Handler(g.routes())
	return g
}

// ServeHTTP serves the API at /{domain}/api/….
func (g *Gorgias) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.handler.ServeHTTP(w, r) }

// Close ends all requests and background work, and waits for their end.
func (g *Gorgias) Close() {
	g.workers.Close()
	g.gateway.Close()
	g.client.CloseIdleConnections()
}

// Requests returns the newest requests to the API, at least 20,000.
func (g *Gorgias) Requests() []wire.Request { return g.gateway.Requests.All() }

// Until waits until ok returns true. It calls ok now and after each change of a
// ticket, a message, an e-mail, a card's data or an integration's request.
func (g *Gorgias) Until(ctx context.Context, ok func() bool) error { return g.Changes.Until(ctx, ok) }

// update calls work with the lock held, then starts the pending work.
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

func (g *Gorgias) nextID() int64 {
	g.lastID++
	return g.lastID
}
