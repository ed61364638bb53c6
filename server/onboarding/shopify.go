package onboarding

import (
	"context"
	"errors"
	"strconv"

	"sidetext/chat"
	"sidetext/shopify"
	"sidetext/widget"
)

// errScope is the cause of a refusal that we conclude from the scopes of a token.
var errScope = errors.New("onboarding: a needed scope is not granted")

// A ShopifyAccess is what a merchant enters to connect Shopify: either the client id
// and the secret of an app of the Dev Dashboard, or an older app's token and the
// secret that signs its webhooks.
type ShopifyAccess struct {
	Store    string // as it was pasted
	ClientID string
	Secret   chat.Secret
	Token    chat.Secret
}

// ConnectShopify starts the job that connects a shop's store in Shopify, or connects
// it with another access.
func (o *Onboarding) ConnectShopify(ctx context.Context, shop chat.ShopID, access ShopifyAccess) error {
	account, err := shopify.ParseStore(access.Store)
	if err != nil {
		return err
	}
	c := chat.Connection{Shop: shop, Vendor: chat.Shopify, Account: account, ClientID: access.ClientID, Token: access.Token, Secret: access.Secret}
	return o.connectVendor(ctx, c)
}

// A shopifyAccount is a store in Shopify.
type shopifyAccount struct {
	client ShopifyClient
	byApp  bool // with an app of the Dev Dashboard, not with an older token
}

func (a shopifyAccount) steps() []widget.Step {
	steps := []widget.Step{{ID: "reach", Name: "Store"}, {ID: "access", Name: "Access"}}
	for _, s := range a.scopes() {
		steps = append(steps, s.step())
	}
	return append(steps, widget.Step{ID: "shop", Name: "Your store’s data"}, widget.Step{ID: "orders", Name: "Test: the newest orders"})
}

func (a shopifyAccount) scopes() (needed []scope) {
	for _, s := range shopify.Scopes {
		needed = append(needed, scope{s.Names, s.Why, s.Optional})
	}
	return needed
}

func (a shopifyAccount) where(names string) string {
	if a.byApp {
		return "In Shopify’s Dev Dashboard open your app, then Versions. Create a version whose scopes include " + names + ", release it, and then update the app on your store."
	}
	return "In the Shopify admin open Settings, Apps, Develop apps, your app, Configuration. Add " + names + " to its Admin API scopes, save, and install the app again."
}

// hiddenContacts explains orders without any phone and e-mail address: Shopify leaves
// fields empty that an app may not see.
const hiddenContacts = "None of your newest orders has a phone or an e-mail address. If your customers do enter them, Shopify hides them from this app: the access to protected customer data is not granted."

func (a shopifyAccount) inspect(ctx context.Context, list checklist, c *chat.Connection) (notes []Note, err error) {
	found, err := a.client.Installation(ctx)
	if err := a.reportAccess(list, c.Account, err); err != nil {
		return nil, err
	}
	c.Scopes = found.Scopes
	if notes, err = checkScopes(list, chat.Shopify, a.scopes(), found.Scopes, a.where); err != nil {
		return notes, err
	}
	err = list.run("shop", "Your store’s data", func() (stepResult, error) {
		return stepResult{Detail: describe(found.Name, "time zone "+found.TimeZone, "currency "+found.Currency, "plan "+found.Plan)}, nil
	})
	if err != nil {
		return notes, err
	}
	err = list.run("orders", "Test: the newest orders", func() (stepResult, error) {
		read, err := a.client.TestRead(ctx)
		switch {
		case err != nil:
			return stepResult{}, err
		case read.Orders == 0:
			return stepResult{Detail: "There are no orders yet."}, nil
		case read.WithContact == 0:
			notes = append(notes, Note{Text: hiddenContacts + " " + a.protectedData()})
			return stepResult{Warned: true, Detail: hiddenContacts, Fix: a.protectedData()}, nil
		}
		return stepResult{Detail: plural(read.Orders, "order") + " read, " + strconv.Itoa(read.WithContact) + " with a phone or an e-mail address."}, nil
	})
	return notes, err
}

// protectedData says how an app gets the access to protected customer data.
func (a shopifyAccount) protectedData() string {
	if a.byApp {
		return "Apps of the Dev Dashboard have it from the beginning. Check that you entered the client ID of the app that you installed on this store, or ask Shopify’s support."
	}
	return "An app that was created in the Shopify admin has it on the plan Grow and higher. Or create an app in the Dev Dashboard, and connect with its client ID and secret."
}

// reportAccess reports the two steps that the first request shows: whether the store
// answers, and whether it grants us access.
func (a shopifyAccount) reportAccess(list checklist, account string, err error) error {
	var refusal *chat.SendError
	answered := err == nil || errors.As(err, &refusal) && refusal.Outcome == chat.Rejected && refusal.Problem.Code != "shop_closed"
	reached := list.run("reach", "Store", func() (stepResult, error) {
		if !answered {
			return stepResult{}, err
		}
		return stepResult{Detail: account + " answers."}, nil
	})
	if reached != nil {
		return reached
	}
	return list.run("access", "Access", func() (stepResult, error) {
		if a.byApp {
			return stepResult{Detail: "Shopify accepts the client ID and the secret."}, err
		}
		return stepResult{Detail: "Shopify accepts the access token."}, err
	})
}

// wanted leaves out topics whose scope is optional and not granted: Shopify would refuse
// them.
func (a shopifyAccount) wanted(public string, c chat.Connection) (wanted []chat.Registration) {
	for _, topic := range shopify.Topics {
		if topic.Scope == "" || (scope{names: []string{topic.Scope}}).in(c.Scopes) {
			wanted = append(wanted, chat.Registration{Topic: topic.Topic, Address: public + "/hooks/shopify/" + c.Endpoint})
		}
	}
	return wanted
}
