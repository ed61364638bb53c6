package stage

import (
	"context"
	"fmt"

	"sidetext/pretend/gorgias"
	"sidetext/server/demo"
	"sidetext/server/onboarding"
)

// JanesEmailTicket is Jane's ticket that is there from the start; the other one
// is Lena's.
func (s *Stage) JanesEmailTicket() gorgias.Ticket { return s.World.Gorgias.Tickets()[1] }

// DropHelpdeskEvents keeps the helpdesk's events from arriving.
func (s *Stage) DropHelpdeskEvents() {
	s.T.Helper()
	for _, i := range s.World.Gorgias.Integrations() {
		if i.HTTP != nil {
			s.PutInHelpdesk(fmt.Sprint("integrations/", i.ID), `{"deactivated_datetime":"2026-12-01T09:00:00"}`)
		}
	}
}

// ConnectAgain connects the helpdesk once more and waits until that has ended.
func (s *Stage) ConnectAgain() {
	s.T.Helper()
	ctx := context.Background()
	Must(s.T, s.App.Onboarding.ConnectGorgias(ctx, s.Shop.ID, demo.HelpdeskAccount, demo.HelpdeskOwner, demo.HelpdeskKey))
	s.App.Jobs.Wait()
	p, err := s.App.Store.Setup(ctx, s.Shop.ID, onboarding.GorgiasConnect)
	Must(s.T, err)
	if p.State != "done" {
		s.T.Fatalf("connecting again: %s", p.Steps)
	}
}
