package onboarding

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/server/helpdesk"
	"sidetext/widget"
)

// ConnectGorgias starts the job that connects a shop's helpdesk, or repairs the
// connection.
func (o *Onboarding) ConnectGorgias(ctx context.Context, shop chat.ShopID, account, username string, key chat.Secret) error {
	client, err := o.Accounts.Client(account, username, key)
	if err != nil {
		return err
	}
	return o.Jobs.Start(ctx, shop, GorgiasConnect, func(ctx context.Context, report func(widget.Step)) error {
		h, err := o.Store.Helpdesk(ctx, shop)
		var before helpdesk.Made
		moves := err == nil && h.Account != account
		if err == nil && !moves {
			before, err = helpdesk.MadeBy(h)
		} else if moves || errors.Is(err, chat.ErrNotFound) {
			h, err = chat.Helpdesk{Shop: shop, Account: account, Endpoint: randomSecret(), Secret: chat.Secret(randomSecret())}, nil
		}
		if err != nil {
			return err
		}
		found, err := o.Store.Shop(ctx, shop)
		if err != nil {
			return err
		}
		plan := o.plan(h, found, before)
		version, err := plan.Version()
		if err != nil {
			return err
		}
		installed, err := widget.Install(ctx, client, plan, report)
		if err != nil {
			return err
		}
		h.Username, h.Key, h.Agents = username, key, agents(installed.Found.Agents)
		if h.Made, err = json.Marshal(helpdesk.Made{Widget: installed, Me: installed.Found.Me.ID, Support: installed.Found.Support, Version: version}); err != nil {
			return err
		}
		if moves {
			if err := o.Store.RemoveHelpdesk(ctx, shop, o.Now()); err != nil {
				return err
			}
		}
		if err := o.Store.SaveHelpdesk(ctx, h, o.Now()); err != nil {
			return err
		}
		o.Events.Publish(hub.Event{Kind: cluster.SettingsChanged})
		o.Events.Publish(hub.Event{Kind: cluster.AccountResumed, Subject: chat.HelpdeskAccount(account)})
		return o.syncAll(ctx, shop, installed.Card != before.Widget.Card)
	})
}

func agents(users []gorgias.User) []chat.Agent {
	var found []chat.Agent
	for _, u := range users {
		found = append(found, chat.Agent{ID: u.ID.String(), Name: u.DisplayName(), Email: u.Email})
	}
	return found
}

// reconnectNote is a note on the tickets that are open when a helpdesk is connected.
// Gorgias fetches a card only when something happens to a ticket, so the note also
// makes the card appear.
const reconnectNote = "Sidetext is connected. The card beside this ticket shows the texts with this shopper, and “Text via SMS” opens them. Agents who used it before have to sign in again."

// syncAll updates the tickets of all conversations in human mode. If fresh is set,
// because the card was just installed, it also has the helpdesk fetch the card of
// every open ticket. A ticket that several conversations share gets one note.
func (o *Onboarding) syncAll(ctx context.Context, shop chat.ShopID, fresh bool) error {
	waiting, err := o.Store.OpenEscalations(ctx, shop)
	if err != nil {
		return err
	}
	open, err := o.Store.OpenTickets(ctx, shop)
	if err != nil {
		return err
	}
	noted := map[string]bool{} // tickets, by their ids in the helpdesk
	for _, id := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(waiting, open)))) {
		turn, err := o.Store.Turn(ctx, shop, id, o.Now(), func(t *chat.Turn) error {
			if t.Escalation != nil && (t.Ticket == nil || t.Ticket.Lost) {
				t.NewTicket(t.Escalation.From)
			}
			t.SyncTicket()
			if fresh && t.Ticket != nil && !noted[t.Ticket.Remote] {
				t.NoteOnTicket(reconnectNote)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if k := turn.Ticket; k != nil && !k.Lost {
			noted[k.Remote] = true
		}
	}
	o.Wake()
	return nil
}

// randomSecret makes 256 random bits, safe in an address.
func randomSecret() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // documented never to fail
	return base64.RawURLEncoding.EncodeToString(raw)
}
