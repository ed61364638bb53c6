package recharge

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/chat"
)

// TestRequests compares each call's request with the reference.
func TestRequests(t *testing.T) {
	t.Parallel()
	for name, call := range testCalls() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got, body string
			var header http.Header
			c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
				data, _ := io.ReadAll(r.Body)
				got, body, header = r.Method+" "+r.URL.RequestURI(), sorted(t, data), r.Header
				io.WriteString(w, call.answer)
			})
			if err := call.do(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if got != call.want || body != call.body {
				t.Errorf("requested %s with %s, want %s with %s", got, body, call.want, call.body)
			}
			version := "2021-11"
			if strings.Contains(call.want, " /shop/") {
				version = "2021-01"
			}
			if header.Get("X-Recharge-Version") != version || header.Get("X-Recharge-Access-Token") != token ||
				header.Get("Accept") != "application/json" || (header.Get("Content-Type") == "application/json") != (body != "") {
				t.Errorf("headers %v", header)
			}
			if header.Get("Idempotency-Key") != "" { // net/http would repeat the request
				t.Error("the request has an idempotency key")
			}
		})
	}
}

// sorted returns JSON with sorted keys.
func sorted(t *testing.T, data []byte) string {
	if len(data) == 0 {
		return ""
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Errorf("sent %s: %v", data, err)
	}
	out, _ := json.Marshal(v)
	return string(out)
}

// TestInvalidRequests: a request is not made if Recharge would refuse it, or would
// understand something else.
func TestInvalidRequests(t *testing.T) {
	t.Parallel()
	type X = context.Context
	for name, do := range map[string]func(X, *Client) error{
		"no id":             read(func(c *Client, x X) (Customer, error) { return c.Customer(x, "") }),
		"path in id":        read(func(c *Client, x X) (Charge, error) { return c.Charge(x, "9/skip") }),
		"query in id":       read(func(c *Client, x X) (Subscription, error) { return c.Subscription(x, "9?a=b") }),
		"no customer":       read(func(c *Client, x X) ([]Subscription, error) { return c.Subscriptions(x, "") }),
		"no e-mail":         read(func(c *Client, x X) ([]Customer, error) { return c.CustomersByEmail(x, "") }),
		"no Shopify id":     read(func(c *Client, x X) ([]Customer, error) { return c.CustomersByShopifyID(x, "") }),
		"no product":        read(func(c *Client, x X) ([]Plan, error) { return c.Plans(x, "") }),
		"change of no one":  func(x X, c *Client) error { return c.Change(x, "", func(X, *Writer) error { return nil }) },
		"skip nothing":      change(func(w *Writer, x X) (Charge, error) { return w.Skip(x, "9") }),
		"skip a title":      change(func(w *Writer, x X) (Charge, error) { return w.Skip(x, "9", "coffee") }),
		"no date":           change(func(w *Writer, x X) (Charge, error) { return w.MoveCharge(x, "9", "") }),
		"no such date":      change(func(w *Writer, x X) (Charge, error) { return w.MoveCharge(x, "9", "2027-02-30") }),
		"date and time":     change(func(w *Writer, x X) (Charge, error) { return w.SkipDate(x, "2", "2027-02-01T00:00:00", "7") }),
		"no next date":      change(func(w *Writer, x X) (Subscription, error) { return w.SetNextCharge(x, "7", "tomorrow", false) }),
		"no variant":        change(func(w *Writer, x X) (Subscription, error) { return w.Swap(x, "7", "") }),
		"quantity 0":        change(func(w *Writer, x X) (Subscription, error) { return w.SetQuantity(x, "7", 0) }),
		"unit":              change(func(w *Writer, x X) (Subscription, error) { return w.SetInterval(x, "7", Interval{"year", 1, 1}) }),
		"interval 0":        change(func(w *Writer, x X) (Subscription, error) { return w.SetInterval(x, "7", Interval{"day", 0, 1}) }),
		"interval too long": change(func(w *Writer, x X) (Subscription, error) { return w.SetInterval(x, "7", Interval{"day", 1, 1001}) }),
		"no reason":         change(func(w *Writer, x X) (Subscription, error) { return w.Cancel(x, "7", Cancellation{}) }),
		"no address":        change(func(w *Writer, x X) (Onetime, error) { return w.AddOnetime(x, OnetimeDraft{"", "5", 1, ""}) }),
		"none":              change(func(w *Writer, x X) (Onetime, error) { return w.AddOnetime(x, OnetimeDraft{"2", "5", 0, ""}) }),
		"nothing to change": change(func(w *Writer, x X) (Onetime, error) { return w.ChangeOnetime(x, "4", OnetimeChange{}) }),
		"negative quantity": change(func(w *Writer, x X) (Onetime, error) { return w.ChangeOnetime(x, "4", OnetimeChange{Quantity: -1}) }),
		"same address":      change(func(w *Writer, x X) (Address, error) { return w.ChangeAddress(x, "2", AddressChange{}) }),
		"bad address id":    func(x X, c *Client) error { return c.SendCardUpdate(x, "3", "me", "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, func(w http.ResponseWriter, r *http.Request) { t.Errorf("requested %s", r.URL) })
			err := do(t.Context(), c)
			if e := apiError(t, err); !e.Invalid() || e.Unknown() || e.Temporary() {
				t.Errorf("got %v, unknown %v, temporary %v", e, e.Unknown(), e.Temporary())
			}
			if s := sendErrorOf(t, err); s.Outcome != chat.Rejected || s.WholeAccount {
				t.Errorf("got %+v", s)
			}
		})
	}
}

