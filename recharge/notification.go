package recharge

import (
	"context"
	"net/http"
)

// SendCardUpdate has an e-mail sent to a customer with a link to change the card of a
// payment method, or of an address; both may be empty. A card is never changed by
// text.
func (c *Client) SendCardUpdate(ctx context.Context, customer, address, paymentMethod string) error {
	vars := body{}
	if address != "" {
		vars["address_id"] = number(address)
	}
	if paymentMethod != "" {
		vars["payment_method_id"] = number(paymentMethod)
	}
	valid := (address == "" || validID(address)) && (paymentMethod == "" || validID(paymentMethod))
	return c.sendEmail(ctx, "send card update", customer, "shopify_update_payment_information", vars, valid)
}

// SendAccountAccess has an e-mail sent to a customer with a link to the customer
// portal.
func (c *Client) SendAccountAccess(ctx context.Context, customer string) error {
	return c.sendEmail(ctx, "send account access", customer, "get_account_access", body{}, true)
}

func (c *Client) sendEmail(ctx context.Context, action, customer, template string, vars body, valid bool) error {
	return c.call(ctx, request{action, http.MethodPost, invalidUnless(valid, path("customers", customer, "notifications")), nil,
		body{"type": "email", "template_type": template, "template_vars": vars}, "write_notifications"}, nil)
}
