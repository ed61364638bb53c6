package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/hub"
	"sidetext/sms"
	"sidetext/widget"
)

// made is what we keep of a connected helpdesk.
type made struct {
	Widget  widget.Installation `json:"widget"`
	Me      gorgias.ID          `json:"me"` // whose key it is, and so who writes notes
	Support gorgias.Mailbox     `json:"support"`
	Version string              `json:"version,omitempty"` // of the plan that was carried out
}

func madeBy(h chat.Helpdesk) (m made, err error) {
	if err = json.Unmarshal(h.Made, &m); err != nil {
		err = fmt.Errorf("read what was made in a helpdesk: %w", err)
	}
	return m, err
}

// unguessable makes 256 random bits, safe in an address.
func unguessable() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // documented never to fail
	return base64.RawURLEncoding.EncodeToString(raw)
}

// connectGorgias connects a shop's helpdesk, or puts right what is connected.
func (s *server) connectGorgias(ctx context.Context, shop chat.ShopID, account, username string, key chat.Secret) error {
	client, err := s.accounts.Client(account, username, key)
	if err != nil {
		return err
	}
	return s.setups.start(ctx, shop, setupGorgias, func(ctx context.Context, report func(widget.Step)) error {
		h, err := s.store.Helpdesk(ctx, shop)
		var before made
		moves := err == nil && h.Account != account
		if err == nil && !moves {
			before, err = madeBy(h)
		} else if moves || errors.Is(err, chat.ErrNotFound) {
			h, err = chat.Helpdesk{Shop: shop, Account: account, Endpoint: unguessable(), Secret: chat.Secret(unguessable())}, nil
		}
		if err != nil {
			return err
		}
		found, err := s.store.Shop(ctx, shop)
		if err != nil {
			return err
		}
		plan := s.plan(h, found, before)
		version, err := plan.Version()
		if err != nil {
			return err
		}
		installed, err := widget.Install(ctx, client, plan, report)
		if err != nil {
			return err
		}
		h.Username, h.Key, h.Agents = username, key, agents(installed.Found.Agents)
		if h.Made, err = json.Marshal(made{installed, installed.Found.Me.ID, installed.Found.Support, version}); err != nil {
			return err
		}
		if moves {
			if err := s.store.RemoveHelpdesk(ctx, shop, s.now()); err != nil {
				return err
			}
		}
		if err := s.store.SaveHelpdesk(ctx, h, s.now()); err != nil {
			return err
		}
		s.tellNodes(hub.Event{Kind: nodesSettings})
		s.tellNodes(hub.Event{Kind: nodesResume, Subject: chat.HelpdeskAccount(account)})
		return s.syncAll(ctx, shop, installed.Card != before.Widget.Card)
	})
}

func agents(users []gorgias.User) []chat.Agent {
	var found []chat.Agent
	for _, u := range users {
		found = append(found, chat.Agent{ID: u.ID.String(), Name: u.DisplayName(), Email: u.Email})
	}
	return found
}

// cardIsBack is noted on tickets that were open when a helpdesk was connected.
// Gorgias fetches a card only when something happens to a ticket, so the note is
// also what brings the card.
const cardIsBack = "Sidetext is connected. The card beside this ticket shows the texts with this shopper, and “Text via SMS” opens them. Agents who used it before sign in once more."

