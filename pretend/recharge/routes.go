package recharge

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A request is an authorized request.
type request struct {
	*http.Request
	body  []byte
	query url.Values
}

// pathID returns the number in the path, or 0 if it is invalid.
func (r *request) pathID() int64 {
	n, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	return n
}

// flag reports whether a query parameter is "true".
func (r *request) flag(name string) bool { return r.query.Get(name) == "true" }

// decode decodes the body.
func (r *request) decode(into any) *failure {
	if err := json.Unmarshal(r.body, into); err != nil {
		return invalid("_schema", []string{"Invalid input type."})
	}
	return nil
}

// A route is an endpoint. serve runs with the lock held.
type route struct {
	scope string // alternatives are separated by "|"; empty: none
	serve func(*request) (status int, body any, fail *failure)
}

func (r *Recharge) endpoints() map[string]route {
	return map[string]route{
		"GET /token_information":       {"", r.getToken},
		"GET /store":                   {"read_store|store_info", r.getStore},
		"GET /shop/settings":           {"", r.getSettings},
		"GET /shop/shipping_countries": {"", r.listCountries},
		"GET /retention_strategies":    {"read_subscriptions", r.listStrategies},
		"GET /plans":                   {"read_products", r.listPlans},

		"GET /customers":                        {"read_customers", r.listCustomers},
		"GET /customers/{id}":                   {"read_customers", r.getCustomer},
		"PUT /customers/{id}":                   {"write_customers", r.putCustomer},
		"GET /customers/{id}/delivery_schedule": {"read_customers", r.getSchedule},
		"POST /customers/{id}/notifications":    {"write_notifications", r.notify},
		"GET /payment_methods":                  {"read_payment_methods", r.listMethods},

		"GET /addresses":                    {"read_customers", r.listAddresses},
		"POST /addresses":                   {"write_customers", r.postAddress},
		"GET /addresses/{id}":               {"read_customers", r.getAddress},
		"PUT /addresses/{id}":               {"write_customers", r.putAddress},
		"POST /addresses/{id}/charges/skip": {"write_orders", r.skipLater},

		"GET /subscriptions":                            {"read_subscriptions", r.listSubscriptions},
		"GET /subscriptions/{id}":                       {"read_subscriptions", r.getSubscription},
		"PUT /subscriptions/{id}":                       {"write_subscriptions", r.putSubscription},
		"POST /subscriptions/{id}/pricing_preview":      {"read_subscriptions", r.previewPrice},
		"POST /subscriptions/{id}/set_next_charge_date": {"write_subscriptions", r.setNextDate},
		"POST /subscriptions/{id}/change_address":       {"write_subscriptions", r.changeAddress},
		"POST /subscriptions/{id}/cancel":               {"write_subscriptions", r.cancel},
		"POST /subscriptions/{id}/activate":             {"write_subscriptions", r.activate},
		"POST /subscriptions/{id}/charges/skip":         {"write_orders", r.skipLater},

		"GET /onetimes":         {"read_subscriptions", r.listOnetimes},
		"POST /onetimes":        {"write_subscriptions", r.postOnetime},
		"GET /onetimes/{id}":    {"read_subscriptions", r.getOnetime},
		"PUT /onetimes/{id}":    {"write_subscriptions", r.putOnetime},
		"DELETE /onetimes/{id}": {"write_subscriptions", r.deleteOnetime},

		"GET /charges":                               {"read_orders", r.listCharges},
		"GET /charges/{id}":                          {"read_orders", r.getCharge},
		"POST /charges/{id}/skip":                    {"write_orders", r.skip},
		"POST /charges/{id}/unskip":                  {"write_orders", r.unskip},
		"POST /charges/{id}/change_next_charge_date": {"write_orders", r.moveCharge},
		"POST /charges/{id}/apply_discount":          {"write_orders", r.applyDiscount},
		"POST /charges/{id}/remove_discount":         {"write_orders", r.removeDiscount},
		"POST /charges/{id}/process":                 {"write_payments", r.processNow},
		"GET /orders":                                {"read_orders", r.listOrders},
		"GET /orders/{id}":                           {"read_orders", r.getOrder},

		"GET /webhooks":            {"", r.listHooks},
		"POST /webhooks":           {"", r.postHook},
		"GET /webhooks/{id}":       {"", r.getHook},
		"PUT /webhooks/{id}":       {"", r.putHook},
		"DELETE /webhooks/{id}":    {"", r.deleteHook},
		"POST /webhooks/{id}/test": {"", r.testHook},
	}
}

func (r *Recharge) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, route := range r.endpoints() {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) { r.answer(w, req, route) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !r.owns(req) {
			writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "bad authentication"})
			return
		}
		if !r.bucket.acquire() {
			refuse(w, tooMany)
			return
		}
		if _, pattern := mux.Handler(req); pattern == "" {
			status := http.StatusNotFound
			for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
				other := req.Clone(context.Background())
				other.Method = method
				if _, pattern := mux.Handler(other); pattern != "" {
					status = http.StatusMethodNotAllowed
				}
			}
			refuse(w, &failure{status, http.StatusText(status)})
			return
		}
		mux.ServeHTTP(w, req)
	})
}

// owns reports whether the request has this store's token.
func (r *Recharge) owns(req *http.Request) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.token != "" && subtle.ConstantTimeCompare([]byte(req.Header.Get("X-Recharge-Access-Token")), []byte(r.token)) == 1
}

func (r *Recharge) answer(w http.ResponseWriter, req *http.Request, route route) {
	in := &request{Request: req, query: req.URL.Query()}
	in.body, _ = io.ReadAll(req.Body)
	if fail := r.refuse(in, route.scope); fail != nil {
		refuse(w, fail)
		return
	}
	var status int
	var out []byte
	var fail *failure
	work := func() {
		var body any
		if status, body, fail = route.serve(in); fail == nil && body != nil {
			out = encode(body) // with the lock held, because body refers to the store's objects
		}
	}
	if req.Method == http.MethodGet {
		r.read(work)
	} else {
		r.update(work)
	}
	if fail != nil {
		refuse(w, fail)
		return
	}
	if out != nil {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(out)
}

// refuse checks the version, the format and the scope of a request.
func (r *Recharge) refuse(in *request, scope string) *failure {
	version := in.Header.Get("X-Recharge-Version")
	older := strings.HasPrefix(in.URL.Path, "/shop/") && version == "2021-01"
	kind, _, _ := strings.Cut(in.Header.Get("Content-Type"), ";")
	switch {
	case version != "2021-11" && !older: // 2021-01, the default of old stores, is not simulated
		return &failure{http.StatusUpgradeRequired, "Unsupported version"}
	case len(in.body) > 0 && kind != "application/json":
		return &failure{http.StatusUnsupportedMediaType, "Content-Type must be application/json"}
	case len(in.body) > 0 && !json.Valid(in.body):
		return &failure{http.StatusBadRequest, "The body is not valid JSON"}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lacks(scope)
}

// lacks returns a failure if the token has none of the scopes. A write scope includes
// reading.
func (r *Recharge) lacks(scope string) *failure {
	for one := range strings.SplitSeq(scope, "|") {
		if one == "" || slices.Contains(r.scopes, one) || slices.Contains(r.scopes, strings.Replace(one, "read_", "write_", 1)) {
			return nil
		}
	}
	return &failure{http.StatusForbidden, "This token does not have the scope " + scope}
}
