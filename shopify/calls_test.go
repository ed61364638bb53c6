package shopify_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/shopify"
)

// pageCall returns a call of a Directory, which makes its own client.
func pageCall(accounts *shopify.Accounts, part string) func(context.Context, *shopify.Client) error {
	return func(ctx context.Context, _ *shopify.Client) error {
		_, _, err := shopify.Directory{Accounts: accounts}.Page(ctx, byApp, part, "", noon)
		return err
	}
}

// want is what a case should come to; zero: success.
type want struct {
	outcome      chat.Outcome
	code         string
	wholeAccount bool
	retryAfter   time.Duration
	tries        int
	grants       int
}

func TestCalls(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer func(ok string) func(http.ResponseWriter, *http.Request, int)
		query  want
		change chat.Outcome // of a mutation, if it differs
	}{
		"ok": {func(ok string) func(http.ResponseWriter, *http.Request, int) { return always(200, ok) }, want{tries: 1, grants: 1}, 0},
		"the token has expired": {func(ok string) func(http.ResponseWriter, *http.Request, int) {
			return func(w http.ResponseWriter, r *http.Request, try int) {
				if r.Header.Get("X-Shopify-Access-Token") == "token-1" {
					always(401, `{"errors":"[API] Invalid API key or access token (canary)"}`)(w, r, try)
					return
				}
				always(200, ok)(w, r, try)
			}
		}, want{tries: 2, grants: 2}, 0},
		"every token is refused": {answering(401, `{"errors":"[API] Invalid API key or access token (canary)"}`), want{chat.Rejected, "token", true, 5 * time.Minute, 2, 2}, 0},
		"forbidden":              {answering(403, `{"errors":"[API] canary"}`), want{chat.Rejected, "shop_closed", true, 5 * time.Minute, 1, 1}, 0},
		"forbidden by a scope":   {answering(403, `{"errors":"[API] This action requires merchant approval for read_orders scope."}`), want{chat.Rejected, "scope", true, 5 * time.Minute, 1, 1}, 0},
		"frozen":                 {answering(402, `{"errors":"canary"}`), want{chat.Rejected, "shop_closed", true, 5 * time.Minute, 1, 1}, 0},
		"locked":                 {answering(423, ``), want{chat.Rejected, "shop_closed", true, 5 * time.Minute, 1, 1}, 0},
		"no such store":          {answering(404, `{"errors":"Not Found"}`), want{chat.Rejected, "shop_closed", true, 5 * time.Minute, 1, 1}, 0},
		"moved":                  {answering(301, `<html>canary`), want{chat.Rejected, "shop_closed", true, 5 * time.Minute, 1, 1}, 0},
		"malformed":              {answering(400, `{"errors":{"query":"canary"}}`), want{chat.Rejected, "rejected", false, 0, 1, 1}, 0},
		"access denied": {answering(200, `{"data":{"orders":null},"errors":[{"message":"Access denied for canary field.","path":["orders"],"extensions":{"code":"ACCESS_DENIED","requiredAccess":"`+"`read_orders`"+` access scope."}}]}`),
			want{chat.Rejected, "scope", true, 5 * time.Minute, 1, 1}, 0},
		"too costly":     {answering(200, `{"errors":[{"message":"canary","extensions":{"code":"MAX_COST_EXCEEDED","cost":1200,"maxCost":1000}}]}`), want{chat.Rejected, "too_costly", false, 0, 1, 1}, 0},
		"internal error": {answering(200, `{"data":null,"errors":[{"message":"canary","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`), want{chat.NotSent, "unreachable", false, 0, 1, 1}, chat.MaybeSent},
		"unknown error":  {answering(200, `{"errors":[{"message":"canary"}]}`), want{chat.Rejected, "rejected", false, 0, 1, 1}, 0},
		"throttled, 200": {answering(200, `{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],`+throttleCost+`}`), want{chat.NotSent, "throttled", true, 4 * time.Second, 1, 1}, 0},
		"throttled, 429": {answering(429, `{"errors":[{"message":"Throttled"}],`+throttleCost+`}`), want{chat.NotSent, "throttled", true, 4 * time.Second, 1, 1}, 0},
		"throttled, 429 without JSON": {func(string) func(http.ResponseWriter, *http.Request, int) {
			return func(w http.ResponseWriter, r *http.Request, try int) {
				w.Header().Set("Retry-After", "7.0")
				always(429, "<html>")(w, r, try)
			}
		}, want{chat.NotSent, "throttled", true, 7 * time.Second, 1, 1}, 0},
		"bad gateway":           {answering(502, `<html>canary`), want{chat.NotSent, "unreachable", false, 0, 1, 1}, chat.MaybeSent},
		"unavailable, no body":  {answering(503, ``), want{chat.NotSent, "unreachable", false, 0, 1, 1}, chat.MaybeSent},
		"ok without JSON":       {answering(200, `<html>canary`), want{chat.NotSent, "unreadable", false, 0, 1, 1}, chat.MaybeSent},
		"ok without data":       {answering(200, `{"data":null}`), want{chat.NotSent, "unreadable", false, 0, 1, 1}, chat.MaybeSent},
		"ok, another structure": {answering(200, `{"data":[1]}`), want{chat.NotSent, "unreadable", false, 0, 1, 1}, chat.MaybeSent},
		"cut in the answer": {func(string) func(http.ResponseWriter, *http.Request, int) {
			return func(w http.ResponseWriter, r *http.Request, try int) {
				w.Header().Set("Content-Length", "1000")
				always(200, `{"data":{`)(w, r, try)
			}
		}, want{chat.NotSent, "unreadable", false, 0, 1, 1}, chat.MaybeSent},
		"cut after the request left": {func(string) func(http.ResponseWriter, *http.Request, int) { return cut }, want{chat.NotSent, "unreachable", false, 0, 1, 1}, chat.MaybeSent},
	} {
		run := func(t *testing.T, call string, do func(context.Context, *shopify.Client) error, ok string, change bool, accounts *shopify.Accounts, fake *fakeStore) {
			fake.answer = test.answer(ok)
			w := test.query
			if change && test.change != 0 {
				w.outcome = test.change
			}
			err := do(t.Context(), clientOf(t, accounts, byApp))
			checkCall(t, name+"/"+call, err, w, fake)
		}
		for call, c := range calls {
			t.Run(name+"/"+call, func(t *testing.T) {
				t.Parallel()
				fake := &fakeStore{}
				accounts, _ := fake.start(t)
				run(t, call, c.do, c.ok, c.refused != "", accounts, fake)
			})
		}
		for _, part := range (shopify.Directory{}).Parts() {
			if name == "too costly" {
				continue // it is read in smaller pages: see TestCostlyPage
			}
			t.Run(name+"/"+part, func(t *testing.T) {
				t.Parallel()
				fake := &fakeStore{}
				accounts, _ := fake.start(t)
				run(t, part, pageCall(accounts, part), `{"data":{"`+part+`":{"nodes":[],`+lastPage+`}}}`, false, accounts, fake)
			})
		}
	}
}

