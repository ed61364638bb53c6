package store_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

func TestShops(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		if all := must[[]chat.Shop](t)(s.Shops(t.Context())); len(all) != 0 {
			t.Errorf("an empty database has %+v", all)
		}
		h := newShop(t, s, "acme")
		shop := h.config.Shop
		if shop.Name != "acme" || shop.Settings != chat.DefaultSettings {
			t.Errorf("added %+v", shop)
		}
		shop.Name, shop.Settings = "Acme & Söhne", chat.Settings{Tag: "", ReopenWithin: -1, HandBackAfter: time.Nanosecond}
		if err := s.ChangeShop(h.ctx, shop.ID, func(now *chat.Shop) { *now = shop }); err != nil {
			t.Fatal(err)
		}
		if got := must[chat.Shop](t)(s.Shop(h.ctx, shop.ID)); got != shop {
			t.Errorf("got %+v, want %+v", got, shop)
		}
		newShop(t, s, "other")
		if all := must[[]chat.Shop](t)(s.Shops(h.ctx)); len(all) != 2 || all[0] != shop {
			t.Errorf("all %+v", all)
		}
		if err := s.ChangeShop(h.ctx, "unknown", func(*chat.Shop) {}); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("changed an unknown shop: %v", err)
		}
	})
}

func TestLines(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h, other := newShop(t, s, "acme"), newShop(t, s, "other")
		line := h.config.Line
		again := line
		again.ID, again.Endpoint, again.Token, again.Service, again.Pace = "another", "another", "new token", "MG1", 5
		if err := errors.Join(s.SetPace(h.ctx, h.config.Shop.ID, line.ID, 40), s.SaveLine(h.ctx, again)); err != nil {
			t.Fatal(err)
		}
		line.Token, line.Service, line.Pace = again.Token, again.Service, 40
		configs := must[[]chat.LineConfig](t)(s.LineConfigs(h.ctx, h.config.Shop.ID))
		if len(configs) != 1 || configs[0].Line != line || configs[0].Helpdesk != "acme" {
			t.Errorf("lines %+v", configs)
		}
		if got := must[chat.LineConfig](t)(s.LineConfig(h.ctx, line.Endpoint)); !reflect.DeepEqual(got, configs[0]) {
			t.Errorf("line %+v", got)
		}
		if all := must[[]chat.LineConfig](t)(s.AllLineConfigs(h.ctx)); len(all) != 2 || all[0].Line != line || all[1].Line != other.config.Line {
			t.Errorf("all lines %+v", all)
		}
		if err := s.SetPace(h.ctx, other.config.Shop.ID, line.ID, 1); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("set the pace of another shop's line: %v", err)
		}
		if _, err := s.LineConfig(h.ctx, "another"); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("found by an unknown path: %v", err)
		}
		foreign := line
		foreign.ID, foreign.Shop, foreign.Endpoint, foreign.Token = "foreign", other.config.Shop.ID, "foreign", "theirs"
		var taken *chat.Error
		if err := s.SaveLine(h.ctx, foreign); !errors.As(err, &taken) || taken.Code != "taken" {
			t.Errorf("saved another shop's number: %v", err)
		}
		if got := must[chat.LineConfig](t)(s.LineConfig(h.ctx, line.Endpoint)); !reflect.DeepEqual(got, configs[0]) {
			t.Errorf("line %+v", got)
		}
	})
}

