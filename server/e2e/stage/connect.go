package stage

import "context"

// ConnectVendors connects Shopify and Recharge, and waits until their lists have been
// read.
func (s *Stage) ConnectVendors() {
	s.T.Helper()
	ctx := context.Background()
	Must(s.T, s.Show.ConnectVendors(ctx))
	Until(s.T, "the vendors' lists are read", func() bool {
		lists, err := s.App.Store.Reconciliations(ctx, s.Shop.ID)
		Must(s.T, err)
		for _, one := range lists {
			if !one.Done() {
				return false
			}
		}
		return len(lists) > 0
	})
}