func answering(status int, body string) func(string) func(http.ResponseWriter, *http.Request, int) {
	return func(string) func(http.ResponseWriter, *http.Request, int) { return always(status, body) }
}

func checkCall(t *testing.T, name string, err error, w want, fake *fakeStore) {
	t.Helper()
	if tries, grants := fake.counts(); tries != w.tries || grants != w.grants {
		t.Errorf("%s: %d requests and %d tokens, want %d and %d", name, tries, grants, w.tries, w.grants)
	}
	if w.outcome == 0 {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return
	}
	e := sendError(t, err)
	if e.Outcome != w.outcome || e.Problem.Code != w.code || e.WholeAccount != w.wholeAccount || e.RetryAfter.Round(time.Second) != w.retryAfter {
		t.Errorf("%s: got outcome %d, %q, whole account %v, after %v: %v; want %+v",
			name, e.Outcome, e.Problem.Code, e.WholeAccount, e.RetryAfter, err, w)
	}
	var cause *shopify.Error
	if !errors.As(err, &cause) || cause.Action == "" {
		t.Errorf("%s: the cause is %v", name, e.Cause)
	}
}

// A mutation that Shopify refuses did not happen, and must not be repeated.
func TestUserErrors(t *testing.T) {
	t.Parallel()
	for name, c := range calls {
		if c.refused == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeStore{answer: always(200, c.refused)}
			err := c.do(t.Context(), fake.client(t, byApp))
			checkCall(t, name, err, want{chat.Rejected, "rejected", false, 0, 1, 1}, fake)
			var cause *shopify.Error
			if !errors.As(err, &cause) || !strings.HasPrefix(cause.Message, "Canary") {
				t.Errorf("got %+v", cause)
			}
		})
	}
}

// A customer without a phone has no consent to withdraw.
func TestConsentWithoutPhone(t *testing.T) {
	t.Parallel()
	fake := &fakeStore{answer: always(200, `{"data":{"customerSmsMarketingConsentUpdate":{"customer":null,"userErrors":[{"field":["input"],"message":"A phone number is required","code":"INVALID"}]}}}`)}
	err := fake.client(t, byApp).RevokeSMSConsent(t.Context(), "601", noon)
	if e := sendError(t, err); e.Outcome != chat.Rejected || e.Problem.Code != "gone" {
		t.Errorf("got %+v", e)
	}
}

// An endless answer must not fill the memory.
func TestAnswerIsTooLong(t *testing.T) {
	t.Parallel()
	for call, outcome := range map[string]chat.Outcome{"webhooks": chat.NotSent, "delete webhook": chat.MaybeSent} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			fake := &fakeStore{answer: func(w http.ResponseWriter, r *http.Request, _ int) {
				for r.Context().Err() == nil {
					if _, err := io.WriteString(w, strings.Repeat(" ", 64<<10)); err != nil {
						return
					}
				}
			}}
			err := calls[call].do(t.Context(), fake.client(t, byApp))
			checkCall(t, call, err, want{outcome, "unreadable", false, 0, 1, 1}, fake)
		})
	}
}

