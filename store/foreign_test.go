package store_test

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// calls returns a call of each method of the store, made as this shop about a
// conversation and a line that may belong to another.
func (h *shopFixture) calls(about *chat.Turn, line chat.Line) map[string]func() (any, error) {
	ctx, s, shop, id := h.ctx, h.Store, h.config.Shop.ID, about.Conversation.ID
	noResult := func(do func() error) func() (any, error) { return func() (any, error) { return nil, do() } }
	claimed := func(do func(chat.Delivery) error) func() (any, error) {
		return noResult(func() error {
			return do(chat.Delivery{ID: "d", Shop: shop, Kind: chat.SyncTicket, Lane: "l", Tries: 1})
		})
	}
	line.Shop = shop
	all := map[string]func() (any, error){
		"Close": func() (any, error) { return nil, nil }, "Epoch": func() (any, error) { return s.Epoch(), nil },
		"RetriedWrites": func() (any, error) { return s.RetriedWrites(), nil },
		"Now":           func() (any, error) { return s.Now(), nil }, "Skew": func() (any, error) { return s.Skew(), nil },
		"Ready": noResult(func() error { return s.Ready(ctx) }),
		"Turn":  func() (any, error) { return s.Turn(ctx, shop, id, noon, func(*chat.Turn) error { return nil }) },
		"Receive": func() (any, error) {
			return s.Receive(ctx, h.config, phone, noon, func(t *chat.Turn) error {
				_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: "SM" + string(chat.NewID[chat.TicketID](noon)), Text: "help"})
				t.Escalate(chat.AskedForPerson, "", 0)
				t.HandBack(chat.Author{Role: chat.BySystem}, "")
				t.Escalate(chat.AskedForPerson, "", 0)
				t.Answer("Passed on.")
				t.Shopper.Name = string(chat.NewID[chat.TicketID](noon))
				if err == nil {
					err = t.Report(chat.Attempt{ID: chat.NewID[chat.AttemptID](noon), Shop: shop, Line: h.config.Line.ID, Conversation: t.Conversation.ID, Entry: 3}, chat.Report{ID: "SM", State: chat.Sent})
				}
				return err
			})
		},
		"Snapshot":            func() (any, error) { snapshot, _, err := s.Snapshot(ctx, shop, id, 1); return snapshot, err },
		"EntriesBefore":       func() (any, error) { found, _, err := s.EntriesBefore(ctx, shop, id, 2); return found, err },
		"EntriesAfter":        func() (any, error) { return s.EntriesAfter(ctx, shop, id, 0) },
		"TicketSnapshot":      func() (any, error) { return s.TicketSnapshot(ctx, shop, id) },
		"Ticket":              func() (any, error) { return s.Ticket(ctx, shop, id, "77") },
		"TicketConversations": func() (any, error) { return s.TicketConversations(ctx, shop, "77", "900") },
		"OpenTickets":         func() (any, error) { return s.OpenTickets(ctx, shop) },
		"SaveInstallation": noResult(func() error {
			return s.SaveInstallation(ctx, chat.Helpdesk{Shop: shop, Endpoint: "x", Made: []byte("{}")})
		}),
		"SessionEndReason": func() (any, error) { return s.SessionEndReason(ctx, "x", store.AgentSession) },
		"FindConversation": func() (any, error) { return s.FindConversation(ctx, shop, about.Ticket.ID, "77", "900") },
		"Attempt":          func() (any, error) { return s.Attempt(ctx, line, "attempt", "") },
		"AttemptDetail":    func() (any, error) { return s.AttemptDetail(ctx, shop, "attempt") },
		"SaveUnmatchedReport": noResult(func() error {
			_, err := s.SaveUnmatchedReport(ctx, line, chat.Report{ID: "SM stray"}, noon)
			return err
		}),
		"HasText": func() (any, error) {
			return s.HasText(ctx, line, chat.Incoming{Provider: "twilio", ID: "SM1", From: phone})
		},
		"SaveComparison": noResult(func() error { return s.SaveComparison(ctx, h.config.Line.ID, chat.Comparison{Late: 1}) }),
		"Comparisons":    func() (any, error) { return s.Comparisons(ctx, shop) },
		"Failures":       func() (any, error) { found, _, err := s.Failures(ctx, shop, 9); return found, err },
		"Retry":          noResult(func() error { return s.Retry(ctx, shop, "failed", noon) }),
		"RetryAll":       func() (any, error) { return s.RetryAll(ctx, shop, noon) },
		"SaveRefusedWebhook": noResult(func() error {
			return s.SaveRefusedWebhook(ctx, chat.Connection{Shop: shop, Vendor: chat.Shopify, Endpoint: "none"}, noon)
		}),
		"ApplyUpdate": func() (any, error) {
			return s.ApplyUpdate(ctx, shop, chat.DirectoryUpdate{Vendor: chat.Shopify}, noon)
		},
		"Continue": noResult(func() error {
			return s.Continue(ctx, chat.Delivery{ID: "failed", Shop: shop}, chat.NewEventsDelivery(shop, noon), noon)
		}),
		"Dismiss":       noResult(func() error { return s.Dismiss(ctx, shop, "failed too") }),
		"UnknownTexts":  func() (any, error) { return s.UnknownTexts(ctx, shop) },
		"MakeTextsDue":  noResult(func() error { return s.MakeTextsDue(ctx, line, noon) }),
		"SetPace":       noResult(func() error { return s.SetPace(ctx, shop, line.ID, 1) }),
		"SetSigningKey": noResult(func() error { return s.SetSigningKey(ctx, shop, line.ID, "key") }),
		"SaveRefusal": noResult(func() error {
			of := line
			of.Shop = shop
			return s.SaveRefusal(ctx, of, store.Refusal{Reason: "none", At: noon})
		}),
		"ClearRefusal": noResult(func() error {
			of := line
			of.Shop = shop
			return s.ClearRefusal(ctx, of, noon)
		}),
		"Refusals":       func() (any, error) { return s.Refusals(ctx, shop) },
		"RepairDueTimes": noResult(func() error { return s.RepairDueTimes(ctx, noon) }),
		"DeleteExpired":  noResult(func() error { _, err := s.DeleteExpired(ctx, noon); return err }),
		"MakeCode": func() (any, error) {
			return s.MakeCode(ctx, store.Code{Shop: shop, Conversation: id}, "1", chat.Delivery{ID: chat.NewID[chat.DeliveryID](noon), Shop: shop, Account: "x", Lane: "x"}, noon)
		},
		"UseCode":        func() (any, error) { _, _, err := s.UseCode(ctx, "x", "1", noon); return nil, ignore(err) },
		"MakeSignInLink": func() (any, error) { return s.MakeSignInLink(ctx, shop, noon) },
		"UseSignInLink":  func() (any, error) { _, err := s.UseSignInLink(ctx, "x", noon); return nil, ignore(err) },
		"Session":        func() (any, error) { _, err := s.Session(ctx, "x", store.AgentSession, noon); return nil, ignore(err) },
		"PeekSession": func() (any, error) {
			_, err := s.PeekSession(ctx, "x", store.AgentSession, noon)
			return nil, ignore(err)
		},
		"EndSession":     noResult(func() error { return s.EndSession(ctx, "x", noon) }),
		"AddShop":        func() (any, error) { return s.AddShop(ctx, "x", noon) },
		"Shops":          func() (any, error) { return s.Shops(ctx) },
		"Shop":           func() (any, error) { return s.Shop(ctx, shop) },
		"ChangeShop":     noResult(func() error { return s.ChangeShop(ctx, shop, func(*chat.Shop) {}) }),
		"SaveLine":       noResult(func() error { return s.SaveLine(ctx, line) }),
		"LineConfig":     func() (any, error) { return s.LineConfig(ctx, h.config.Line.Endpoint) },
		"LineConfigs":    func() (any, error) { return s.LineConfigs(ctx, shop) },
		"AllLineConfigs": func() (any, error) { return s.AllLineConfigs(ctx) },
		"Quarantine":     noResult(func() error { return s.Quarantine(ctx, h.config.Line, "x", "x", noon) }),
		"Quarantined":    func() (any, error) { return s.Quarantined(ctx, shop) },
		"ImportShoppers": func() (any, error) { return s.ImportShoppers(ctx, shop, []chat.Shopper{{ID: "x", Phone: "+1"}}) },
		"ImportList": func() (any, error) {
			return s.ImportList(ctx, shop, "x", []chat.ImportRow{{ID: "x", Phone: "+1", Name: "x", Rank: 9}})
		},
		"Shoppers":         func() (any, error) { _, bought, err := s.Shoppers(ctx, shop); return bought, err },
		"Profile":          func() (any, error) { return s.Profile(ctx, shop, phone) },
		"People":           func() (any, error) { return s.People(ctx, shop, phone) },
		"ShopifyCustomers": func() (any, error) { return s.ShopifyCustomers(ctx, shop, phone) },
		"UnreadablePhones": func() (any, error) { found, _, err := s.UnreadablePhones(ctx, shop, 9); return found, err },
		"DirectoryCounts":  func() (any, error) { return s.DirectoryCounts(ctx, shop) },
		"DueAccounts":      func() (any, error) { return s.DueAccounts(ctx, noon) },
		"Claim":            func() (any, error) { return s.Claim(ctx, "unknown", 1, 1, noon, time.Minute) },
		"ExpiredClaims":    func() (any, error) { return s.ExpiredClaims(ctx, noon) },
		"Finish":           claimed(func(d chat.Delivery) error { return s.Finish(ctx, d) }),
		"Postpone":         claimed(func(d chat.Delivery) error { return s.Postpone(ctx, d, noon, "x") }),
		"GiveUp":           claimed(func(d chat.Delivery) error { return s.GiveUp(ctx, d, "x") }),
		"Backlogs":         func() (any, error) { return s.Backlogs(ctx, shop) },
		"OpenEscalations":  func() (any, error) { return s.OpenEscalations(ctx, shop) },
		"Helpdesk":         func() (any, error) { return s.Helpdesk(ctx, shop) },
		"HelpdeskAt":       func() (any, error) { return s.HelpdeskAt(ctx, "desk-"+h.config.Shop.Name) },
		"Helpdesks":        func() (any, error) { return s.Helpdesks(ctx) },
		"SaveHelpdesk": noResult(func() error {
			return s.SaveHelpdesk(ctx, chat.Helpdesk{Shop: shop, Endpoint: "desk-" + h.config.Shop.Name}, noon)
		}),
		"SaveAgents": noResult(func() error { return s.SaveAgents(ctx, chat.Helpdesk{Shop: shop}, nil, noon) }),
		"SaveSetup":  noResult(func() error { return s.SaveSetup(ctx, shop, "x", store.Setup{}) }),
		"Setup":      func() (any, error) { _, err := s.Setup(ctx, shop, "x"); return nil, ignore(err) },
		"SaveMedia": noResult(func() error {
			return s.SaveMedia(ctx, shop, id, "picture", chat.File{Type: "image/png", Data: []byte("picture")}, noon)
		}),
		"Media": func() (any, error) {
			p, err := s.Media(ctx, shop, "picture")
			if err == nil {
				_, err = p.Read(make([]byte, 1))
			}
			return p, err
		},
		"Node":            func() (any, error) { return s.Node(), nil },
		"AcquireLease":    func() (any, error) { return s.AcquireLease(ctx, "x", noon, time.Minute) },
		"ReleaseLeases":   noResult(func() error { return errors.Join(s.ReleaseLeases(ctx, "x"), s.ReleaseLeases(ctx)) }),
		"InFlight":        func() (any, error) { return s.InFlight(ctx) },
		"TakeShards":      func() (any, error) { return s.TakeShards(ctx, []int{1}, true, noon, time.Minute) },
		"DropStaleLeases": noResult(func() error { return s.DropStaleLeases(ctx) }),
		"Revisions":       func() (any, error) { return s.Revisions(ctx, []store.Room{{Shop: shop, ID: id}}) },
		"EndedSessions":   func() (any, error) { keys, _, err := s.EndedSessions(ctx, noon); return keys, err },
		"WriteCanary":     func() (any, error) { return s.WriteCanary(ctx, noon) },
		"CanaryRevision":  func() (any, error) { _, err := s.CanaryRevision(ctx, s.Node()); return nil, ignore(err) },
		"Nodes":           func() (any, error) { return s.Nodes(ctx, noon) },
		"Queues":          func() (any, error) { return s.Queues(ctx, noon) },
		"RemoveHelpdesk":  noResult(func() error { return s.RemoveHelpdesk(ctx, shop, noon) }),
	}
	maps.Copy(all, h.vendorCalls())
	return all
}

