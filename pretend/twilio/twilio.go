// Package twilio plays Twilio's side of the wire: the REST API that sends
// texts, the webhooks and status callbacks that Twilio signs and sends, the
// carrier's keywords, and the shoppers' phones. It is written from Twilio's
// documents (twilio.com/docs/messaging, /usage/webhooks, /iam/test-credentials)
// and knows nothing of whoever calls it.
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

// An Account is what Twilio knows of a customer when the story begins.
type Account struct {
	SID     string // "AC" and 32 hex digits
	Token   string // the Auth Token: opens the API and signs the webhooks
	Numbers []Number
	Pools   []Pool
	URL     string // where this Twilio can be reached; SetURL can say it later
	Keep    int    // how many messages fit before 21611; 0: 100,000

	// Bell rings at every change that somebody could see; nil: one is made.
	Changes *wire.Notifier
}

// A Number is a phone number of the account's.
type Number struct {
	SID      string // "PN" and 32 hex digits; empty: made by New
	Phone    string // E.164
	Pool     string // the SID of the Messaging Service it sits in, or empty
	Keywords Keywords

	SmsURL, SmsMethod                    string // the method is POST when empty
	SmsFallbackURL, SmsFallbackMethod    string
	StatusCallback, StatusCallbackMethod string // of voice calls, which are not played
	Name                                 string // the phone when empty

	AppSID string // of a TwiML application; with one, the number's own addresses are ignored
	Mute   bool   // it can't text
}

// A Pool is a Messaging Service.
type Pool struct {
	SID            string // "MG" and 32 hex digits
	InboundURL     string // empty: texts in are dropped and not even logged
	FallbackURL    string // called when that fails
	UseNumber      bool   // the number's own addresses count, not the service's
	Name           string // "Pretend service" when empty
	StatusCallback string // for messages that name none
}

// Twilio is one pretend Twilio with one account.
type Twilio struct {
	Faults  *wire.Faults   // what goes wrong at the API
	Changes *wire.Notifier // rings at every change

	account Account
	gateway wire.Gateway
	handler http.Handler
	started time.Time
	workers *wire.Workers

	delivering atomic.Int64 // texts

	client *http.Client
	calls  *wire.Log[Call]

	mu       sync.Mutex
	url      string
	shared   SharedKey // signs instead of the Auth Token when it has an ID
	numbers  []*Number
	pools    []*Pool
	messages []*Message // in the order of being accepted
	bySID    map[string]*Message
	media    map[string]*hosted
	blocked  map[pair]bool
	phones   map[string][]Line
	courses  []*Course
}

// A pair is a number of ours and a shopper's.
type pair struct{ number, phone string }

// New makes a Twilio. Close it.
func New(account Account) *Twilio {
	if account.Keep == 0 {
		account.Keep = 100_000
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
	t.gateway.WriteError = sayFault
	t.gateway.Context = t.workers.Context()
	t.Faults = &t.gateway.Faults
	t.handler = t.gateway.Handler(t.routes())
	return t
}

// ServeHTTP is the API.
func (t *Twilio) ServeHTTP(w http.ResponseWriter, r *http.Request) { t.handler.ServeHTTP(w, r) }

// Close stops everything that is under way and waits for its end.
func (t *Twilio) Close() {
	t.workers.Close()
	t.gateway.Close()
	t.client.CloseIdleConnections()
}

// SetURL says where this Twilio can be reached; media addresses begin with it.
func (t *Twilio) SetURL(url string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.url = url
}

// SetSharedKey makes a webhook rule for all addresses: from now on requests are
// signed with the key. The zero SharedKey removes the rule.
func (t *Twilio) SetSharedKey(key SharedKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shared = key
}

// SetWebhook sets the address that texts to a number are posted to. It may end
// in a fragment of connection overrides ("#rc=5&rp=all").
func (t *Twilio) SetWebhook(phone, url string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.number(phone); n != nil {
		n.SmsURL = url
	}
}

// Number returns a number as it is set up now.
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

// Until waits until ok says true. It asks now and whenever something changes:
// a message, its status, a phone's screen, an answer of a webhook.
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

// stamp writes a time as the API does, in RFC 2822.
func stamp(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700")
}
