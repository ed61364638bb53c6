package shopify

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

func (s *Shopify) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /"+s.account.Store+"/admin/oauth/access_token", s.grant)
	mux.HandleFunc("POST /"+s.account.Store+"/admin/api/{version}/graphql.json", s.serveGraphQL)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "Not Found") })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		status := s.unavailable
		s.mu.Unlock()
		if status != 0 {
			refuse(w, status, "Unavailable Shop")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// grant answers the client credentials grant
// (shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant).
// The errors' names besides shop_not_permitted are not documented.
func (s *Shopify) grant(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	form, err := url.ParseQuery(string(raw))
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" || err != nil || form.Get("grant_type") != "client_credentials" {
		refuseGrant(w, http.StatusBadRequest, "invalid_request", "The request is missing a required parameter.")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.account.ClientID == "" || form.Get("client_id") != s.account.ClientID:
		refuseGrant(w, http.StatusBadRequest, "application_cannot_be_found", "No application with that client id.")
	case subtle.ConstantTimeCompare([]byte(form.Get("client_secret")), []byte(s.secret)) == 0:
		refuseGrant(w, http.StatusUnauthorized, "invalid_client", "The client secret is wrong.")
	case s.refusesShop:
		refuseGrant(w, http.StatusBadRequest, "shop_not_permitted", "Client credentials cannot be performed on this shop.")
	default:
		token := "shpat_" + strings.ToLower(rand.Text())
		s.tokens[token] = time.Now().Add(s.account.TokenLife)
		writeJSON(w, http.StatusOK, map[string]any{
			"access_token": token, "scope": strings.Join(s.scopes, ","), "expires_in": int(s.account.TokenLife.Seconds()) - 1,
		})
	}
}

func refuseGrant(w http.ResponseWriter, status int, code, text string) {
	writeJSON(w, status, map[string]string{"error": code, "error_description": text})
}

// authorized reports whether a token is valid now.
func (s *Shopify) authorized(token string) bool {
	end, ok := s.tokens[token]
	return ok && (end.IsZero() || time.Now().Before(end))
}

// ExpireTokens ends all tokens that expire, as after their life.
func (s *Shopify) ExpireTokens() {
	s.update(func() {
		for token, end := range s.tokens {
			if !end.IsZero() {
				delete(s.tokens, token)
			}
		}
	})
}

// RevokeToken ends Account.Token.
func (s *Shopify) RevokeToken() { s.update(func() { delete(s.tokens, s.account.Token) }) }

// RefuseShop says whether the app lives in another organization than the store:
// requests for tokens are refused with shop_not_permitted.
func (s *Shopify) RefuseShop(refuse bool) { s.update(func() { s.refusesShop = refuse }) }

// RotateSecret replaces the app's secret. Webhooks are signed with the former one for a
// while (shopify.dev/docs/apps/build/webhooks/verify-deliveries: up to an hour).
func (s *Shopify) RotateSecret(secret string, after time.Duration) {
	s.update(func() {
		s.signingSecret, s.signingUntil, s.secret = s.secret, time.Now().Add(after), secret
	})
}

// SetUnavailable answers all requests with a status: 402 for a frozen store, 423 for a
// locked one, 403 for a forbidden one. 0 ends it.
func (s *Shopify) SetUnavailable(status int) { s.update(func() { s.unavailable = status }) }

// HidePeople says whether the app has no access to protected customer data: names,
// phones, e-mail and postal addresses are null then, without an error
// (shopify.dev/docs/apps/launch/protected-customer-data).
func (s *Shopify) HidePeople(hidden bool) { s.update(func() { s.hidesPeople = hidden }) }

// refuse writes an error outside GraphQL, whose "errors" is a string.
func refuse(w http.ResponseWriter, status int, text string) {
	writeJSON(w, status, map[string]string{"errors": text})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	out, err := json.Marshal(body)
	if err != nil {
		panic(err) // bodies consist of maps, slices and strings
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out)
}

// writeFault writes the response of an injected fault, in the format of the store or of a
// proxy in front of it.
func writeFault(w http.ResponseWriter, status int) {
	switch status {
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "2.0")
		refuse(w, status, "Throttled")
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<!doctype html><title>Something went wrong</title>")
	default:
		refuse(w, status, http.StatusText(status))
	}
}
