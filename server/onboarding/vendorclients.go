package onboarding

import (
	"sidetext/chat"
	"sidetext/recharge"
	"sidetext/shopify"
)

// NewVendors makes clients from the accounts of both vendors.
func NewVendors(s *shopify.Accounts, r *recharge.Accounts) Vendors {
	return Vendors{
		Shopify: func(c chat.Connection, background bool) (ShopifyClient, error) {
			client, err := s.Client(c)
			if err != nil {
				return nil, err
			}
			if background {
				client = client.Background()
			}
			return client, nil
		},
		Recharge: func(c chat.Connection, background bool) (RechargeClient, error) {
			client, err := r.Client(c)
			if err != nil {
				return nil, err
			}
			if background {
				client = client.Background()
			}
			return client, nil
		},
	}
}

// vendorParts are the lists that are read from a vendor, in order.
func vendorParts(v chat.Vendor) []string {
	if v == chat.Shopify {
		return shopify.Directory{}.Parts()
	}
	return recharge.Directory{}.Parts()
}