func TestHelpdesks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h, other := newShop(t, s, "acme"), newShop(t, s, "other")
		shop := h.config.Shop.ID
		helpdesk := must[chat.Helpdesk](t)(s.Helpdesk(h.ctx, shop))
		if helpdesk.Key != "key of acme" || helpdesk.Secret != "secret of acme" || string(helpdesk.Made) != `{"widget":1}` || len(helpdesk.Agents) != 1 {
			t.Errorf("found %+v", helpdesk)
		}
		if got := must[chat.Helpdesk](t)(s.HelpdeskAt(h.ctx, "desk-acme")); !reflect.DeepEqual(got, helpdesk) {
			t.Errorf("found by its path %+v", got)
		}
		agents := []chat.Agent{{ID: "2", Name: "Ben"}}
		stale := helpdesk
		stale.Endpoint = "before"
		if err := errors.Join(s.SaveAgents(h.ctx, helpdesk, agents, noon), s.SaveAgents(h.ctx, stale, nil, noon)); err != nil {
			t.Fatal(err)
		}
		if got := must[chat.Helpdesk](t)(s.Helpdesk(h.ctx, shop)); !reflect.DeepEqual(got.Agents, agents) {
			t.Errorf("agents %+v", got.Agents)
		}
		helpdesk.Account, helpdesk.Key, helpdesk.Endpoint = "acme2", "new key", "desk-acme2"
		if err := s.SaveHelpdesk(h.ctx, helpdesk, noon); err != nil {
			t.Fatal(err)
		}
		if all := must[[]chat.Helpdesk](t)(s.Helpdesks(h.ctx)); len(all) != 2 || all[0].Key != "new key" || all[1].Shop != other.config.Shop.ID {
			t.Errorf("all %+v", all)
		}
		h.receive(phone, "SM1", "help", func(t *chat.Turn) {
			t.Escalate(chat.AskedForPerson, "", 0)
			t.Answer("passed on")
			t.Ticket.Remote, t.Shopper.Customer = "77", "88"
		})
		other.receive(phone, "SM1", "help", func(t *chat.Turn) { t.Escalate(chat.AskedForPerson, "", 0) })
		if err := s.RemoveHelpdesk(h.ctx, shop, noon); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Helpdesk(h.ctx, shop); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("found a removed helpdesk: %v", err)
		}
		// In another account these ids belong to other tickets and customers.
		for _, ids := range [][2]string{{"77", ""}, {"", "88"}} {
			if _, err := s.FindConversation(h.ctx, shop, "", ids[0], ids[1]); err != nil {
				t.Errorf("ids %v are deleted although the account is the same: %v", ids, err)
			}
		}
		waiting := must[[]string](t)(s.DueAccounts(h.ctx, noon))
		moved := helpdesk
		moved.Account = "elsewhere"
		if err := errors.Join(s.SaveHelpdesk(h.ctx, moved, noon), s.RemoveHelpdesk(h.ctx, shop, noon)); err != nil {
			t.Fatal(err)
		}
		for _, ids := range [][2]string{{"77", ""}, {"", "88"}} {
			if id, err := s.FindConversation(h.ctx, shop, "", ids[0], ids[1]); !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("ids %v of the old account lead to %s (%v)", ids, id, err)
			}
		}
		if got := waiting; !reflect.DeepEqual(got, []string{"gorgias/other", "sms/twilio/ACacme/+14155550100"}) {
			t.Errorf("accounts with deliveries %v", got)
		}
		if got := must[chat.LineConfig](t)(s.LineConfig(h.ctx, h.config.Line.Endpoint)); got.Helpdesk != "" {
			t.Errorf("line %+v", got)
		}
	})
}

func TestSetup(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		for _, want := range []store.Setup{{"doing", []byte(`[1]`), noon}, {"done", []byte(`[1,2]`), noon.Add(time.Second)}} {
			if err := s.SaveSetup(h.ctx, h.config.Shop.ID, "gorgias", want); err != nil {
				t.Fatal(err)
			}
			if got := must[store.Setup](t)(s.Setup(h.ctx, h.config.Shop.ID, "gorgias")); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	})
}

func TestQuarantine(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		for range 2 {
			if err := s.Quarantine(h.ctx, h.config.Line, "no From", "Qm9keT0lMDA=", noon); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := s.Quarantined(h.ctx, h.config.Shop.ID); n != 2 || err != nil {
			t.Errorf("%d %v", n, err)
		}
	})
}

func TestReadyAndEpoch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		if err := s.Ready(t.Context()); err != nil || len(s.Epoch()) != 26 {
			t.Errorf("ready %v, epoch %q", err, s.Epoch())
		}
	})
}
