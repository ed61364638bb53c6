package gorgias

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// A Helpdesk describes an account.
type Helpdesk struct {
	DeactivatedAt Time `json:"deactivated_datetime"`
}

// Helpdesk reads the account. It is the cheapest way to check that the account
// exists and the key is valid.
func (c *Client) Helpdesk(ctx context.Context) (Helpdesk, error) {
	var h Helpdesk
	_, err := c.call(ctx, request{"read account", http.MethodGet, "/account", nil, nil}, decodeInto(&h))
	return h, err
}

// DefaultMailbox returns the address that replies are sent from by default, or an
// empty Mailbox if there is none.
func (c *Client) DefaultMailbox(ctx context.Context) (Mailbox, error) {
	var settings struct {
		Data []struct {
			Type string          `json:"type"`
			Data json.RawMessage `json:"data"`
		} `json:"data"`
	}
	_, err := c.call(ctx, request{"read settings", http.MethodGet, "/account/settings", nil, nil}, decodeInto(&settings))
	if err != nil {
		return Mailbox{}, err
	}
	for _, s := range settings.Data {
		var choice struct{ Email ID }
		if s.Type != "default-integration" || json.Unmarshal(s.Data, &choice) != nil || choice.Email == 0 {
			continue
		}
		i, err := c.Integration(ctx, choice.Email)
		if errorIs(err, (*Error).Gone) {
			return Mailbox{}, nil
		}
		return i.mailbox(), err
	}
	return Mailbox{}, nil
}

// mailbox returns the e-mail address of an e-mail integration. Its name is "usually"
// the address (developers.gorgias.com, "The Integration object"). Otherwise the
// helpdesk's web client uses meta.
func (i Integration) mailbox() Mailbox {
	var meta struct{ Address string }
	_ = json.Unmarshal(i.Meta, &meta) // meta of another shape contains no address
	for _, address := range []string{meta.Address, i.Name} {
		if valid := mailAddress(address); valid != "" {
			m := Mailbox{Address: valid}
			if !strings.Contains(i.Name, "@") {
				m.Name = i.Name
			}
			return m
		}
	}
	return Mailbox{}
}
