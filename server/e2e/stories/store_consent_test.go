package stories

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/shopify"
	"sidetext/server/e2e/stage"
)

// profile is what the directory knows of a phone.
func profile(s *stage.Stage, phone chat.Phone) chat.Profile {
	p, err := s.App.Store.Profile(context.Background(), s.Shop.ID, phone)
	if err != nil && err != chat.ErrNotFound {
		s.T.Fatal(err)
	}
	return p
}

func setStatus(s *stage.Stage, status chat.ConnectionStatus) {
	s.T.Helper()
	stage.Must(s.T, s.App.Store.SetConnectionStatus(context.Background(), s.Shop.ID, chat.Shopify, status, chat.Problem{}, time.Now()))
}

// STOP unsubscribes the customers whose own phone it is in the store, once, also if the
// store could not be reached meanwhile. Nothing that the shopper texts, and nothing
// that a merchant does, subscribes them again.
func TestStopAndStore(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]func(*stage.Stage) (back func()){
		"reachable": func(*stage.Stage) func() { return func() {} },
		"down": func(s *stage.Stage) func() {
			s.World.Shopify.SetUnavailable(503)
			return func() { s.World.Shopify.SetUnavailable(0) }
		},
		"paused": func(s *stage.Stage) func() {
			setStatus(s, chat.ConnectionPaused)
			return func() { setStatus(s, chat.ConnectionActive) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stage.New(t)
			s.ConnectVendors()
			const phone = "+13125550188"
			id := s.World.Shopify.AddCustomer(shopify.Customer{FirstName: "Cara", LastName: "Low", Email: "cara@example.com", Phone: phone})
			other := s.World.Shopify.AddCustomer(shopify.Customer{FirstName: "Dan", Email: "dan@example.com", Phone: "+13125550189",
				Addresses: []shopify.Address{{Phone: "(312) 555-0188", CountryCode: "US"}}})
			for _, one := range []int64{id, other} {
				stage.Must(t, s.World.Shopify.SetConsent(one, shopify.Consent{State: "SUBSCRIBED", Level: "SINGLE_OPT_IN", At: time.Now().Add(-time.Hour)}))
			}
			stage.Until(t, "both are subscribed", func() bool {
				return profile(s, phone).Marketing == chat.ConsentGiven && profile(s, "+13125550189").Marketing == chat.ConsentGiven
			})
			back := away(s)
			s.SendText(phone, "STOP")
			stage.Until(t, "the profile says so", func() bool { return profile(s, phone).Marketing == chat.ConsentRevoked })
			back()
			stage.Until(t, "unsubscribed in the store", func() bool {
				c, _ := s.World.Shopify.Customer(id)
				return c.Consent.State == "UNSUBSCRIBED"
			})
			s.SendText(phone, "stop")
			stage.Must(t, s.World.Shopify.SetConsent(id, shopify.Consent{State: "SUBSCRIBED", Level: "SINGLE_OPT_IN"}))
			s.SendText(phone, "START")
			stage.Must(t, s.World.Shopify.SetConsent(other, shopify.Consent{State: "PENDING"}))
			stage.Until(t, "the last change has come", func() bool { return profile(s, "+13125550189").Marketing == chat.ConsentPending })
			if c, _ := s.World.Shopify.Customer(other); c.Consent.State != "PENDING" {
				t.Errorf("Dan, whose own phone it is not, is %+v", c.Consent)
			}
			if c, _ := s.World.Shopify.Customer(id); c.Consent.State != "SUBSCRIBED" {
				t.Errorf("the store was told again: %+v", c.Consent)
			}
			if got := profile(s, phone).Marketing; got != chat.ConsentRevoked {
				t.Errorf("subscribed by a merchant: %q", got)
			}
			evidence, err := s.App.Store.Consents(context.Background(), s.Shop.ID, phone)
			if words := func(c chat.Consent) bool {
				return c.Words == "STOP" && c.Source == chat.ConsentByText && !c.At.IsZero()
			}; err != nil || !slices.ContainsFunc(evidence, words) {
				t.Errorf("the evidence is %+v, %v", evidence, err)
			}
		})
	}
}

// Shopify's requests about a person: what is stored is handed over, and erased. Only the
// opt-out stays.
func TestPersonOfStoreErased(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.ConnectVendors()
	ctx := context.Background()
	const phone = "+13125550188"
	id := s.World.Shopify.AddCustomer(shopify.Customer{FirstName: "Cara", LastName: "Low", Email: "cara@example.com", Phone: phone})
	s.World.Shopify.PlaceOrder(shopify.Order{CustomerID: id, Email: "cara@example.com", Items: []shopify.Item{{Title: "Coffee", Quantity: 1}}})
	stage.Until(t, "the order", func() bool { return profile(s, phone).LastOrder != nil })
	s.SendText(phone, "my grinder is loud")
	s.SendText(phone, "STOP")
	s.SendText(stage.Jane, "nothing of Cara's")
	s.World.Shopify.RequestData(id)
	var request chat.PrivacyRequest
	stage.Until(t, "the request", func() bool {
		all, err := s.App.Store.PrivacyRequests(ctx, s.Shop.ID)
		stage.Must(t, err)
		if len(all) > 0 {
			request = all[0]
		}
		return len(all) > 0
	})
	stage.Until(t, "two texts", func() bool { return len(s.TextsFrom(phone)) == 2 })
	export, err := s.App.Store.ExportPerson(ctx, s.Shop.ID, request)
	stage.Must(t, err)
	doc, err := json.Marshal(export)
	stage.Must(t, err)
	for _, want := range []string{"my grinder is loud", "cara@example.com", "Coffee", `"STOP"`, phone} {
		if !strings.Contains(string(doc), want) {
			t.Errorf("the export lacks %q", want)
		}
	}
	if strings.Contains(string(doc), "nothing of") || strings.Contains(string(doc), "Jane") {
		t.Errorf("the export has another person:\n%s", doc)
	}
	former := s.Conversation(phone).Conversation.ID
	s.World.Shopify.RedactCustomer(id)
	stage.Until(t, "erased", func() bool { return profile(s, phone).Customer == "" })
	s.SendText(phone, "hello?")
	after := s.WaitForConversation(phone, "a new conversation", func(c chat.Snapshot) bool { return c.Conversation.ID != former })
	if !after.Conversation.OptedOut || after.Shopper.Name != "" || after.Shopper.Purchased {
		t.Errorf("the erased person is %+v, opted out %v", after.Shopper, after.Conversation.OptedOut)
	}
	s.SendText(phone, "START")
	s.WaitForConversation(phone, "opted in", func(c chat.Snapshot) bool { return !c.Conversation.OptedOut })
}