// Without access to protected customer data, an app may not have webhooks about people.
func TestWebhookOfProtectedData(t *testing.T) {
	t.Parallel()
	fake := &fakeStore{answer: always(200, `{"data":{"webhookSubscriptionCreate":{"webhookSubscription":null,"userErrors":[{"field":["webhookSubscription"],"message":"You do not have permission to create or update webhooks with orders/create topic. This topic contains Protected Customer Data."}]}}}`)}
	_, err := fake.client(t, byApp).CreateWebhook(t.Context(), "ORDERS_CREATE", "https://x.example/hooks/shopify/e1")
	if e := sendError(t, err); e.Outcome != chat.Rejected || !strings.Contains(e.Problem.Text, "protected customer data") {
		t.Errorf("got %+v", e)
	}
}

// Before the request leaves, nothing can have happened. No other request would fare
// better.
func TestCutBeforeRequest(t *testing.T) {
	t.Parallel()
	for name, c := range calls {
		for access, connection := range map[string]chat.Connection{"app": byApp, "token": byToken} {
			t.Run(name+"/"+access, func(t *testing.T) {
				t.Parallel()
				fake := &fakeStore{}
				accounts, server := fake.start(t)
				server.Close()
				err := c.do(t.Context(), clientOf(t, accounts, connection))
				checkCall(t, name, err, want{chat.NotSent, "unreachable", true, 0, 0, 0}, fake)
			})
		}
	}
}

// A pasted token cannot be renewed.
func TestPastedTokenIsRefused(t *testing.T) {
	t.Parallel()
	fake := &fakeStore{answer: always(401, `{"errors":"canary"}`)}
	_, err := fake.client(t, byToken).Webhooks(t.Context())
	checkCall(t, "webhooks", err, want{chat.Rejected, "token", true, 5 * time.Minute, 1, 0}, fake)
	if fake.tokens[0] != pastedToken {
		t.Error("the request came without the token")
	}
}

func TestMissingScope(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body, want string
	}{
		"named":            {`{"errors":[{"message":"x","extensions":{"code":"ACCESS_DENIED","requiredAccess":"` + "`read_all_orders`" + ` access scope."}}]}`, "read_all_orders"},
		"in the message":   {`{"errors":[{"message":"Access denied. Required access: ` + "`read_fulfillments`" + ` access scope.","extensions":{"code":"ACCESS_DENIED"}}]}`, "read_fulfillments"},
		"not named":        {`{"errors":[{"message":"Not approved","extensions":{"code":"ACCESS_DENIED"}}]}`, "read_orders"},
		"not the first":    {`{"errors":[{"message":"x"},{"message":"y","extensions":{"code":"ACCESS_DENIED","requiredAccess":"write_orders"}}]}`, "write_orders"},
		"an odd structure": {`{"errors":[{"message":7,"extensions":{"code":"ACCESS_DENIED","requiredAccess":["x"]}}]}`, "read_orders"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for connection, place := range map[*chat.Connection]string{&byApp: "Dev Dashboard", &byToken: "Develop apps"} {
				fake := &fakeStore{answer: always(200, test.body)}
				_, err := fake.client(t, *connection).TestRead(t.Context())
				e := sendError(t, err)
				if !strings.Contains(e.Problem.Text, test.want) || !strings.Contains(e.Problem.Text, place) {
					t.Errorf("got %q, which should name %s and %s", e.Problem.Text, test.want, place)
				}
			}
		})
	}
}

// When the version of the settings has expired, another one answers.
func TestExpiredVersion(t *testing.T) {
	t.Parallel()
	answer := func(body string) *fakeStore {
		return &fakeStore{answer: func(w http.ResponseWriter, r *http.Request, try int) {
			w.Header().Set("X-Shopify-API-Version", "2027-10")
			always(200, body)(w, r, try)
		}}
	}
	got, err := answer(`{"data":{"shop":{"name":"Acme"},"publicApiVersions":[{"handle":"2027-10","supported":true},{"handle":"2026-10","supported":false},{"handle":"unstable","supported":true}]}}`).client(t, byApp).Installation(t.Context())
	if err != nil || got.Version != "2027-10" || len(got.Versions) != 1 || got.Versions[0] != "2027-10" {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = answer(`{"errors":[{"message":"Field 'x' doesn't exist","extensions":{"code":"undefinedField"}}]}`).client(t, byApp).Webhooks(t.Context())
	if e := sendError(t, err); e.Problem.Code != "version" || !strings.Contains(e.Problem.Text, "2026-10") || !strings.Contains(err.Error(), "2027-10") {
		t.Errorf("got %v: %q", err, e.Problem.Text)
	}
}
