package shopify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// queries returns the fields of QueryRoot.
func (s *Shopify) queries(x *execution) object {
	customers := func(name string, read func(arguments) any) func(arguments) any {
		return func(args arguments) any {
			if err := s.allowed(name, "read_customers"); err != nil {
				return err
			}
			return read(args)
		}
	}
	orders := func(name string, read func(arguments) any) func(arguments) any {
		return func(args arguments) any {
			if err := s.allowed(name, "read_orders"); err != nil {
				return err
			}
			return read(args)
		}
	}
	return object{
		"shop": object{
			"id": gid("Shop", 1), "name": s.account.Name, "email": s.account.Email, "myshopifyDomain": s.account.Store,
			"ianaTimezone": s.account.TimeZone, "currencyCode": s.account.Currency, "url": "https://" + s.account.Store,
			"primaryDomain": object{"host": s.account.Store, "url": "https://" + s.account.Store},
			"plan": object{
				"displayName": s.account.Plan, "publicDisplayName": s.account.Plan, "partnerDevelopment": false,
				"shopifyPlus": strings.Contains(s.account.Plan, "Plus"),
			},
		},
		"currentAppInstallation": object{"id": gid("AppInstallation", 1), "accessScopes": func(arguments) any {
			out := []object{}
			for _, scope := range s.scopes {
				out = append(out, object{"handle": scope, "description": strings.ReplaceAll(scope, "_", " ")})
			}
			return out
		}},
		"publicApiVersions": func(arguments) any {
			out := []object{}
			for _, version := range Versions() {
				out = append(out, showVersion(version))
			}
			return out
		},
		"customers": customers("customers", func(args arguments) any { return s.listCustomers(x, args) }),
		"customer":  customers("customer", func(args arguments) any { return s.customerObject(x, s.customerByGID(args.text("id"))) }),
		"customerByIdentifier": customers("customerByIdentifier", func(args arguments) any {
			return s.customerObject(x, s.customerByIdentifier(args.object("identifier")))
		}),
		"orders": orders("orders", func(args arguments) any { return s.listOrders(x, "orders", args, s.orders) }),
		"order": orders("order", func(args arguments) any {
			o := find(s.orders, parseGID("Order", args.text("id")))
			if o == nil || !s.visible(o) {
				return nil
			}
			return s.orderObject(x, o)
		}),
		"webhookSubscriptions": func(args arguments) any { return s.listSubscriptions(args) },
		"webhookSubscription": func(args arguments) any {
			if sub := find(s.subscriptions, parseGID("WebhookSubscription", args.text("id"))); sub != nil {
				return s.subscriptionObject(sub)
			}
			return nil
		},
	}
}

func showVersion(version string) object {
	return object{"handle": version, "displayName": version, "supported": true}
}

func (s *Shopify) listCustomers(x *execution, args arguments) any {
	reverse, _ := args["reverse"].(bool)
	key := func(c *Customer) string {
		switch args.text("sortKey") {
		case "CREATED_AT":
			return stamp(c.CreatedAt)
		case "UPDATED_AT":
			return stamp(c.UpdatedAt)
		}
		return ""
	}
	keep := search(x, "customers", args.text("query"), map[string]func(*Customer) []string{
		"id":         func(c *Customer) []string { return []string{strconv.FormatInt(c.ID, 10)} },
		"email":      func(c *Customer) []string { return []string{c.Email} },
		"phone":      phonesOf,
		"created_at": func(c *Customer) []string { return []string{stamp(c.CreatedAt)} },
		"updated_at": func(c *Customer) []string { return []string{stamp(c.UpdatedAt)} },
	})
	return connection(list[*Customer]{
		sortRows(s, "customers/"+args.text("sortKey"), s.customers, key, reverse), key, keep,
		func(c *Customer) object { return s.showCustomer(x, c) },
	}, args)
}

