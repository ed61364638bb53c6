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
	Shop      chat.ShopID  // marks our integrations, so that they are found after their URL changed
	CardURL   string       // where the helpdesk fetches the card; without a query
	EventURL  string       // where it sends events; without a query
	PublicURL string       // base URL for browsers: "https://sms.example.com"
	Secret    chat.Secret  // sent with every request in SecretHeader
	Tag       string       // for tickets that we create
	Title     string       // of the card; empty: DefaultTitle
	Known     Installation // the previous installation, or zero
}

// DefaultTitle is the default title of the card. Merchants know it as the Recharge
// widget.
const DefaultTitle = "RechargeSMS"

func (p Plan) title() string { return cmp.Or(singleLine(p.Title), DefaultTitle) }

// Names of the integrations in the helpdesk.
const (
	cardName   = "Sidetext card"
	eventsName = "Sidetext events"
)

// Version returns a hash of what the plan installs. An installation of another
// version needs to be repeated.
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

// SecretHeader contains Plan.Secret. Gorgias has no way to sign requests.
const SecretHeader = "X-Sidetext-Secret"

// Installation contains the ids of what Install created. The caller stores it.
type Installation struct {
	// Account is the helpdesk account in which the ids are valid.
	Account string `json:"account"`

	Tag    gorgias.ID  `json:"tag"`
	Card   gorgias.ID  `json:"card"`   // integration
	Events gorgias.ID  `json:"events"` // integration
	Widget gorgias.ID  `json:"widget"`
	Found  CheckResult `json:"-"`
}

// Install checks the helpdesk (see Check), creates what is missing and repairs the
// rest. It is idempotent and may be retried after an error. With an error it also
// returns what it created so far, which the caller must store.
func Install(ctx context.Context, api *gorgias.Client, plan Plan, report func(Step)) (Installation, error) {
	if plan.Known.Account != api.Account() {
		plan.Known = Installation{Account: api.Account()}
	}
	installed := plan.Known
	if err := plan.validate(); err != nil {
		return installed, err
	}
	r := newStepRunner(api.Account(), report, checkSteps, installSteps)
	var err error
	if installed.Found, err = check(ctx, api, r); err != nil {
		return installed, err
	}
	err = r.run("tag", func() (string, string, error) {
		tag, err := api.EnsureTag(ctx, plan.Tag, "Tickets that Sidetext opened from texts.")
		if err != nil {
			return "", api.Page(tagsPage), err
		}
		installed.Tag = tag.ID
		return "Tag " + tag.Name + " is ready.", api.Page(tagsPage), nil
	})
	if err != nil {
		return installed, err
	}
	for _, part := range []struct {
		step  string
		id    *gorgias.ID
		draft gorgias.IntegrationDraft
	}{{"card", &installed.Card, plan.card()}, {"events", &installed.Events, plan.events()}} {
		err = r.run(part.step, func() (string, string, error) {
			id, detail, err := ensureIntegration(ctx, api, *part.id, part.draft)
			if err != nil {
				return "", api.Page(httpPage), err
			}
			*part.id = id
			return detail, api.Page(httpPage + id.String()), nil
		})
		if err != nil {
			return installed, err
		}
	}
	return installed, r.run("widget", func() (string, string, error) {
		id, detail, err := ensureWidget(ctx, api, plan, installed)
		if err == nil {
			installed.Widget = id
		}
		return detail, "", err
	})
}

func (p Plan) validate() error {
	for _, address := range []string{p.CardURL, p.EventURL, p.PublicURL} {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" ||
			strings.ContainsAny(address, "?#{}") || u.User != nil {
			return fmt.Errorf("widget: invalid URL in plan: %q", address)
		}
	}
	switch {
	case p.CardURL == p.EventURL:
		return errors.New("widget: card and events need different URLs")
	case len(p.Secret) < 16:
		return errors.New("widget: secret is too short")
	case p.Shop == "" || p.Tag == "" || len(p.Tag) > 256:
		return errors.New("widget: plan needs a shop and a tag of at most 256 bytes")
	}
	return nil
}

// marker identifies our integrations after their URLs changed. The name does not,
// because two shops may share a helpdesk.
func (p Plan) marker() string { return "Made by Sidetext (" + string(p.Shop) + ")." }

func (p Plan) card() gorgias.IntegrationDraft {
	// Not made with url.Values, because Gorgias does not replace encoded braces. A GET
	// has no form: it would become one strange key of the query. Gorgias inserts values
	// without encoding, so the query has only ids, booleans and Gorgias' own words: what
	// a person typed could break the URL.
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
