package shopify

import (
	"cmp"
	"strings"
	"time"

	"sidetext/chat"
)

// A customer as webhooks show it, also within an order. Since 2025-01 it has no consent,
// no tags and no totals.
type eventCustomer struct {
	named
	Email     text         `json:"email"`
	Phone     text         `json:"phone"`
	FirstName text         `json:"first_name"`
	LastName  text         `json:"last_name"`
	Address   eventAddress `json:"default_address"`
	CreatedAt moment       `json:"created_at"`
	UpdatedAt moment       `json:"updated_at"`
}

type eventAddress struct {
	Name        text `json:"name"`
	FirstName   text `json:"first_name"`
	LastName    text `json:"last_name"`
	Phone       text `json:"phone"` // as it was typed: "555-555-SHIP"
	CountryCode text `json:"country_code"`
	Zip         text `json:"zip"`
}

// country returns the code of the address's country: "US".
func (a eventAddress) country() string { return countryCode(a.CountryCode) }

func (a eventAddress) fullName() string {
	return cmp.Or(string(a.Name), fullName(a.FirstName, a.LastName))
}

func countryCode(t text) string {
	if len(t) != 2 {
		return ""
	}
	return strings.ToUpper(string(t))
}

func fullName(first, last text) string {
	return strings.TrimSpace(string(first) + " " + string(last))
}

func readCustomerEvent(body []byte, u *chat.DirectoryUpdate) error {
	var in eventCustomer
	if err := parseObject(body, &in); err != nil {
		return err
	}
	if in.id() == "" {
		return errNoID
	}
	u.Customers = append(u.Customers, in.record())
	return nil
}

func (in eventCustomer) record() chat.CustomerRecord {
	return chat.CustomerRecord{
		ID: in.id(), Name: cmp.Or(fullName(in.FirstName, in.LastName), in.Address.fullName()), Email: in.Email.lower(),
		Phones:  customerPhones(string(in.Phone), string(in.Address.Phone), in.Address.country()),
		Country: in.Address.country(), Zip: string(in.Address.Zip),
		CreatedAt: in.CreatedAt.Time, UpdatedAt: in.UpdatedAt.Time,
	}
}

// customerPhones returns a customer's own phone and the one in the default address. That
// is where parcels go, like the phone of an order.
func customerPhones(own, inAddress, country string) (phones []chat.PhoneRecord) {
	if own != "" {
		phones = append(phones, chat.PhoneRecord{Raw: own, Country: country, Source: chat.ShopifyCustomerPhone})
	}
	if inAddress != "" && inAddress != own {
		phones = append(phones, chat.PhoneRecord{Raw: inAddress, Country: country, Source: chat.ShippingPhone})
	}
	return phones
}

// readConsentEvent reads the consent to SMS marketing. All fields of the consent may be
// null.
func readConsentEvent(body []byte, u *chat.DirectoryUpdate) error {
	var in struct {
		named
		Phone   text `json:"phone"`
		Consent struct {
			State     text   `json:"state"`
			Level     text   `json:"opt_in_level"`
			Source    text   `json:"consent_collected_from"`
			UpdatedAt moment `json:"consent_updated_at"`
		} `json:"sms_marketing_consent"`
	}
	if err := parseObject(body, &in); err != nil {
		return err
	}
	if in.id() == "" {
		return errNoID
	}
	u.Consents = appendConsent(u.Consents, in.id(), string(in.Phone), "", in.Consent.State,
		in.Consent.Level, in.Consent.Source, in.Consent.UpdatedAt.Time)
	return nil
}

// appendConsent adds a consent, unless there is none: the customer has no phone, was
// never asked, or the consent was erased.
func appendConsent(all []chat.ConsentRecord, customer, phone, country string, state, level, source text, at time.Time) []chat.ConsentRecord {
	s := consentState(state)
	if phone == "" || s == chat.ConsentUnknown {
		return all
	}
	return append(all, chat.ConsentRecord{
		CustomerID: customer, Phone: chat.PhoneRecord{Raw: phone, Country: country, Source: chat.ShopifyCustomerPhone},
		State: s, Level: level.lower(), Source: source.lower(), At: at,
	})
}

// consentState translates a state of consent, which webhooks write in lower case. "Never
// asked" is NOT_SUBSCRIBED up to version 2026-07 and NEVER_SUBSCRIBED since 2026-10.
func consentState(t text) chat.ConsentState {
	switch t.lower() {
	case "subscribed":
		return chat.ConsentGiven
	case "unsubscribed":
		return chat.ConsentRevoked
	case "pending":
		return chat.ConsentPending
	}
	return chat.ConsentUnknown // not_subscribed, never_subscribed, redacted
}