// phonesOf returns all phones by which a customer is found: the own one and those of
// addresses, as typed and as digits with a plus.
func phonesOf(c *Customer) (out []string) {
	for _, phone := range append([]string{c.Phone}, addressPhones(c)...) {
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, phone)
		out = append(out, phone, "+"+digits, "+1"+digits)
	}
	return out
}

func addressPhones(c *Customer) (out []string) {
	for _, a := range c.Addresses {
		out = append(out, a.Phone)
	}
	return out
}

func (s *Shopify) customerByGID(id string) *Customer {
	return find(s.customers, parseGID("Customer", id))
}

// customerByIdentifier finds a customer by the own phone in E.164, the e-mail address or
// the id.
func (s *Shopify) customerByIdentifier(identifier arguments) *Customer {
	if id := identifier.text("id"); id != "" {
		return s.customerByGID(id)
	}
	email, phone := identifier.text("emailAddress"), identifier.text("phoneNumber")
	i := slices.IndexFunc(s.customers, func(c *Customer) bool {
		return email != "" && strings.EqualFold(c.Email, email) || phone != "" && c.Phone == phone
	})
	if i < 0 {
		return nil
	}
	return s.customers[i]
}

func (s *Shopify) listOrders(x *execution, field string, args arguments, rows []*Order) any {
	reverse, _ := args["reverse"].(bool)
	key := func(o *Order) string {
		switch args.text("sortKey") {
		case "UPDATED_AT":
			return stamp(o.UpdatedAt)
		case "CREATED_AT", "PROCESSED_AT":
			return stamp(o.CreatedAt)
		}
		return ""
	}
	one := func(value func(*Order) string) func(*Order) []string {
		return func(o *Order) []string { return []string{value(o)} }
	}
	created := one(func(o *Order) string { return stamp(o.CreatedAt) })
	keep := search(x, field, args.text("query"), map[string]func(*Order) []string{
		"id":                  one(func(o *Order) string { return strconv.FormatInt(o.ID, 10) }),
		"name":                func(o *Order) []string { return []string{o.Name(), strconv.Itoa(o.Number)} },
		"email":               one(func(o *Order) string { return o.Email }),
		"customer_id":         one(func(o *Order) string { return strconv.FormatInt(o.CustomerID, 10) }),
		"confirmation_number": one(func(o *Order) string { return o.Confirmation }),
		"created_at":          created,
		"processed_at":        created,
		"updated_at":          one(func(o *Order) string { return stamp(o.UpdatedAt) }),
		"financial_status":    one(func(o *Order) string { return o.Financial }),
		"fulfillment_status":  one(func(o *Order) string { return o.displayStatus() }),
		"test":                one(func(o *Order) string { return strconv.FormatBool(o.Test) }),
		"status": func(o *Order) []string {
			return []string{"any", map[bool]string{true: "open", false: "cancelled"}[o.CancelledAt.IsZero()]}
		},
	})
	name := fmt.Sprint(field, args.text("sortKey"), len(rows))
	if field != "orders" { // of one customer
		delete(s.sorted, name+fmt.Sprint(reverse))
	}
	return connection(list[*Order]{
		sortRows(s, name, rows, key, reverse), key,
		func(o *Order) bool { return s.visible(o) && keep(o) },
		func(o *Order) object { return s.orderObject(x, o) },
	}, args)
}

// visible reports whether the app may see an order: without read_all_orders, only those
// of the last 60 days (shopify.dev/docs/api/usage/access-scopes).
func (s *Shopify) visible(o *Order) bool {
	return s.hasScope("read_all_orders") || time.Since(o.CreatedAt) < 60*24*time.Hour
}

func gid(kind string, id int64) string { return fmt.Sprintf("gid://shopify/%s/%d", kind, id) }

// parseGID returns the number in an id of a kind, or 0.
func parseGID(kind, id string) int64 {
	rest, _ := strings.CutPrefix(id, "gid://shopify/"+kind+"/")
	n, _ := strconv.ParseInt(rest, 10, 64)
	return n
}

// stamp formats a time as the API does.
func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func stampOrNull(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return stamp(at)
}
