// Package twilio simulates Twilio: the REST API that sends texts, signed webhooks and
// status callbacks, the carrier's keywords, and the shoppers' phones. It is written
// from Twilio's documentation (twilio.com/docs/messaging, /usage/webhooks,
// /iam/test-credentials) and independent of our client.
package twilio

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"sidetext/pretend/wire"
)

// An Account is the initial state and the configuration of Twilio.
type Account struct {
	SID         string // "AC" and 32 hex digits
	Token       string // the Auth Token for the API and for signatures
	Numbers     []Number
	Pools       []Pool
	URL         string // base URL of this Twilio; see SetURL
	MaxMessages int    // maximum number of messages before error 21611; 0: 100,000

	// Changes is notified of every visible change; nil: a new one.
	Changes *wire.Notifier
}

// A Number is a phone number of the account.
type Number struct {
	SID      string // "PN" and 32 hex digits; empty: made by New
	Phone    string // E.164
	Pool     string // the SID of its Messaging Service, or empty
	Keywords Keywords

	SmsURL, SmsMethod                    string // the method is POST when empty
	SmsFallbackURL, SmsFallbackMethod    string
	StatusCallback, StatusCallbackMethod string // of voice calls, which are not simulated
	Name                                 string // the phone when empty

	AppSID string // of a TwiML application, which overrides the number's own URLs
	NoSMS  bool   // not capable of SMS
}

// A Pool is a Messaging Service.
type Pool struct {
	SID            string // "MG" and 32 hex digits
	InboundURL     string // empty: inbound texts are dropped and not in the log
	FallbackURL    string // requested if InboundURL fails
	UseNumber      bool   // use the number's own URLs, not the service's
	Name           string // "Pretend service" when empty
	StatusCallback string // for messages without their own
}

// Twilio is a simulated Twilio with one account.
type Twilio struct {
	Faults  *wire.Faults   // faults of the API
	Changes *wire.Notifier // notified of every visible change

	account Account
	gateway wire.Gateway
	handler http.Handler
	started time.Time
	workers *wire.Workers

	delivering atomic.Int64 // inbound texts in delivery

	client *http.Client
	calls  *wire.Log[Call]

	mu       sync.Mutex
	url      string
	shared   SharedKey // signs instead of the Auth Token when it has an ID
	numbers  []*Number
	pools    []*Pool
	messages []*Message // in the order of acceptance
	bySID    map[string]*Message
	media    map[string]*hosted
	blocked  map[pair]bool
	phones   map[string][]Line
	courses  []*Course
}

// A pair is a number of the account and a shopper's.
type pair struct{ number, phone string }

// New returns a running Twilio. The caller must close it.
func New(account Account) *Twilio {
	if account.MaxMessages == 0 {
		account.MaxMessages = 100_000
	}
	if account.Changes == nil {
		account.Changes = new(wire.Notifier)
	}
	t := &Twilio{
		Changes: account.Changes, account: account, url: account.URL, started: time.Now(),
		workers: wire.NewWorkers(4096), client: newClient(), calls: wire.NewLog[Call](20_000),
		bySID: map[string]*Message{}, media: map[string]*hosted{},
		blocked: map[pair]bool{}, phones: map[string][]Line{},
	}
	for _, number := range account.Numbers {
		if number.SID == "" {
			number.SID = newSID("PN")
		}
		t.numbers = append(t.numbers, &number)
	}
	for _, pool := range account.Pools {
		t.pools = append(t.pools, &pool)
	}
	t.gateway.Requests = wire.NewLog[wire.Request](20_000)
	t.gateway.WriteError = writeFault
	t.gateway.Context = t.workers.Context()
	t.Faults = &t.gateway.Faults
	t.handler = t.gateway.Handler(t.routes())
	return t
}

// ServeHTTP serves the API.
func (t *Twilio) ServeHTTP(w http.ResponseWriter, r *http.Request) { t.handler.ServeHTTP(w, r) }

// Close ends all requests and background work, and waits for their end.
func (t *Twilio) Close() {
	t.workers.Close()
	t.gateway.Close()
	t.client.CloseIdleConnections()
}

// SetURL sets the base URL of this Twilio, which URLs of media begin with.
func (t *Twilio) SetURL(url string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.url = url
}

// SetSharedKey sets the key that signs all webhooks, as a webhook rule does. The zero
// SharedKey removes the rule.
func (t *Twilio) SetSharedKey(key SharedKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shared = key
}

// SetWebhook sets the URL of the webhook for inbound texts to a number. It may end in a
// fragment with connection overrides ("#rc=5&rp=all").
func (t *Twilio) SetWebhook(phone, url string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.number(phone); n != nil {
		n.SmsURL = url
	}
}

// Number returns the current configuration of a number.
func (t *Twilio) Number(phone string) (Number, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.number(phone); n != nil {
		return *n, true
	}
	return Number{}, false
}

// Requests returns the newest requests to the API, at least 20,000.
func (t *Twilio) Requests() []wire.Request { return t.gateway.Requests.All() }

// Until waits until ok returns true. It calls ok now and after each change of a message,
// a phone, or a webhook's response.
func (t *Twilio) Until(ctx context.Context, ok func() bool) error { return t.Changes.Until(ctx, ok) }

func (t *Twilio) number(phone string) *Number {
	for _, n := range t.numbers {
		if n.Phone == phone {
			return n
		}
	}
	return nil
}

func (t *Twilio) pool(sid string) *Pool {
	for _, p := range t.pools {
		if p.SID == sid {
			return p
		}
	}
	return nil
}

func newSID(kind string) string {
	var raw [16]byte
	_, _ = rand.Read(raw[:])
	return kind + hex.EncodeToString(raw[:])
}

// formatTime formats a time in RFC 2822, as the API does.
func formatTime(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700")
}
