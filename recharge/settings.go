package recharge

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// A Permission names something that a shop may allow its customers in Recharge's
// customer portal. Calls with an API token are not held back by it.
type Permission string

const (
	MaySkip           Permission = "skip"
	MaySkipPrepaid    Permission = "skip_prepaid"
	MayChangeDate     Permission = "date"
	MaySwapProduct    Permission = "product"
	MaySwapVariant    Permission = "variant" // of the same product
	MayChangeQuantity Permission = "quantity"
	MayChangeInterval Permission = "interval"
	MayChangeAddress  Permission = "address"
	MayReactivate     Permission = "reactivate"
	MayAddOnetime     Permission = "onetime"
	MayCancel         Permission = "cancel" // see also MinimumOrders
)

// switches are the settings that have to be on for each permission.
var switches = map[Permission][]string{
	MaySkip:           {"subscription.skip_scheduled_order"},
	MaySkipPrepaid:    {"subscription.skip_scheduled_order", "subscription.skip_prepaid_order"},
	MayChangeDate:     {"subscription.edit_scheduled_date"},
	MaySwapProduct:    {"subscription.change_product"},
	MaySwapVariant:    {"subscription.change_variant"},
	MayChangeQuantity: {"subscription.change_quantity"},
	MayChangeInterval: {"subscription.edit_order_frequency"},
	MayChangeAddress:  {"edit_shipping_address"},
	MayReactivate:     {"subscription.reactivate_subscription"},
	MayAddOnetime:     {"onetime.enabled", "subscription.add_product"},
	MayCancel:         {"subscription.cancel_subscription"},
}

// Settings are what a shop allows its customers. The zero value is that of a shop whose
// settings could not be read.
type Settings struct{ portal object }

// ParseSettings reads what ShopSettings returned. It returns the zero value for
// anything else.
func ParseSettings(data []byte) Settings {
	response, err := parseJSON(data)
	if err != nil {
		return Settings{}
	}
	o := asObject(response)
	return Settings{firstObject(o.object("settings.customer_portal"), o.object("customer_portal"))}
}

// Known reports whether the settings could be read. If not, Allows allows everything:
// the merchant has to be asked.
func (s Settings) Known() bool { return s.portal != nil }

// Allows reports whether the shop allows something. A setting that is missing allows
// it.
func (s Settings) Allows(p Permission) bool {
	for _, name := range switches[p] {
		if off(s.portal, name) {
			return false
		}
	}
	return true
}

// MinimumOrders is how many orders a customer has to pay before a subscription may be
// cancelled.
func (s Settings) MinimumOrders() int {
	return max(0, s.portal.integer("subscription.cancellation_minimum_order_count"))
}

// ReasonOptional reports whether a subscription may be cancelled without a reason.
func (s Settings) ReasonOptional() bool {
	return s.portal.boolean("subscription.cancellation_reason_optional")
}

// off reports whether a setting is there and off. Settings are booleans, numbers or
// words.
func off(o object, name string) bool {
	if parent, last, deeper := cutLast(name); deeper {
		o, name = o.object(parent), last
	}
	if !o.has(name) {
		return false
	}
	switch v := o[name].(type) {
	case nil:
		return true
	case bool:
		return !v
	case json.Number:
		n, err := v.Float64()
		return err == nil && n == 0
	case string:
		s := strings.ToLower(strings.TrimSpace(v))
		return s == "0" || s == "off" || s == "none"
	}
	return false
}

func cutLast(path string) (parent, last string, ok bool) {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)], path[i+1:], i >= 0
}

func firstObject(list ...object) object {
	for _, o := range list {
		if o != nil {
			return o
		}
	}
	return nil
}

// ShopSettings reads what a shop allows its customers, as Recharge's JSON; see
// ParseSettings. Recharge may refuse it to a token: its own library reads it with the
// session of a customer.
func (c *Client) ShopSettings(ctx context.Context) (json.RawMessage, error) {
	var settings json.RawMessage
	r := request{"read shop settings", http.MethodGet, "/shop/settings", nil, nil, storeScope}
	err := c.call(ctx, r, func(response any) error {
		portal := asObject(response).object("settings.customer_portal")
		if portal == nil {
			return errShape
		}
		data, err := json.Marshal(map[string]any{"settings": map[string]any{"customer_portal": portal}})
		settings = data
		return err
	})
	return settings, err
}

// A Country is one that the shop delivers to.
type Country struct {
	Code, Name string // "US", "United States"
	Provinces  []Province
}

// A Province is a part of a Country.
type Province struct{ Code, Name string }

// ShippingCountries reads where the shop delivers to.
func (c *Client) ShippingCountries(ctx context.Context) ([]Country, error) {
	r := request{"read shipping countries", http.MethodGet, "/shop/shipping_countries", nil, nil, storeScope}
	return readList(ctx, c, r, "shipping_countries", func(o object) Country {
		return Country{o.text("code"), o.text("name"), each(o.list("provinces"), func(p object) Province {
			return Province{cmp.Or(p.text("code"), p.text("name")), p.text("name")}
		})}
	})
}
