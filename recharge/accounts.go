package recharge

import (
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"sidetext/chat"
)

// Base is the default base URL.
const Base = "https://api.rechargeapps.com"

// Limits are the rate limit of one token and the times that a call may take. Zero
// values mean the defaults in the comments.
type Limits struct {
	PerSecond float64       // sustained rate of requests: 2, or 4 for a token named "2x1"
	Burst     int           // requests at once: 30 of the 40 that Recharge accepts
	Wait      time.Duration // maximum wait for the rate limit: 12 s
	Timeout   time.Duration // for one request and its response: 15 s
	Total     time.Duration // for a call with all its waits and retries: 45 s
}

func (l Limits) orDefaults(token string) Limits {
	if l.PerSecond == 0 {
		l.PerSecond = 2
		// The name of a token tells its rate (changelog.getrecharge.com, "Configurable
		// rate limits for Recharge API tokens").
		if strings.HasPrefix(token, "sk_2x1_") {
			l.PerSecond = 4
		}
	}
	if l.Burst == 0 {
		l.Burst = 30
	}
	if l.Wait == 0 {
		l.Wait = 12 * time.Second
	}
	if l.Timeout == 0 {
		l.Timeout = 15 * time.Second
	}
	if l.Total == 0 {
		l.Total = 45 * time.Second
	}
	return l
}

// Accounts makes clients. They share connections, and the clients of one token share
// its rate limit and the locks of its customers.
type Accounts struct {
	base   string
	limits Limits
	http   *http.Client

	mu       sync.Mutex
	accounts map[[sha256.Size]byte]*account // by the hash of the token
}

// An account is what the clients of one token share.
type account struct {
	budget *budget
	locks  locks
}

// NewAccounts takes the base URL of the API, as in Base.
func NewAccounts(base string, limits Limits) (*Accounts, error) {
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("recharge: invalid base URL: %q", base)
	}
	return &Accounts{
		base:     strings.TrimRight(base, "/"),
		limits:   limits,
		accounts: map[[sha256.Size]byte]*account{},
		http: &http.Client{
			// net/http would repeat a redirected POST, or turn it into a GET.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				Proxy:                  nil, // an environment variable must not decide where tokens go
				DialContext:            (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
				TLSHandshakeTimeout:    3 * time.Second,
				IdleConnTimeout:        10 * time.Second, // short, so that few changes hit a connection that is being closed
				MaxIdleConnsPerHost:    8,
				MaxResponseHeaderBytes: 64 << 10,
			},
		},
	}, nil
}

// Client returns a client with the token of a connection. Errors are of type
// *chat.Error.
func (a *Accounts) Client(c chat.Connection) (*Client, error) {
	token := strings.TrimSpace(string(c.Token))
	if token == "" || strings.ContainsFunc(token, notPrintable) {
		return nil, chat.Invalid("Please paste the API token, without spaces.")
	}
	limits := a.limits.orDefaults(token)
	return &Client{
		sign: func(r *http.Request) { r.Header.Set("X-Recharge-Access-Token", token) },
		base: a.base, limits: limits, http: a.http, account: a.account(token, limits),
	}, nil
}

// notPrintable reports whether c is not printable ASCII. Tokens are.
func notPrintable(c rune) bool { return c <= ' ' || c >= 0x7f }

// account returns what the clients of a token share. Recharge counts requests by
// token.
func (a *Accounts) account(token string, limits Limits) *account {
	key := sha256.Sum256([]byte(token))
	a.mu.Lock()
	defer a.mu.Unlock()
	found := a.accounts[key]
	if found == nil {
		a.dropIdle()
		found = &account{budget: newBudget(limits)}
		a.accounts[key] = found
	}
	return found
}

// dropIdle removes accounts that were unused for ten minutes once there are 1000.
// Tokens come from a form, so their number is unbounded otherwise.
func (a *Accounts) dropIdle() {
	if len(a.accounts) < 1000 {
		return
	}
	cutoff := time.Now().Add(-10 * time.Minute)
	for key, account := range a.accounts {
		if account.budget.idleSince(cutoff) && account.locks.idle() {
			delete(a.accounts, key)
		}
	}
}

// Close closes idle connections.
func (a *Accounts) Close() { a.http.CloseIdleConnections() }
