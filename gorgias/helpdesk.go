package gorgias

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// A Helpdesk is an account as it describes itself.
type Helpdesk struct {
	DeactivatedAt Time `json:"deactivated_datetime"`
}

// Helpdesk reads the account: the cheapest way to see whether account and key
// are right.
func (c *Client) Helpdesk(ctx context.Context) (Helpdesk, error) {
	var h Helpdesk
	_, err := c.call(ctx, request{"read account", http.MethodGet, "/account", nil, nil}, decodeInto(&h))
	return h, err
}

// DefaultMailbox finds the address that answers leave from unless an agent
// chooses another. None set up, or none found, is an empty Mailbox.
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

// mailbox is the address of an integration that is one. Its name "usually" is
// the address (developers.gorgias.com, "The Integration object"); where it is
// not, the helpdesk's own pages look into meta.
func (i Integration) mailbox() Mailbox {
	var meta struct{ Address string }
	_ = json.Unmarshal(i.Meta, &meta) // where it is anything else, there is no address in it
	for _, address := range []string{meta.Address, i.Name} {
		if address = mailAddress(address); address != "" {
			m := Mailbox{Address: address}
			if !strings.Contains(i.Name, "@") {
				m.Name = i.Name
			}
			return m
		}
	}
	return Mailbox{}
}
