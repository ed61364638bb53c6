package onboarding

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"sidetext/chat"
	"sidetext/recharge"
	"sidetext/widget"
)

// A RechargeAccess is what a merchant enters to connect Recharge.
type RechargeAccess struct {
	Token  chat.Secret
	Secret chat.Secret // signs webhooks: the "API Client Secret" of the token
}

// ConnectRecharge starts the job that connects a shop's store in Recharge, or connects
// it with another token.
func (o *Onboarding) ConnectRecharge(ctx context.Context, shop chat.ShopID, access RechargeAccess) error {
	return o.connectVendor(ctx, chat.Connection{Shop: shop, Vendor: chat.Recharge, Token: access.Token, Secret: access.Secret})
}

// A rechargeAccount is a store in Recharge.
type rechargeAccount struct {
	client RechargeClient
	access chat.Connection
}

func (a rechargeAccount) steps() []widget.Step {
	steps := []widget.Step{{ID: "token", Name: "Token"}}
	for _, s := range a.scopes() {
		steps = append(steps, s.step())
	}
	return append(steps,
		widget.Step{ID: "store", Name: "Your store’s data"}, widget.Step{ID: "settings", Name: "What customers may do themselves"},
		widget.Step{ID: "read", Name: "Test: customers and subscriptions"}, widget.Step{ID: "secret", Name: "Client secret"})
}

func (a rechargeAccount) scopes() (needed []scope) {
	for _, s := range recharge.Scopes {
		needed = append(needed, scope{names: s.Names, why: s.Why})
	}
	return needed
}

func (a rechargeAccount) where(names string) string {
	return "In Recharge open Tools & apps, API tokens, and your token. Give it " + names + " and save: the token stays the same."
}

func (a rechargeAccount) inspect(ctx context.Context, list checklist, c *chat.Connection) (notes []Note, err error) {
	err = list.run("token", "Token", func() (stepResult, error) {
		token, err := a.client.Token(ctx)
		c.Scopes = token.Scopes
		if token.Name == "" {
			return stepResult{Detail: "Recharge accepts it."}, err
		}
		return stepResult{Detail: "Recharge accepts it: " + describe("“"+token.Name+"”", token.Email)}, err
	})
	if err != nil {
		return nil, err
	}
	if notes, err = checkScopes(list, chat.Recharge, a.scopes(), c.Scopes, a.where); err != nil {
		return notes, err
	}
	err = list.run("store", "Your store’s data", func() (stepResult, error) {
		store, err := a.client.Store(ctx)
		if err == nil && store.Domain == "" {
			err = chat.Invalid("Recharge does not say which store the token belongs to. Please try again later.")
		}
		c.Account = strings.ToLower(store.Domain)
		return stepResult{Detail: describe(store.Name, store.Domain, "time zone "+store.TimeZone, "currency "+store.Currency)}, err
	})
	if err != nil {
		return notes, err
	}
	if note := a.readSettings(ctx, list, c); note != "" {
		notes = append(notes, Note{Text: note, Minor: true})
	}
	err = list.run("read", "Test: customers and subscriptions", func() (stepResult, error) {
		return stepResult{Detail: "They can be read."}, a.client.TestRead(ctx)
	})
	if err != nil {
		return notes, err
	}
	return notes, list.run("secret", "Client secret", func() (stepResult, error) {
		if a.access.Secret == "" || a.access.Secret == a.access.Token {
			return stepResult{}, chat.Invalid("The API Client Secret is missing. It is on the token’s page in Recharge, and it is not the token.")
		}
		return stepResult{Detail: "Entered. Webhooks are signed with it."}, nil
	})
}

// settingsUnread says that Recharge does not show what the customer portal allows.
const settingsUnread = "We could not read what your customer portal allows; you can set it by hand later."

// readSettings reads what the customer portal allows. It may be refused: Recharge does
// not document whether tokens can read it.
func (a rechargeAccount) readSettings(ctx context.Context, list checklist, c *chat.Connection) (note string) {
	_ = list.run("settings", "What customers may do themselves", func() (stepResult, error) {
		settings, err := a.client.ShopSettings(ctx)
		if err != nil || len(bytes.TrimSpace(settings)) == 0 {
			var refusal *chat.SendError
			if len(c.Settings) > 0 && errors.As(err, &refusal) && refusal.Outcome != chat.Rejected {
				return stepResult{Warned: true, Detail: "Recharge did not answer. We go on with what was read before."}, nil
			}
			note = settingsUnread
			return stepResult{Warned: true, Detail: settingsUnread}, nil
		}
		c.Settings = settings
		return stepResult{Detail: "The settings of your customer portal can be read."}, nil
	})
	return note
}

func (a rechargeAccount) wanted(public string, c chat.Connection) (wanted []chat.Registration) {
	for _, topic := range recharge.Topics {
		wanted = append(wanted, chat.Registration{Topic: topic, Address: public + "/hooks/recharge/" + c.Endpoint + "/" + topic})
	}
	return wanted
}
