package twilio

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (t *Twilio) routes() http.Handler {
	mux := http.NewServeMux()
	const account = "/2010-04-01/Accounts/{account}"
	for pattern, e := range map[string]endpoint{
		"GET /2010-04-01/Accounts/{file}": {serve: t.getAccount},
		"POST " + account + "/Messages.json": {serve: t.postMessage, form: []string{
			"To", "From", "MessagingServiceSid", "Body", "MediaUrl", "StatusCallback", "ValidityPeriod", "ScheduleType", "SendAt"}},
		"GET " + account + "/Messages.json": {serve: t.listMessages, isList: true, query: []string{
			"To", "From", "DateSent", "DateSent<", "DateSent>"}},
		"GET " + account + "/Messages/{file}": {serve: t.getMessage},
		"GET " + account + "/IncomingPhoneNumbers.json": {serve: t.listNumbers, isList: true, query: []string{
			"PhoneNumber", "FriendlyName", "Beta", "Origin"}},
		"GET " + account + "/IncomingPhoneNumbers/{file}": {serve: t.getNumber},
		"POST " + account + "/IncomingPhoneNumbers/{file}": {serve: t.postNumber, form: []string{
			"FriendlyName", "SmsUrl", "SmsMethod", "SmsFallbackUrl", "SmsFallbackMethod", "SmsApplicationSid", "StatusCallback", "StatusCallbackMethod"}},
		"GET " + account + "/Messages/{message}/Media.json": {serve: t.listMedia, isList: true, query: []string{
			"DateCreated", "DateCreated<", "DateCreated>"}},
		"GET /v1/Services":        {serve: t.listPools, isList: true},
		"GET /v1/Services/{pool}": {serve: t.getPool},
		"POST /v1/Services/{pool}": {serve: t.postPool, form: []string{
			"FriendlyName", "InboundRequestUrl", "InboundMethod", "FallbackUrl", "FallbackMethod", "StatusCallback", "UseInboundWebhookOnNumber"}},
		"GET /v1/Services/{pool}/PhoneNumbers":        {serve: t.listPoolNumbers, isList: true},
		"GET /v1/Services/{pool}/PhoneNumbers/{file}": {serve: t.getPoolNumber},
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { t.answer(w, r, e) })
	}
	mux.HandleFunc("GET "+account+"/Messages/{message}/Media/{media}", t.getMedia)
	mux.HandleFunc("GET /cdn/{media}", t.getCDN)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			refuse(w, notFound(r))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (t *Twilio) answer(w http.ResponseWriter, r *http.Request, e endpoint) {
	if fail := t.authorize(r); fail != nil {
		refuse(w, fail)
		return
	}
	if r.Method == http.MethodPost && r.ParseForm() != nil {
		refuse(w, invalid("The request's body could not be read"))
		return
	}
	fail := e.check(r)
	if fail == nil {
		var status int
		var body any
		status, body, fail = e.serve(r)
		if fail == nil {
			writeJSON(w, status, body)
			return
		}
	}
	refuse(w, fail)
}

// authorize checks the account's SID and Auth Token of Basic authorization.
func (t *Twilio) authorize(r *http.Request) *refusal {
	user, password, _ := r.BasicAuth()
	if user != t.account.SID || subtle.ConstantTimeCompare([]byte(password), []byte(t.account.Token)) == 0 {
		return &refusal{http.StatusUnauthorized, 20003, "Authenticate"}
	}
	if named := r.PathValue("account"); named != "" && named != t.account.SID {
		return notFound(r)
	}
	return nil
}

// sidInPath returns the SID at the end of a path like "…/SM….json".
func sidInPath(r *http.Request) string { return strings.TrimSuffix(r.PathValue("file"), ".json") }