// TestOtherObject: a response with another object than the requested one is an error,
// so that one customer never sees what another one has.
func TestOtherObject(t *testing.T) {
	t.Parallel()
	type X = context.Context
	for name, test := range map[string]struct {
		do     func(X, *Client) error
		answer string
	}{
		"customer":      {read(func(c *Client, x X) (Customer, error) { return c.Customer(x, "3") }), `{"customer":{"id":4}}`},
		"subscription":  {read(func(c *Client, x X) (Subscription, error) { return c.Subscription(x, "7") }), `{"subscription":{"id":8}}`},
		"subscriptions": {read(func(c *Client, x X) ([]Subscription, error) { return c.Subscriptions(x, "3") }), `{"subscriptions":[{"id":7,"customer_id":4}]}`},
		"charges":       {read(func(c *Client, x X) ([]Charge, error) { return c.Charges(x, "3") }), `{"charges":[{"id":7,"customer":{"id":4}}]}`},
		"schedule":      {read(func(c *Client, x X) (Schedule, error) { return c.Schedule(x, "3") }), `{"customer":{"id":4},"deliveries":[]}`},
		"no list":       {read(func(c *Client, x X) ([]Charge, error) { return c.Charges(x, "3") }), `{"charges":null}`},
		"no wrapper":    {read(func(c *Client, x X) (Charge, error) { return c.Charge(x, "9") }), `{"id":9}`},
		"no JSON":       {read(func(c *Client, x X) (Charge, error) { return c.Charge(x, "9") }), `<html>canary</html>`},
		"two values":    {read(func(c *Client, x X) (Charge, error) { return c.Charge(x, "9") }), charge9 + charge9},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, test.answer) })
				e := apiError(t, test.do(t.Context(), c))
				if e.Status != 200 || !e.Temporary() || strings.Contains(e.Error(), "canary") {
					t.Errorf("got %v", e)
				}
			})
		})
	}
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"customers":[{"id":1,"email":"A@x.com","external_customer_id":{"ecommerce":"601"}},{"id":2,"email":"b@x.com","external_customer_id":{"ecommerce":"602"}}]}`)
	})
	if got, err := c.CustomersByEmail(t.Context(), "a@x.com"); err != nil || len(got) != 1 || got[0].ID != "1" {
		t.Errorf("by e-mail: got %+v, %v", got, err)
	}
	if got, err := c.CustomersByShopifyID(t.Context(), "602"); err != nil || len(got) != 1 || got[0].ID != "2" {
		t.Errorf("by Shopify id: got %+v, %v", got, err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	requests := 0
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	e := apiError(t, c.SendAccountAccess(t.Context(), "3"))
	if e.Status != 307 || e.Unknown() || requests != 1 {
		t.Errorf("got %v, unknown %v, after %d requests", e, e.Unknown(), requests)
	}
}

func TestProxySettingIsIgnored(t *testing.T) {
	t.Parallel()
	accounts, err := NewAccounts(Base, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if accounts.http.Transport.(*http.Transport).Proxy != nil {
		t.Error("the transport uses a proxy from the environment")
	}
}

func TestResponseTooLarge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
			for range 9 << 4 {
				if _, err := io.WriteString(w, strings.Repeat(" ", 64<<10)); err != nil {
					return
				}
			}
			io.WriteString(w, charge9)
		})
		_, err := c.Charge(t.Context(), "9")
		if e := apiError(t, err); e.Cause != errTooLarge {
			t.Errorf("got %v", e)
		}
	})
}

// TestSilentStore: a call ends when its time is over, and its outcome is unknown if it
// changes something.
func TestSilentStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		})
		begun := time.Now()
		e := apiError(t, c.SendAccountAccess(t.Context(), "3"))
		if !e.Unknown() || time.Since(begun) != 15*time.Second {
			t.Errorf("change: got %v, unknown %v, after %v", e, e.Unknown(), time.Since(begun))
		}
		begun = time.Now()
		_, err := c.Charge(t.Context(), "9")
		if e := apiError(t, err); e.Unknown() || time.Since(begun) > 45*time.Second {
			t.Errorf("read: got %v, unknown %v, after %v", e, e.Unknown(), time.Since(begun))
		}
	})
}

func TestClientRejectsTokens(t *testing.T) {
	t.Parallel()
	accounts, err := NewAccounts(Base, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pasted := range []chat.Secret{"", " ", "a b", "a\nb", "a\u00a0b"} {
		if _, err := accounts.Client(chat.Connection{Token: pasted}); err == nil {
			t.Errorf("accepted the token %q", string(pasted))
		}
	}
	c, err := accounts.Client(chat.Connection{Token: " " + token + "\n"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c)} {
		if strings.Contains(s, "canary") {
			t.Errorf("contains the token: %s", s)
		}
	}
	for _, base := range []string{"", "recharge", "ftp://a", "https://user@a", "https://a?b=c"} {
		if _, err := NewAccounts(base, Limits{}); err == nil {
			t.Errorf("accepted the base URL %q", base)
		}
	}
}
