package shopify

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Subscription is a webhook that the app has subscribed to through the API.
type Subscription struct {
	ID      int64
	Topic   string // "ORDERS_CREATE"
	URI     string
	Filter  string
	Name    string
	Fields  []string // of the payload; empty: all
	Created time.Time
	Updated time.Time
}

func (s *Subscription) id() int64 { return s.ID }

// mutations returns the fields of Mutation.
func (s *Shopify) mutations(x *execution) object {
	return object{
		"webhookSubscriptionCreate": func(args arguments) any {
			sub := &Subscription{Topic: args.text("topic"), Created: now()}
			return s.saveSubscription(sub, args.object("webhookSubscription"))
		},
		"webhookSubscriptionUpdate": func(args arguments) any {
			sub := find(s.subscriptions, parseGID("WebhookSubscription", args.text("id")))
			if sub == nil {
				return object{"userErrors": userErrors("id", "Webhook subscription does not exist")}
			}
			return s.saveSubscription(sub, args.object("webhookSubscription"))
		},
		"webhookSubscriptionDelete": func(args arguments) any {
			if !s.removeSubscription(parseGID("WebhookSubscription", args.text("id"))) {
				return object{"userErrors": userErrors("id", "Webhook subscription does not exist")}
			}
			return object{"deletedWebhookSubscriptionId": args.text("id"), "userErrors": []object{}}
		},
		"customerSmsMarketingConsentUpdate": func(args arguments) any { return s.updateConsent(x, args.object("input")) },
	}
}

// userErrors is the list with one error of a mutation.
func userErrors(field, message string) []object {
	return []object{{"field": strings.Split(field, "."), "message": message}}
}

// saveSubscription creates or changes a subscription.
func (s *Shopify) saveSubscription(sub *Subscription, in arguments) object {
	next := *sub
	for name, field := range map[string]*string{"callbackUrl": &next.URI, "filter": &next.Filter, "name": &next.Name} {
		if value, ok := in[name].(string); ok {
			*field = value
		}
	}
	next.URI = cmp.Or(in.text("uri"), next.URI)
	if fields, ok := in["includeFields"].([]any); ok {
		next.Fields = nil
		for _, f := range fields {
			next.Fields = append(next.Fields, fmt.Sprint(f))
		}
	}
	taken := func(other *Subscription) bool {
		return other.ID != next.ID && other.Topic == next.Topic && other.URI == next.URI && other.Filter == next.Filter
	}
	switch {
	case !isAddress(next.URI):
		return object{"userErrors": userErrors("webhookSubscription.callbackUrl", "Address is invalid")}
	case !s.hasScope(topicScope(next.Topic)):
		return object{"userErrors": userErrors("topic", "You cannot create a webhook subscription with the specified topic")}
	case slices.ContainsFunc(s.subscriptions, taken):
		return object{"userErrors": userErrors("webhookSubscription.callbackUrl", "Address for this topic has already been taken")}
	}
	next.Updated = now()
	*sub = next
	if sub.ID == 0 {
		sub.ID = s.nextID()
		s.subscriptions = insert(s.subscriptions, sub)
	}
	return object{"webhookSubscription": s.subscriptionObject(sub), "userErrors": []object{}}
}

// isAddress reports whether webhooks can be sent to an address: by HTTPS, or to this
// machine.
func isAddress(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	local := u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127.")
	return u.Scheme == "https" || u.Scheme == "http" && local
}

// topicScope is the scope that a topic needs.
func topicScope(topic string) string {
	switch {
	case topic == "CUSTOMERS_MERGE":
		return "read_customer_merge"
	case strings.HasPrefix(topic, "CUSTOMERS_"):
		return "read_customers"
	case strings.HasPrefix(topic, "FULFILLMENT"):
		return "read_fulfillments"
	case strings.HasPrefix(topic, "APP_"):
		return ""
	}
	return "read_orders"
}

func (s *Shopify) removeSubscription(id int64) bool {
	i, ok := index(s.subscriptions, id)
	if ok {
		s.subscriptions = slices.Delete(s.subscriptions, i, i+1)
	}
	return ok
}

func (s *Shopify) listSubscriptions(args arguments) any {
	topics, _ := args["topics"].([]any)
	key := func(*Subscription) string { return "" }
	reverse, _ := args["reverse"].(bool)
	return connection(list[*Subscription]{
		sortRows(s, "subscriptions", s.subscriptions, key, reverse), key,
		func(sub *Subscription) bool {
			return (len(topics) == 0 || slices.Contains(topics, any(sub.Topic))) && (args.text("uri") == "" || args.text("uri") == sub.URI)
		},
		s.subscriptionObject,
	}, args)
}

func (s *Shopify) subscriptionObject(sub *Subscription) object {
	return object{
		"id": gid("WebhookSubscription", sub.ID), "legacyResourceId": fmt.Sprint(sub.ID), "topic": sub.Topic, "uri": sub.URI, "callbackUrl": sub.URI,
		"filter": orNull(sub.Filter), "name": orNull(sub.Name), "includeFields": append([]string{}, sub.Fields...), "format": "JSON",
		"apiVersion": showVersion(s.account.AppVersion), "createdAt": stamp(sub.Created), "updatedAt": stamp(sub.Updated),
	}
}

// updateConsent handles customerSmsMarketingConsentUpdate.
func (s *Shopify) updateConsent(x *execution, in arguments) any {
	if err := s.allowed("customerSmsMarketingConsentUpdate", "write_customers"); err != nil {
		return err
	}
	consent := in.object("smsMarketingConsent")
	state, level := consent.text("marketingState"), consent.text("marketingOptInLevel")
	at, timeErr := time.Parse(time.RFC3339, cmp.Or(consent.text("consentUpdatedAt"), stamp(now())))
	c := s.customerByGID(in.text("customerId"))
	refuse := func(field, message, code string) object {
		errs := userErrors(field, message)
		errs[0]["code"] = code
		return object{"userErrors": errs}
	}
	switch {
	case c == nil:
		return refuse("input.customerId", "Customer not found", "INVALID")
	case c.Phone == "":
		return refuse("input.smsMarketingConsent", "A phone number is required to set the SMS consent state.", "INVALID")
	case state == "NOT_SUBSCRIBED" || state == "REDACTED":
		return refuse("input.smsMarketingConsent.marketingState", "Cannot specify "+state+" as a marketing state input", "INVALID")
	case state == "SUBSCRIBED" && level == "":
		return refuse("input.smsMarketingConsent.marketingOptInLevel", "Must be specified if subscribed", "MISSING_ARGUMENT")
	case timeErr != nil || at.After(time.Now().Add(time.Minute)):
		return refuse("input.smsMarketingConsent.consentUpdatedAt", "Must not be in the future", "INVALID")
	}
	s.setConsent(c, Consent{State: state, Level: cmp.Or(level, c.Consent.Level), Source: "OTHER", At: at.Truncate(time.Second)})
	return object{"customer": s.showCustomer(x, c), "userErrors": []object{}}
}