func (t *Twilio) getAccount(r *http.Request) (int, any, *refusal) {
	if sidInPath(r) != t.account.SID {
		return 0, nil, notFound(r)
	}
	return http.StatusOK, map[string]any{
		"sid": t.account.SID, "friendly_name": "Pretend", "status": "active", "type": "Full",
		"owner_account_sid": t.account.SID, "uri": r.URL.Path, "auth_token": t.account.Token,
		"date_created": formatTime(t.started), "date_updated": formatTime(t.started), "subresource_uris": map[string]string{},
	}, nil
}

// page returns the page of a list, newest first, that the query's PageSize, Page and
// PageToken select. The token contains the last item of the previous page, so that new
// items do not shift pages.
func page[T any](r *http.Request, name string, items []T, sid func(T) string, show func(T) any) (int, map[string]any, *refusal) {
	query := r.URL.Query()
	size, err := strconv.Atoi(query.Get("PageSize"))
	if err != nil || size < 1 {
		size = 50
	}
	size = min(size, 1000)
	number, _ := strconv.Atoi(query.Get("Page"))
	start := min(max(number, 0)*size, len(items))
	if token := query.Get("PageToken"); token != "" {
		last := slices.IndexFunc(items, func(item T) bool { return token == "PA"+sid(item) })
		if last < 0 {
			return 0, nil, refusalFor(21481)
		}
		start = last + 1
	}
	end := min(start+size, len(items))
	shown := make([]any, 0, end-start)
	for _, item := range items[start:end] {
		shown = append(shown, show(item))
	}
	address := func(number int, token string) string {
		q := url.Values{}
		for name, values := range query {
			q[name] = values
		}
		q.Set("PageSize", strconv.Itoa(size))
		q.Set("Page", strconv.Itoa(number))
		q.Del("PageToken")
		if token != "" {
			q.Set("PageToken", token)
		}
		return r.URL.Path + "?" + q.Encode()
	}
	out := map[string]any{
		name: shown, "page": number, "page_size": size, "start": start, "end": max(end-1, 0),
		"uri": r.URL.RequestURI(), "first_page_uri": address(0, ""),
		"next_page_uri": nil, "previous_page_uri": nil,
	}
	if end < len(items) {
		out["next_page_uri"] = address(number+1, "PA"+sid(items[end-1]))
	}
	if number > 0 {
		out["previous_page_uri"] = address(number-1, "")
	}
	return http.StatusOK, out, nil
}

// newPage returns a page in the format of newer APIs
// (twilio.com/docs/usage/twilios-response#pagination).
func newPage[T any](t *Twilio, r *http.Request, name string, items []T, sid func(T) string, show func(T) any) (int, any, *refusal) {
	_, plain, fail := page(r, name, items, sid, show)
	if fail != nil {
		return 0, nil, fail
	}
	whole := func(address any) any {
		if path, ok := address.(string); ok {
			return t.url + path
		}
		return nil
	}
	return http.StatusOK, map[string]any{name: plain[name], "meta": map[string]any{
		"key": name, "page": plain["page"], "page_size": plain["page_size"],
		"url": t.url + r.URL.RequestURI(), "first_page_url": whole(plain["first_page_uri"]),
		"next_page_url": whole(plain["next_page_uri"]), "previous_page_url": whole(plain["previous_page_uri"]),
	}}, nil
}

func notFound(r *http.Request) *refusal {
	return &refusal{http.StatusNotFound, 20404, fmt.Sprintf("The requested resource %s was not found", r.URL.Path)}
}

func refuse(w http.ResponseWriter, fail *refusal) {
	if fail.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Twilio API"`)
	}
	writeJSON(w, fail.status, map[string]any{
		"code": fail.code, "message": fail.message, "status": fail.status,
		"more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(fail.code),
	})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// writeFault writes the response of an injected fault.
func writeFault(w http.ResponseWriter, status int) {
	fail := refusal{status, 20500, "An internal server error has occurred"}
	switch status {
	case http.StatusTooManyRequests:
		fail.code, fail.message = 20429, "Too Many Requests"
	case http.StatusServiceUnavailable:
		fail.code, fail.message = 20503, "Service unavailable"
	}
	refuse(w, &fail)
}
