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

// Limits are what one account takes from all of its apps together, until its
// answers say otherwise, and how long a process waits for its share of that.
// Zero values mean the defaults in the comments.
type Limits struct {
	PerSecond float64       // requests in the long run: 2
	Burst     int           // requests at once: 40
	Wait      time.Duration // longest wait for a turn: 12 s
	Timeout   time.Duration // for one request and its answer: 15 s
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

// Template is where accounts are, unless a setting says otherwise.
const Template = "https://{account}.gorgias.com"

// Accounts is how a process goes to Gorgias: where the accounts are, the
// connections, and one budget of requests for each account, whoever asks.
type Accounts struct {
	template string
	limits   Limits
	http     *http.Client

	mu      sync.Mutex
	budgets map[string]*budget
}

// NewAccounts takes the address of an account with {account} in the place of
// its name, like Template.
func NewAccounts(template string, limits Limits) (*Accounts, error) {
	if strings.Count(template, "{account}") != 1 {
		return nil, fmt.Errorf("gorgias: the address needs {account} once: %q", template)
	}
	u, err := url.Parse(strings.Replace(template, "{account}", "acme", 1))
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("gorgias: not an address for accounts: %q", template)
	}
	limits = limits.orDefaults()
	return &Accounts{
		template: strings.TrimRight(template, "/"),
		limits:   limits,
		budgets:  map[string]*budget{},
		http: &http.Client{
			// A redirected POST would be posted twice, or turned into a GET.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				Proxy:                  nil, // an environment must not decide who sees a key
				DialContext:            (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
				TLSHandshakeTimeout:    3 * time.Second,
				IdleConnTimeout:        10 * time.Second, // few POSTs meet a dying connection
				MaxIdleConnsPerHost:    4,
				MaxResponseHeaderBytes: 64 << 10,
			},
		},
	}, nil
}

// Client makes a client for the account named (see Account), for the owner of
// the key. An error is a *chat.Error.
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

// unfit reports whether a character can't be part of a name or key: printable
// ASCII only.
func notPrintable(c rune) bool { return c <= ' ' || c >= 0x7f }

// pace returns the account's budget, the same for everybody who asks.
func (a *Accounts) budget(account string) *budget {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.budgets[account]
	if p == nil {
		a.dropIdleBudgets()
		p = newBudget(a.limits)
		p.lastUsed = time.Now()
		a.budgets[account] = p
	}
	return p
}

// forget drops budgets that have been full for long, once there are many: names
// come from a form, and anybody may try names.
func (a *Accounts) dropIdleBudgets() {
	if len(a.budgets) < 1000 {
		return
	}
	long := time.Now().Add(-10 * time.Minute)
	for name, p := range a.budgets {
		if p.idleSince(long) {
			delete(a.budgets, name)
		}
	}
}

// Close ends the connections that nobody uses.
func (a *Accounts) Close() { a.http.CloseIdleConnections() }