func ignore(err error) error {
	if errors.Is(err, chat.ErrNotFound) {
		return nil
	}
	return err
}

// fillShop gives a shop a conversation with a row in each table.
func fillShop(h *shopFixture) *chat.Turn {
	turn := h.receive(phone, "SM1", "help", func(t *chat.Turn) {
		t.Escalate(chat.AskedForPerson, "", 0)
		t.Ticket.Remote, t.Shopper.Customer, t.Shopper.Purchased = "77", "900", true
		t.Answer("Passed on.")
		t.Attempts = append(t.Attempts, chat.Attempt{ID: "attempt", Shop: h.config.Shop.ID, Line: h.config.Line.ID, Conversation: t.Conversation.ID, Entry: 3, Provider: "SM9"})
		failed := chat.Delivery{Shop: h.config.Shop.ID, Kind: chat.AddMessage, Account: "elsewhere", Lane: "failed", Conversation: t.Conversation.ID, Problem: "refused"}
		for _, failed.ID = range []chat.DeliveryID{"failed", "failed too", "failed as well"} {
			t.Deliveries = append(t.Deliveries, failed)
		}
	})
	return h.turn(turn.Conversation.ID, noon, func(*chat.Turn) error { return nil })
}

// No method finds or changes anything of another shop.
func TestOtherShops(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		acme, other := newShop(t, s, "acme"), newShop(t, s, "other")
		theirs := fillShop(acme)
		fillDirectory(acme)
		own, foreign := acme.calls(theirs, acme.config.Line), other.calls(theirs, acme.config.Line)
		methods := reflect.TypeOf(s)
		for i := range methods.NumMethod() {
			name := methods.Method(i).Name
			if name == "Reencrypt" || name == "StartRestored" { // for the operator, on the whole database
				continue
			}
			if own[name] == nil {
				t.Errorf("%s is not tested with another shop", name)
			}
		}
		for _, name := range []string{"Turn", "Snapshot", "EntriesBefore", "EntriesAfter", "TicketSnapshot", "Ticket", "FindConversation", "Attempt", "MakeCode", "SaveMedia", "Media", "AttemptDetail", "SetPace", "SetSigningKey", "SaveRefusal", "Retry", "Dismiss", "Profile"} {
			if _, err := own[name](); err != nil {
				t.Errorf("%s as the same shop: %v", name, err)
			}
			if got, err := foreign[name](); !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("%s as another shop: %+v %v", name, got, err)
			}
		}
		for _, name := range []string{"OpenEscalations", "Backlogs", "UnknownTexts", "Quarantined", "Shoppers", "Setup", "HasText", "Failures", "RetryAll", "People", "ShopifyCustomers", "UnreadablePhones", "DirectoryCounts"} {
			if got, err := foreign[name](); err != nil || got != nil && !reflect.ValueOf(got).IsZero() {
				t.Errorf("%s as another shop returns %+v %v", name, got, err)
			}
		}
		for _, name := range []string{"People", "ShopifyCustomers", "UnreadablePhones", "DirectoryCounts"} {
			if got, err := own[name](); err != nil || reflect.ValueOf(got).IsZero() {
				t.Errorf("%s as the same shop returns %+v %v", name, got, err)
			}
		}
		claim := acme.claimed(acme.config.Line.SendAccount(), 1, noon)[0]
		claim.Shop = other.config.Shop.ID
		if err := errors.Join(s.Finish(acme.ctx, claim), s.GiveUp(acme.ctx, claim, "x"), s.Postpone(acme.ctx, claim, noon, "x"), s.RemoveHelpdesk(acme.ctx, other.config.Shop.ID, noon)); err != nil {
			t.Error(err)
		}
		sync := acme.claimed("gorgias/acme", 1, noon)
		acme.receive(phone, "SM2", "help")
		claim = sync[0]
		claim.Shop = other.config.Shop.ID
		if err := s.Postpone(acme.ctx, claim, noon.Add(time.Hour), "x"); err != nil {
			t.Error(err)
		}
		want := []store.Backlog{{Account: "elsewhere", Kind: chat.AddMessage, Ready: 1, Failed: 1}, {Account: "gorgias/acme", Kind: chat.SyncTicket, Ready: 1, Running: 1}, {Account: acme.config.Line.SendAccount(), Kind: chat.SendSMS, Running: 1}, {Account: "x", Ready: 1}}
		if got := must[[]store.Backlog](t)(s.Backlogs(acme.ctx, acme.config.Shop.ID)); !slices.Equal(got, want) {
			t.Errorf("after another shop's calls the backlog is %+v", got)
		}
		// A person who texts two shops is two shoppers with two conversations.
		if turn := other.receive(phone, "SM1", "hello"); turn.Conversation.ID == theirs.Conversation.ID || turn.Shopper.ID == theirs.Shopper.ID || turn.Shopper.Purchased || turn.Conversation.Seq != 1 {
			t.Errorf("the shops share %+v", turn.Conversation)
		}
	})
}
