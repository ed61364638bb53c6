package store

import (
	"context"
	"encoding/json"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A PersonExport is what is stored of a person, for the store's owner to hand over.
type PersonExport struct {
	Customers     []ExportedCustomer     `json:"customers"`
	Consents      []ExportedConsent      `json:"consents"`
	Conversations []ExportedConversation `json:"conversations"`
}

// An ExportedCustomer is a customer of the directory. Orders and the like are as the
// directory keeps them.
type ExportedCustomer struct {
	ShopifyID     string            `json:"shopify_id,omitempty"`
	RechargeID    string            `json:"recharge_id,omitempty"`
	Name          string            `json:"name,omitempty"`
	Email         string            `json:"email,omitempty"`
	Locale        string            `json:"locale,omitempty"`
	TimeZone      string            `json:"time_zone,omitempty"`
	Country       string            `json:"country,omitempty"`
	Zip           string            `json:"zip,omitempty"`
	Phones        []ExportedPhone   `json:"phones"`
	Orders        []json.RawMessage `json:"orders"`
	Fulfillments  []json.RawMessage `json:"fulfillments"`
	Subscriptions []json.RawMessage `json:"subscriptions"`
	Charges       []json.RawMessage `json:"charges"`
}

// An ExportedPhone is a phone of a customer, as it was written if it can't be parsed.
type ExportedPhone struct {
	Phone   string    `json:"phone"`
	Source  string    `json:"source"`
	SeenAt  time.Time `json:"seen_at,omitzero"`
	EndedAt time.Time `json:"ended_at,omitzero"`
}

// An ExportedConsent is the evidence of a consent.
type ExportedConsent struct {
	Phone  string    `json:"phone"`
	Kind   string    `json:"kind"`
	State  string    `json:"state"`
	Source string    `json:"source"`
	Words  string    `json:"words,omitempty"`
	At     time.Time `json:"at"`
}

// An ExportedConversation has the texts between a phone and one of the shop's numbers.
type ExportedConversation struct {
	Phone    string         `json:"phone"`
	Name     string         `json:"name,omitempty"`
	Email    string         `json:"email,omitempty"`
	Number   string         `json:"number"`
	OptedOut bool           `json:"opted_out"`
	Texts    []ExportedText `json:"texts"`
}

// An ExportedText is one text. Files counts the pictures and files that came with it.
type ExportedText struct {
	At    time.Time `json:"at"`
	From  string    `json:"from"` // "shopper" or "shop"
	Text  string    `json:"text"`
	Files int       `json:"files,omitempty"`
}

// ExportPerson returns what is stored of the person whom a request names. It finds
// them as ErasePerson does.
func (s *Store) ExportPerson(ctx context.Context, shop chat.ShopID, r chat.PrivacyRequest) (all PersonExport, err error) {
	listed, err := s.listedPhones(ctx, shop, r.Email)
	if err != nil {
		return all, err
	}
	err = s.read(ctx, "export a person", func(tx tx) error {
		all = PersonExport{Customers: []ExportedCustomer{}, Consents: []ExportedConsent{}, Conversations: []ExportedConversation{}}
		p, err := tx.findPerson(shop, r, listed)
		if err != nil {
			return err
		}
		for _, k := range p.customers {
			c, err := tx.exportCustomer(shop, k.id)
			if err != nil {
				return err
			}
			all.Customers = append(all.Customers, c)
		}
		for _, phone := range p.phones {
			if err := tx.exportPhone(shop, phone, &all); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return PersonExport{}, err
	}
	return all, nil
}

func (tx tx) exportCustomer(shop chat.ShopID, id string) (c ExportedCustomer, err error) {
	err = tx.Row(`SELECT shopify, recharge, name, email, locale, time_zone, country, zip FROM customers WHERE id = $1 AND shop = $2`, id, string(shop)).
		Scan(&c.ShopifyID, &c.RechargeID, &c.Name, &c.Email, &c.Locale, &c.TimeZone, &c.Country, &c.Zip)
	if err != nil {
		return c, err
	}
	c.Phones = []ExportedPhone{}
	err = tx.Rows(func(row sqldb.Scanner) error {
		var p ExportedPhone
		var seenAt, endedAt int64
		err := row.Scan(&p.Phone, &p.Source, &seenAt, &endedAt)
		p.SeenAt, p.EndedAt = timeOf(seenAt), timeOf(endedAt)
		c.Phones = append(c.Phones, p)
		return err
	}, `SELECT phone, source, seen_at, ended_at FROM customer_phones WHERE customer = $1 AND shop = $2
		UNION ALL SELECT raw, source, at, 0 FROM unreadable_phones WHERE customer = $1 AND shop = $2`, id, string(shop))
	if err != nil {
		return c, err
	}
	for _, part := range []struct {
		query string
		docs  *[]json.RawMessage
	}{
		{`SELECT doc FROM orders WHERE customer = $1 AND shop = $2 ORDER BY created_at`, &c.Orders},
		{`SELECT f.doc FROM orders o JOIN fulfillments f ON f.shop = o.shop AND f.order_id = o.id WHERE o.customer = $1 AND o.shop = $2 ORDER BY f.order_id, f.id`, &c.Fulfillments},
		{`SELECT doc FROM subscriptions WHERE customer = $1 AND shop = $2 ORDER BY id`, &c.Subscriptions},
		{`SELECT doc FROM charges WHERE customer = $1 AND shop = $2 ORDER BY scheduled_on, id`, &c.Charges},
	} {
		*part.docs = []json.RawMessage{}
		docs, err := tx.texts(part.query, id, string(shop))
		if err != nil {
			return c, err
		}
		for _, doc := range docs {
			*part.docs = append(*part.docs, json.RawMessage(doc))
		}
	}
	return c, nil
}

func (tx tx) exportPhone(shop chat.ShopID, phone chat.Phone, all *PersonExport) error {
	consents, err := tx.consents(shop, phone)
	if err != nil {
		return err
	}
	for _, c := range consents {
		all.Consents = append(all.Consents, ExportedConsent{string(c.Phone), string(c.Kind), string(c.State), c.Source, c.Words, c.At})
	}
	conversations, shopper, err := tx.conversationsOf(shop, phone)
	if err != nil {
		return err
	}
	for _, c := range conversations {
		export := ExportedConversation{Phone: string(phone), OptedOut: c.OptedOut, Texts: []ExportedText{}}
		err := tx.Row(`SELECT p.name, p.email, l.number FROM shoppers p JOIN lines l ON l.id = $2 AND l.shop = p.shop WHERE p.id = $1 AND p.shop = $3`,
			string(shopper), string(c.Line), string(shop)).Scan(&export.Name, &export.Email, &export.Number)
		if err != nil {
			return err
		}
		entries, err := tx.entries(shop, c.ID, `kind = $3 ORDER BY seq`, string(chat.Text))
		if err != nil {
			return err
		}
		for _, e := range entries {
			from := "shop"
			if e.Way == chat.In {
				from = "shopper"
			}
			export.Texts = append(export.Texts, ExportedText{e.SortTime(), from, e.Text, len(e.Media)})
		}
		all.Conversations = append(all.Conversations, export)
	}
	return nil
}