// syncAll brings the tickets of all conversations that a person has up to date,
// and after fresh is set, when the card was made anew, has the helpdesk fetch the
// card of every open ticket. A ticket that several conversations share is noted
// on once.
func (s *server) syncAll(ctx context.Context, shop chat.ShopID, fresh bool) error {
	waiting, err := s.store.OpenEscalations(ctx, shop)
	if err != nil {
		return err
	}
	open, err := s.store.OpenTickets(ctx, shop)
	if err != nil {
		return err
	}
	noted := map[string]bool{} // tickets, by their ids in the helpdesk
	for _, id := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(waiting, open)))) {
		turn, err := s.store.Turn(ctx, shop, id, s.now(), func(t *chat.Turn) error {
			if t.Escalation != nil && (t.Ticket == nil || t.Ticket.Lost) {
				t.NewTicket(t.Escalation.From)
			}
			t.SyncTicket()
			if fresh && t.Ticket != nil && !noted[t.Ticket.Remote] {
				t.NoteOnTicket(cardIsBack)
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
	s.courier.Wake()
	return nil
}

// connectTwilio takes a number into use: checks it, keeps its credentials, and
// has its texts delivered to us.
func (s *server) connectTwilio(ctx context.Context, shop chat.ShopID, number, account string, token chat.Secret) error {
	phone, err := sms.Parse(number, "US")
	if err != nil {
		return err
	}
	line := chat.Line{ID: chat.NewID[chat.LineID](s.now()), Shop: shop, Number: phone, Provider: "twilio", Account: account, Token: token, Endpoint: unguessable()}
	doors, err := s.store.LineConfigs(ctx, shop)
	if err != nil {
		return err
	}
	for _, d := range doors {
		if d.Line.Number == line.Number {
			line.ID, line.Endpoint, line.Service = d.Line.ID, d.Line.Endpoint, d.Line.Service
		}
	}
	return s.setups.start(ctx, shop, setupTwilio, func(ctx context.Context, report func(widget.Step)) error {
		steps := []struct {
			step widget.Step
			do   func() error
			done string
		}{
			{widget.Step{ID: "check", Name: "Checking the account and the number"}, func() error { return s.twilio.Check(ctx, line) }, sms.Show(phone) + " can send and receive texts."},
			{widget.Step{ID: "keep", Name: "Keeping the credentials"}, func() error {
				defer s.tellNodes(hub.Event{Kind: nodesSettings})
				if err := s.store.SaveLine(ctx, line); err != nil {
					return err
				}
				// From here on its texts are ours, also one whose webhook gets lost.
				if _, err := s.catchUp.Compare(ctx, chat.LineConfig{Shop: chat.Shop{ID: shop}, Line: line}); err != nil {
					s.log.Warn("a number can't be compared yet", "shop", shop, "line", line.ID, "error", err)
				}
				return s.resume(ctx, line)
			}, "They are kept sealed."},
			{widget.Step{ID: "webhook", Name: "Pointing the number at Sidetext"}, func() error { return s.twilio.SetWebhook(ctx, line, s.hook(line, "inbound")) }, "Twilio has the address of Sidetext."},
			{widget.Step{ID: "arrive", Name: "Making sure that texts arrive"}, func() error { return s.arrives(ctx, line) }, "Nothing stands in their way."},
		}
		for _, one := range steps {
			one.step.State = widget.Waiting
			report(one.step)
		}
		for _, one := range steps {
			one.step.State = widget.Doing
			report(one.step)
			err := one.do()
			one.step.State, one.step.Detail = widget.Done, one.done
			if err != nil {
				one.step.State, one.step.Detail = widget.Failed, saidOf(err)
			}
			report(one.step)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// arrives says what keeps a number's texts from arriving here, if anything does.
func (s *server) arrives(ctx context.Context, line chat.Line) error {
	found, err := s.twilio.Inspect(ctx, line, s.hook(line, "inbound"))
	for _, f := range found {
		if err == nil && f.State == "bad" {
			err = &chat.Error{Kind: chat.KindConflict, Code: f.ID, Text: strings.TrimSpace(f.Detail + " " + f.Fix)}
		}
	}
	return err
}

// resume takes up what waited because the line's account was not to be used: what
// made that necessary has been put right.
func (s *server) resume(ctx context.Context, line chat.Line) error {
	if err := s.store.SendHeldTextsNow(ctx, line, s.now()); err != nil {
		return err
	}
	for _, account := range []string{line.SendAccount(), line.QueryAccount(), line.MediaAccount()} {
		s.tellNodes(hub.Event{Kind: nodesResume, Subject: account})
	}
	return nil
}

// refresh reads anew what we know of helpdesks.
func (s *server) refresh(ctx context.Context) error {
	all, err := s.store.Helpdesks(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, h := range all {
		client, err := s.accounts.Client(h.Account, h.Username, h.Key)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, s.lookAfter(ctx, h, client.Background()))
	}
	return errors.Join(errs...)
}

// lookAfter reads who the agents are now, and puts right what calls us. Gorgias
// switches an integration off after 100 failed calls in a row, which an hour of
// ours can bring about; nothing would be heard of tickets from then on. What an
// older release installed, or with other settings, is brought up to date.
func (s *server) lookAfter(ctx context.Context, h chat.Helpdesk, client *gorgias.Client) error {
	ctx, cancel := context.WithTimeout(ctx, setupWithin)
	defer cancel()
	found, err := widget.Check(ctx, client, nil)
	if err == nil {
		err = s.store.SaveAgents(ctx, h, agents(found.Agents), s.now())
	}
	if err != nil {
		return err
	}
	before, err := madeBy(h)
	if err != nil {
		return err
	}
	shop, err := s.store.Shop(ctx, h.Shop)
	if err != nil {
		return err
	}
	plan := s.plan(h, shop, before)
	version, err := plan.Version()
	if err != nil {
		return err
	}
	stale := before.Version != version // of an older release, or its settings have changed
	for _, id := range []gorgias.ID{before.Widget.Card, before.Widget.Events} {
		i, err := client.Integration(ctx, id)
		if err != nil {
			return err
		}
		if !i.DeactivatedAt.IsZero() {
			s.log.Warn("Gorgias had switched an integration off; it is switched on again", "shop", h.Shop, "integration", id)
			stale = true
		}
	}
	if !stale {
		return nil
	}
	if before.Widget, err = widget.Install(ctx, client, plan, nil); err != nil {
		return err
	}
	before.Version = version
	if h.Made, err = json.Marshal(before); err != nil {
		return fmt.Errorf("write what was made in a helpdesk: %w", err)
	}
	return s.store.SaveInstallation(ctx, h)
}

// plan is what a shop's helpdesk gets.
func (s *server) plan(h chat.Helpdesk, shop chat.Shop, before made) widget.Plan {
	address := s.settings.PublicURL + "/hooks/gorgias/" + h.Endpoint
	return widget.Plan{
		Shop: shop.ID, CardURL: address + "/card", EventURL: address + "/event", PublicURL: s.settings.PublicURL,
		Secret: h.Secret, Tag: shop.Settings.Tag, Title: shop.Settings.CardTitle, Known: before.Widget,
	}
}
