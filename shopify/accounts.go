package shopify

import (
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"sidetext/chat"
)

// Limits are the assumed rate limit of an app on one store, in points of query cost,
// and the timeouts of a request. Responses correct the rate limit. Zero values mean the
// defaults in the comments.
type Limits struct {
	PerSecond float64       // points restored per second: 50, the lowest of all plans
	Burst     float64       // points available at most: 1000
	Wait      time.Duration // maximum wait for the rate limit: 12 s
	Timeout   time.Duration // for one request and its response: 15 s
}

func (l Limits) orDefaults() Limits {
	if l.PerSecond == 0 {
		l.PerSecond = 50
	}
	if l.Burst == 0 {
		l.Burst = 1000
	}
	if l.Wait == 0 {
		l.Wait = 12 * time.Second
	}
	if l.Timeout == 0 {
		l.Timeout = 15 * time.Second
	}
	return l
}

// The default base URL of a store, and the default version of the API. Versions since
// OldestVersion have all fields that the queries need.
const (
	Template      = "https://{shop}"
	Version       = "2026-10"
	OldestVersion = "2026-04"
)

// versionName is the form of a stable version's name: versions appear each quarter.
var versionName = regexp.MustCompile(`^20[0-9]{2}-(01|04|07|10)$`)

// Accounts makes clients for stores. Its clients share TCP connections, and those of
// one chat.Connection share its access token and its rate limit budget.
type Accounts struct {
	template string
	version  string
	texts    map[string]string // of the operations, by name
	limits   Limits
	http     *http.Client

	mu       sync.Mutex
	accesses map[accessKey]*access
}

// An accessKey identifies the credentials for a store.
type accessKey struct {
	store, clientID string
	secret          [sha256.Size]byte // hash of the secret or the token
}

// An access is what the clients with the same credentials share.
type access struct {
	token  token // requested with a client id; unused with a token that was pasted
	budget *budget
}

// NewAccounts takes the base URL of a store with the placeholder {shop}, as in Template,
// and the version of the API to use.
func NewAccounts(template, version string, limits Limits) (*Accounts, error) {
	if strings.Count(template, "{shop}") != 1 {
		return nil, fmt.Errorf("shopify: base URL must contain {shop} once: %q", template)
	}
	u, err := url.Parse(strings.Replace(template, "{shop}", "acme.myshopify.com", 1))
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("shopify: invalid base URL: %q", template)
	}
	if !versionName.MatchString(version) || version < OldestVersion {
		return nil, fmt.Errorf("shopify: unsupported API version %q: use %s or a newer stable one", version, OldestVersion)
	}
	texts, err := operationTexts(version)
	if err != nil {
		return nil, err
	}
	return &Accounts{
		template: strings.TrimRight(template, "/"), version: version, texts: texts,
		limits: limits.orDefaults(), accesses: map[accessKey]*access{},
		http: &http.Client{
			// net/http would repeat a redirected POST, or turn it into a GET.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				Proxy:                  nil, // an environment variable must not decide where tokens go
				DialContext:            (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
				TLSHandshakeTimeout:    3 * time.Second,
				IdleConnTimeout:        10 * time.Second, // short, so that few POSTs hit a connection that is being closed
				MaxIdleConnsPerHost:    4,
				MaxResponseHeaderBytes: 64 << 10,
			},
		},
	}, nil
}

// Client returns a client for the store of a connection. Errors are of type *chat.Error.
func (a *Accounts) Client(c chat.Connection) (*Client, error) {
	if !storeHost.MatchString(c.Account) {
		return nil, chat.Invalid("This is not the address of a Shopify store. It should look like acme.myshopify.com.")
	}
	clientID := strings.TrimSpace(c.ClientID)
	secret := strings.TrimSpace(string(c.Token))
	if clientID != "" {
		secret = strings.TrimSpace(string(c.Secret))
	}
	switch {
	case strings.ContainsFunc(clientID, notPrintable):
		return nil, chat.Invalid("Please paste the client ID of the app, without spaces.")
	case clientID != "" && (secret == "" || strings.ContainsFunc(secret, notPrintable)):
		return nil, chat.Invalid("Please paste the app's secret, without spaces.")
	case strings.HasPrefix(secret, "shpss_") && clientID == "":
		return nil, chat.Invalid("This is the app's secret, not an access token. Please paste the token that begins with shpat_, or the client ID and the secret.")
	case secret == "" || strings.ContainsFunc(secret, notPrintable):
		return nil, chat.Invalid("Please paste the access token, without spaces.")
	}
	base := strings.Replace(a.template, "{shop}", c.Account, 1)
	return &Client{
		store: c.Account, clientID: clientID, secret: func() string { return secret },
		api:      base + "/admin/api/" + a.version + "/graphql.json",
		tokenURL: base + "/admin/oauth/access_token",
		version:  a.version, texts: a.texts, limits: a.limits, http: a.http,
		access: a.access(accessKey{c.Account, clientID, sha256.Sum256([]byte(secret))}),
	}, nil
}

// notPrintable reports whether c is not printable ASCII. Ids, secrets and tokens are.
func notPrintable(c rune) bool { return c <= ' ' || c >= 0x7f }

func (a *Accounts) access(key accessKey) *access {
	a.mu.Lock()
	defer a.mu.Unlock()
	found := a.accesses[key]
	if found == nil {
		a.dropIdleAccesses()
		found = &access{budget: newBudget(a.limits)}
		a.accesses[key] = found
	}
	return found
}

// dropIdleAccesses removes what was unused for ten minutes once there are 1000.
// Credentials come from a form, so their number is unbounded otherwise.
func (a *Accounts) dropIdleAccesses() {
	if len(a.accesses) < 1000 {
		return
	}
	cutoff := time.Now().Add(-10 * time.Minute)
	for key, one := range a.accesses {
		if one.budget.idleSince(cutoff) {
			delete(a.accesses, key)
		}
	}
}

// Close closes idle connections.
func (a *Accounts) Close() { a.http.CloseIdleConnections() }
