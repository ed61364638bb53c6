package widget

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"sidetext/chat"
	"sidetext/gorgias"
)

// A Plan says what to install.
type Plan struct {
	Shop      chat.ShopID  // marks what is ours, should its address change
	CardURL   string       // where the helpdesk asks for the card; without a query
	EventURL  string       // where it tells of events; without a query
	PublicURL string       // where browsers reach us: "https://sms.example.com"
	Secret    chat.Secret  // comes with every call, in the header SecretHeader
	Tag       string       // for tickets that we open
	Title     string       // of the card; empty: DefaultTitle
	Known     Installation // what was made before, or nothing
}

// DefaultTitle is the card's title: merchants know the card as the Recharge
// widget, and the tag beside it says the same.
const DefaultTitle = "RechargeSMS"

func (p Plan) title() string { return cmp.Or(singleLine(p.Title), DefaultTitle) }

// What the integrations are called in the helpdesk.
const (
	cardName   = "Sidetext card"
	eventsName = "Sidetext events"
)

// Version changes whenever what the plan installs does: an installation with
// another version is to be done again.
func (p Plan) Version() (string, error) {
	body, err := buildTemplate(strings.TrimRight(p.PublicURL, "/"), p.title())
	if err != nil {
		return "", err
	}
	p.Secret = ""
	drafts, err := json.Marshal([]any{p.card(), p.events(), body, p.Tag})
	if err != nil {
		return "", fmt.Errorf("widget: describe plan: %w", err)
	}
	sum := sha256.Sum256(drafts)
	return hex.EncodeToString(sum[:8]), nil
}

// SecretHeader carries Plan.Secret. Gorgias publishes no way to sign calls.
const SecretHeader = "X-Sidetext-Secret"

// Installation is what an installation made. Whoever installs keeps it.
type Installation struct {
	// Account is where: the ids mean other things in another helpdesk.
	Account string `json:"account"`

	Tag    gorgias.ID  `json:"tag"`
	Card   gorgias.ID  `json:"card"`   // integration
	Events gorgias.ID  `json:"events"` // integration
	Widget gorgias.ID  `json:"widget"`
	Found  CheckResult `json:"-"`
}

// Install checks the helpdesk (see Check), then makes what is missing and puts
// right what is there. Done twice, there still is one of each; after a failure it
// may simply be done again. What it made is returned with an error too: keep it.
func Install(ctx context.Context, api *gorgias.Client, plan Plan, report func(Step)) (Installation, error) {
	if plan.Known.Account != api.Account() {
		plan.Known = Installation{Account: api.Account()}
	}
	made := plan.Known
	if err := plan.validate(); err != nil {
		return made, err
	}
	w := newStepRunner(api.Account(), report, checkSteps, installSteps)
	var err error
	if made.Found, err = check(ctx, api, w); err != nil {
		return made, err
	}
	err = w.run("tag", func() (string, string, error) {
		tag, err := api.EnsureTag(ctx, plan.Tag, "Tickets that Sidetext opened from texts.")
		if err != nil {
			return "", api.Page(tagsPage), err
		}
		made.Tag = tag.ID
		return "Our tickets are tagged " + tag.Name + ".", api.Page(tagsPage), nil
	})
	if err != nil {
		return made, err
	}
	for _, part := range []struct {
		step  string
		id    *gorgias.ID
		draft gorgias.IntegrationDraft
	}{{"card", &made.Card, plan.card()}, {"events", &made.Events, plan.events()}} {
		err = w.run(part.step, func() (string, string, error) {
			id, detail, err := ensureIntegration(ctx, api, *part.id, part.draft)
			if err != nil {
				return "", api.Page(httpPage), err
			}
			*part.id = id
			return detail, api.Page(httpPage + id.String()), nil
		})
		if err != nil {
			return made, err
		}
	}
	return made, w.run("widget", func() (string, string, error) {
		id, detail, err := ensureWidget(ctx, api, plan, made)
		if err == nil {
			made.Widget = id
		}
		return detail, "", err
	})
}

func (p Plan) validate() error {
	for _, address := range []string{p.CardURL, p.EventURL, p.PublicURL} {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" ||
			strings.ContainsAny(address, "?#{}") || u.User != nil {
			return fmt.Errorf("widget: not an address to install: %q", address)
		}
	}
	switch {
	case p.CardURL == p.EventURL:
		return errors.New("widget: card and events need addresses of their own")
	case len(p.Secret) < 16:
		return errors.New("widget: the secret is too short")
	case p.Shop == "" || p.Tag == "" || len(p.Tag) > 256:
		return errors.New("widget: a plan needs a shop and a tag of at most 256 bytes")
	}
	return nil
}

// marker is how to know our own integrations by, when their addresses changed. A
// name alone won't do: two shops may share a helpdesk.
func (p Plan) marker() string { return "Made by Sidetext (" + string(p.Shop) + ")." }

func (p Plan) card() gorgias.IntegrationDraft {
	// Written by hand: encoded braces are not replaced. GET has no form, which
	// would end up in the query as one odd key. Values are put in as they are, so
	// there are only ids, booleans and words of Gorgias's own: what a person typed
	// may break the address.
	query := "?ticket={{ticket.id}}&customer={{ticket.customer.id}}" +
		"&status={{ticket.status}}&via={{message.via}}&channel={{message.channel}}&agent={{message.from_agent}}&public={{message.public}}&sender={{message.sender.id}}"
	return p.draft(cardName, "Fetches the card beside a ticket.", gorgias.HTTP{
		Method: "GET", URL: p.CardURL + query,
		Triggers: map[string]bool{gorgias.TicketCreated: true, gorgias.TicketUpdated: true,
			gorgias.MessageCreated: true, gorgias.TicketStatusUpdated: true},
	})
}

func (p Plan) events() gorgias.IntegrationDraft {
	return p.draft(eventsName, "Tells Sidetext what happens to tickets.", gorgias.HTTP{
		Method: "POST", URL: p.EventURL, Form: gorgias.HookForm(),
		Triggers: map[string]bool{gorgias.MessageCreated: true, gorgias.TicketStatusUpdated: true,
			gorgias.TicketUpdated: true},
	})
}

func (p Plan) draft(name, what string, call gorgias.HTTP) gorgias.IntegrationDraft {
	call.Headers = map[string]string{SecretHeader: string(p.Secret)}
	call.RequestType, call.ResponseType = "application/json", "application/json"
	return gorgias.IntegrationDraft{Name: name, Type: "http", Description: what + " " + p.marker(), HTTP: call}
}
