package gorgias

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"sidetext/chat"
)

// Limits are the assumed rate limit of one account, shared by all of its apps,
// and the timeouts of a request. Responses correct the rate limit. Zero values
// mean the defaults in the comments.
type Limits struct {
	PerSecond float64       // sustained rate of requests: 2
	Burst     int           // requests at once: 40
	Wait      time.Duration // maximum wait for the rate limit: 12 s
	Timeout   time.Duration // for one request and its response: 15 s
}

func (l Limits) orDefaults() Limits {
	if l.PerSecond == 0 {
		l.PerSecond = 2
	}
	if l.Burst == 0 {
		l.Burst = 40
	}
	if l.Wait == 0 {
		l.Wait = 12 * time.Second
	}
	if l.Timeout == 0 {
		l.Timeout = 15 * time.Second
	}
	return l
}

// Template is the default base URL of an account.
const Template = "https://{account}.gorgias.com"

// Accounts makes clients for helpdesk accounts. Its clients share connections,
// and the clients of one account share its rate limit budget.
type Accounts struct {
	template string
	limits   Limits
	http     *http.Client

	mu      sync.Mutex
	budgets map[string]*budget
}

// NewAccounts takes the base URL of an account with the placeholder {account},
// as in Template.
func NewAccounts(template string, limits Limits) (*Accounts, error) {
	if strings.Count(template, "{account}") != 1 {
		return nil, fmt.Errorf("gorgias: base URL must contain {account} once: %q", template)
	}
	u, err := url.Parse(strings.Replace(template, "{account}", "acme", 1))
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("gorgias: invalid base URL: %q", template)
	}
	limits = limits.orDefaults()
	return &Accounts{
		template: strings.TrimRight(template, "/"),
		limits:   limits,
		budgets:  map[string]*budget{},
		http: &http.Client{
			// net/http would repeat a redirected POST, or turn it into a GET.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				Proxy:                  nil, // an environment variable must not decide where API keys go
				DialContext:            (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
				TLSHandshakeTimeout:    3 * time.Second,
				IdleConnTimeout:        10 * time.Second, // short, so that few POSTs hit a connection that is being closed
				MaxIdleConnsPerHost:    4,
				MaxResponseHeaderBytes: 64 << 10,
			},
		},
	}, nil
}

// Client returns a client for an account (see ParseAccount) that acts as the
// owner of the API key. Errors are of type *chat.Error.
func (a *Accounts) Client(account, username string, key chat.Secret) (*Client, error) {
	username, key = strings.TrimSpace(username), chat.Secret(strings.TrimSpace(string(key)))
	if !accountName.MatchString(account) {
		return nil, chat.Invalid("This is not the name of a Gorgias helpdesk.")
	}
	if !strings.Contains(username, "@") || strings.ContainsFunc(username, notPrintable) || strings.Contains(username, ":") {
		return nil, chat.Invalid("The username should be the e-mail address shown beside the API key.")
	}
	if key == "" || strings.ContainsFunc(string(key), notPrintable) {
		return nil, chat.Invalid("Please paste the API key, without spaces.")
	}
	return &Client{
		account: account, username: username,
		sign:   func(r *http.Request) { r.SetBasicAuth(username, string(key)) },
		base:   strings.Replace(a.template, "{account}", account, 1),
		limits: a.limits, http: a.http, budget: a.budget(account),
	}, nil
}

// notPrintable reports whether c is not printable ASCII. Usernames and keys are.
func notPrintable(c rune) bool { return c <= ' ' || c >= 0x7f }

// budget returns the account's rate limit budget, which all its clients share.
func (a *Accounts) budget(account string) *budget {
	a.mu.Lock()
	defer a.mu.Unlock()
	b := a.budgets[account]
	if b == nil {
		a.dropIdleBudgets()
		b = newBudget(a.limits)
		b.lastUsed = time.Now()
		a.budgets[account] = b
	}
	return b
}

// dropIdleBudgets removes budgets unused for ten minutes once there are 1000.
// Account names come from a form, so their number is unbounded otherwise.
func (a *Accounts) dropIdleBudgets() {
	if len(a.budgets) < 1000 {
		return
	}
	cutoff := time.Now().Add(-10 * time.Minute)
	for name, b := range a.budgets {
		if b.idleSince(cutoff) {
			delete(a.budgets, name)
		}
	}
}

// Close closes idle connections.
func (a *Accounts) Close() { a.http.CloseIdleConnections() }
