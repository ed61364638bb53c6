package shopify_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/chat"
	"sidetext/shopify"
)

func TestNewAccounts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		template, version string
		ok                bool
	}{
		"defaults":              {shopify.Template, shopify.Version, true},
		"a test's server":       {"http://127.0.0.1:8080/{shop}", "2026-04", true},
		"a later version":       {shopify.Template, "2027-01", true},
		"no placeholder":        {"https://acme.myshopify.com", shopify.Version, false},
		"two placeholders":      {"https://{shop}/{shop}", shopify.Version, false},
		"another scheme":        {"ftp://{shop}", shopify.Version, false},
		"credentials":           {"https://me:pw@{shop}", shopify.Version, false},
		"a query":               {"https://{shop}?a=b", shopify.Version, false},
		"an old version":        {shopify.Template, "2026-01", false},
		"no version":            {shopify.Template, "", false},
		"an unstable version":   {shopify.Template, "unstable", false},
		"a month in between":    {shopify.Template, "2026-11", false},
		"a path in the version": {shopify.Template, "2026-10/../x", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := shopify.NewAccounts(test.template, test.version, shopify.Limits{}); (err == nil) != test.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestClientRefusesBadCredentials(t *testing.T) {
	t.Parallel()
	accounts := memoryAccounts(t, &memoryStore{}, fast)
	defer accounts.Close()
	for name, test := range map[string]struct {
		connection chat.Connection
		text       string // of the error; empty: none
	}{
		"an app":                {byApp, ""},
		"a token":               {byToken, ""},
		"spaces around":         {chat.Connection{Account: store, ClientID: " a\n", Secret: " b\n"}, ""},
		"no store":              {chat.Connection{Token: "x"}, "store"},
		"a name":                {chat.Connection{Account: "acme", Token: "x"}, "store"},
		"another host":          {chat.Connection{Account: "acme.myshopify.com.evil.com", Token: "x"}, "store"},
		"a path":                {chat.Connection{Account: "evil.com/acme.myshopify.com", Token: "x"}, "store"},
		"upper case":            {chat.Connection{Account: "Acme.myshopify.com", Token: "x"}, "store"},
		"nothing":               {chat.Connection{Account: store}, "access token"},
		"a secret as the token": {chat.Connection{Account: store, Token: "shpss_1"}, "not an access token"},
		"an app without secret": {chat.Connection{Account: store, ClientID: "a", Token: "x"}, "secret"},
		"a line break":          {chat.Connection{Account: store, Token: "x\r\nHost: evil"}, "without spaces"},
		"a space in the secret": {chat.Connection{Account: store, ClientID: "a", Secret: "b c"}, "without spaces"},
		"a space in the id":     {chat.Connection{Account: store, ClientID: "a b", Secret: "c"}, "without spaces"},
	} {
		c, err := accounts.Client(test.connection)
		var plain *chat.Error
		if test.text == "" {
			if err != nil || c.Store() != store {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.As(err, &plain) || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: got %v, want %q", name, err, test.text)
		}
	}
}

func TestClientHidesSecrets(t *testing.T) {
	t.Parallel()
	for _, connection := range []chat.Connection{byApp, byToken} {
		fake := &fakeStore{answer: always(200, `{"data":{"orders":{"nodes":[]}}}`)}
		c := fake.client(t, connection)
		read(t, c)
		for _, format := range []string{"%v", "%+v", "%#v"} {
			if printed := fmt.Sprintf(format, c); strings.Contains(printed, "canary") {
				t.Errorf("%s prints %s", format, printed)
			}
		}
	}
}

// A redirect must not take a token to another host.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was requested from another host", r.Method, r.URL)
	}))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		moved := func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, other.URL+r.URL.Path, status)
		}
		for _, fake := range []*fakeStore{{answer: moved}, {grant: moved}} {
			_, err := fake.client(t, byApp).TestRead(t.Context())
			if e := sendError(t, err); e.Outcome != chat.Rejected || e.Problem.Code != "shop_closed" || !e.WholeAccount {
				t.Errorf("%d: got %+v", status, e)
			}
		}
	}
}

// Credentials come from a form: their number has no bound, so what is kept of them is
// dropped once it is idle.
func TestManyCredentials(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		accounts := memoryAccounts(t, &memoryStore{}, fast)
		connect := func(n int) *shopify.Client {
			return clientOf(t, accounts, chat.Connection{Account: store, Token: chat.Secret(fmt.Sprint("token-", n))})
		}
		used := connect(0)
		for n := range 1000 {
			connect(n)
		}
		time.Sleep(11 * time.Minute)
		read(t, used)
		connect(1000)
		if got := accounts.Accesses(); got != 2 {
			t.Errorf("%d are kept", got)
		}
	})
}
