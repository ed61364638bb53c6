package shopify

import (
	"context"
	"errors"
	"strings"
	"time"

	"sidetext/chat"
)

// A customer as the API shows it.
type customer struct {
	ID        id   `json:"id"`
	FirstName text `json:"firstName"`
	LastName  text `json:"lastName"`
	Locale    text `json:"locale"`
	Phone     struct {
		Number text `json:"phoneNumber"`
		// Consent to SMS marketing, up to version 2026-07.
		State     text   `json:"marketingState"`
		Level     text   `json:"marketingOptInLevel"`
		Source    text   `json:"marketingCollectedFrom"`
		UpdatedAt moment `json:"marketingUpdatedAt"`
		// Since 2026-10.
		Consent struct {
			State     text   `json:"state"`
			Level     text   `json:"optInLevel"`
			Source    text   `json:"collectedFrom"`
			UpdatedAt moment `json:"updatedAt"`
		} `json:"smsMarketingConsent"`
	} `json:"defaultPhoneNumber"`
	Email struct {
		Address text `json:"emailAddress"`
	} `json:"defaultEmailAddress"`
	Address   address `json:"defaultAddress"`
	CreatedAt moment  `json:"createdAt"`
	UpdatedAt moment  `json:"updatedAt"`
}

type address struct {
	Name        text `json:"name"`
	Phone       text `json:"phone"` // as it was typed
	CountryCode text `json:"countryCodeV2"`
	Zip         text `json:"zip"`
	TimeZone    text `json:"timeZone"`
}

func (a address) country() string { return countryCode(a.CountryCode) }

func (in customer) record() chat.CustomerRecord {
	return chat.CustomerRecord{
		ID: string(in.ID), Name: fullName(in.FirstName, in.LastName), Email: in.Email.Address.lower(),
		Phones: customerPhones(string(in.Phone.Number), string(in.Address.Phone), in.Address.country()),
		Locale: string(in.Locale), TimeZone: timeZone(in.Address.TimeZone),
		Country: in.Address.country(), Zip: string(in.Address.Zip),
		CreatedAt: in.CreatedAt.Time, UpdatedAt: in.UpdatedAt.Time,
	}
}

// timeZone returns t if it has the form of an IANA name.
func timeZone(t text) string {
	if !strings.Contains(string(t), "/") || strings.ContainsAny(string(t), " .\\") || len(t) > 64 {
		return ""
	}
	return string(t)
}

// appendTo adds what is known of the customer to an update.
func (in customer) appendTo(u *chat.DirectoryUpdate) {
	u.Customers = append(u.Customers, in.record())
	p := in.Phone
	state, level, source, at := p.State, p.Level, p.Source, p.UpdatedAt
	if p.Consent.State != "" {
		state, level, source, at = p.Consent.State, p.Consent.Level, p.Consent.Source, p.Consent.UpdatedAt
	}
	u.Consents = appendConsent(u.Consents, string(in.ID), string(p.Number), in.Address.country(), state, level, source, at.Time)
}

// globalID returns an id in the form of the API.
func globalID(kind, number string) string { return "gid://shopify/" + kind + "/" + number }

// withoutPhone gives a refusal of a consent the code "gone" if the customer has no phone
// or does not exist any more: nothing else of the request can be INVALID.
func withoutPhone(err error, refusals []userError) error {
	var send *chat.SendError
	if errors.As(err, &send) && refusals[0].Code == "INVALID" {
		send.Problem.Code = "gone"
	}
	return err
}

// RevokeSMSConsent records that a customer wants no more marketing texts since the time
// at. It may be repeated. Shopify refuses it for a customer without a phone.
func (c *Client) RevokeSMSConsent(ctx context.Context, customerID string, at time.Time) error {
	if parseID(customerID) == "" {
		return c.refusal(revokeConsent, []userError{{Code: "INVALID"}})
	}
	var in struct {
		Payload struct {
			Customer struct {
				ID id `json:"id"`
			} `json:"customer"`
			UserErrors []userError `json:"userErrors"`
		} `json:"customerSmsMarketingConsentUpdate"`
	}
	input := map[string]any{
		"customerId": globalID("Customer", customerID),
		"smsMarketingConsent": map[string]any{
			"marketingState": "UNSUBSCRIBED", "consentUpdatedAt": at.UTC().Format(time.RFC3339),
		},
	}
	if _, err := c.do(ctx, revokeConsent, map[string]any{"input": input}, &in); err != nil {
		return err
	}
	if err := c.refusal(revokeConsent, in.Payload.UserErrors); err != nil {
		return withoutPhone(err, in.Payload.UserErrors)
	}
	if in.Payload.Customer.ID != parseID(customerID) {
		return c.unreadable(revokeConsent)
	}
	return nil
}
