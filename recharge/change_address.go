package recharge

import (
	"context"
	"net/http"
)

// An AddressChange is what to change of an address. A nil field is not changed; one
// that is empty is cleared.
type AddressChange struct {
	FirstName *string `json:"first_name,omitempty"`
	LastName  *string `json:"last_name,omitempty"`
	Company   *string `json:"company,omitempty"`
	Address1  *string `json:"address1,omitempty"`
	Address2  *string `json:"address2,omitempty"`
	City      *string `json:"city,omitempty"`
	Province  *string `json:"province,omitempty"`
	Zip       *string `json:"zip,omitempty"`
	Country   *string `json:"country_code,omitempty"` // "US"
	Phone     *string `json:"phone,omitempty"`
}

// ChangeAddress changes where orders are delivered, for all subscriptions of the
// address.
func (w *Writer) ChangeAddress(ctx context.Context, id string, change AddressChange) (Address, error) {
	r := request{"change address", http.MethodPut, invalidUnless(change != AddressChange{}, path("addresses", id)), w.commit(), change, "write_customers"}
	return readObject(ctx, w.c, r, "address", id, newAddress)
}

// SetDiscount applies a discount code to all coming orders of an address; "" removes
// the discount. An address has at most one. Unlike a discount of a charge, it is not
// lost when charges are rebuilt.
func (w *Writer) SetDiscount(ctx context.Context, address, code string) (Address, error) {
	discounts := []map[string]string{}
	if code != "" {
		discounts = append(discounts, map[string]string{"code": code})
	}
	r := request{"set discount", http.MethodPut, path("addresses", address), w.commit(), body{"discounts": discounts}, "write_customers"}
	return readObject(ctx, w.c, r, "address", address, newAddress)
}
