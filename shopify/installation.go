package shopify

import (
	"context"
	"slices"
)

// An Installation is the app on a store, as Shopify describes both.
type Installation struct {
	Name     string // the store's
	Domain   string // "acme.myshopify.com"
	TimeZone string // IANA name
	Currency string // "USD"
	Plan     string // for people: "Grow"
	Scopes   []string
	Version  string   // of the API that answered; see Versions
	Versions []string // of the API that Shopify offers now, stable ones only
}

// Installation reads the store and the app's access scopes: the test of a connection. If
// the API's version has expired, Version is not the one of NewAccounts.
func (c *Client) Installation(ctx context.Context) (Installation, error) {
	var in struct {
		Shop struct {
			Name     text `json:"name"`
			Domain   text `json:"myshopifyDomain"`
			TimeZone text `json:"ianaTimezone"`
			Currency text `json:"currencyCode"`
			Plan     struct {
				Name text `json:"publicDisplayName"`
			} `json:"plan"`
		} `json:"shop"`
		App struct {
			Scopes []struct {
				Handle text `json:"handle"`
			} `json:"accessScopes"`
		} `json:"currentAppInstallation"`
		Versions []struct {
			Handle    text `json:"handle"`
			Supported bool `json:"supported"`
		} `json:"publicApiVersions"`
	}
	version, err := c.do(ctx, readInstallation, nil, &in)
	if err != nil {
		return Installation{}, err
	}
	out := Installation{
		Name: string(in.Shop.Name), Domain: string(in.Shop.Domain), TimeZone: string(in.Shop.TimeZone),
		Currency: string(in.Shop.Currency), Plan: string(in.Shop.Plan.Name), Version: version,
	}
	for _, scope := range in.App.Scopes {
		out.Scopes = append(out.Scopes, string(scope.Handle))
	}
	for _, v := range in.Versions {
		if v.Supported && versionName.MatchString(string(v.Handle)) {
			out.Versions = append(out.Versions, string(v.Handle))
		}
	}
	slices.Sort(out.Scopes)
	slices.Sort(out.Versions)
	return out, nil
}

// A TestRead says what the app can see of a store's newest orders. To an app without access
// to protected customer data Shopify leaves phones and e-mail addresses empty, without an
// error.
type TestRead struct {
	Orders      int // at most 20
	WithContact int // those with a phone or an e-mail address
}

// TestRead reads the newest orders.
func (c *Client) TestRead(ctx context.Context) (TestRead, error) {
	var in struct {
		Orders struct {
			Nodes []struct {
				Email    text     `json:"email"`
				Phone    text     `json:"phone"`
				Shipping address  `json:"shippingAddress"`
				Billing  address  `json:"billingAddress"`
				Customer customer `json:"customer"`
			} `json:"nodes"`
		} `json:"orders"`
	}
	if _, err := c.do(ctx, testRead, nil, &in); err != nil {
		return TestRead{}, err
	}
	r := TestRead{Orders: len(in.Orders.Nodes)}
	for _, o := range in.Orders.Nodes {
		if o.Email+o.Phone+o.Shipping.Phone+o.Billing.Phone+o.Customer.Phone.Number+o.Customer.Email.Address != "" {
			r.WithContact++
		}
	}
	return r, nil
}
