package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"sidetext/chat"
	api "sidetext/gorgias"
	"sidetext/server/e2e/stage"
	"sidetext/server/helpdesk"
)

// TestUrgentDeliveriesGoFirst: when more than half of the helpdesk's budget is
// used, deliveries that are not urgent wait.
func TestUrgentDeliveriesGoFirst(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	s.WaitUntilIdle()
	accounts, err := api.NewAccounts(s.App.Settings.GorgiasURL, api.Limits{PerSecond: 0.01, Burst: 40}) // which time hardly refills
	stage.Must(t, err)
	defer accounts.Close()
	s.World.Gorgias.SetLimit(40, time.Hour)
	see := func(urgent bool) error {
		d := chat.Delivery{Shop: s.Shop.ID, Account: chat.HelpdeskAccount(s.Helpdesk().Account), Urgent: urgent}
		found, err := (helpdesk.Finder{Store: s.App.Store, Accounts: accounts}).Helpdesk(t.Context(), d)
		stage.Must(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = found.TicketState(ctx, fmt.Sprint(k.ID))
		return err
	}
	for range 29 {
		stage.Must(t, see(true))
	}
	var held *chat.SendError
	if err := see(false); !errors.As(err, &held) || held.Problem.Code != "busy" || held.WholeAccount || held.RetryAfter <= 0 {
		t.Errorf("not urgent: %v", err)
	}
	stage.Must(t, see(true))
}
