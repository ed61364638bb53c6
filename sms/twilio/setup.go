package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"

	"sidetext/chat"
)

// Fragment is appended to our URL in Twilio's settings. Twilio reads it, and neither
// sends nor signs it: up to five retries after any failure, each with a short timeout,
// because they share 15 seconds. Without it Twilio retries once, and only if it could not
// connect.
// (twilio.com/docs/usage/webhooks/webhooks-connection-overrides)
const Fragment = "#rc=5&rp=all&ct=2000&rt=2500"

var accountSID = regexp.MustCompile(`^AC[0-9a-f]{32}$`)

// Check checks that the line can work: that Twilio accepts the account and its token,
// that the number belongs to the account and can text, and that its messaging service,
// if it has one, leaves incoming texts to the number. The error is a *chat.Error for
// people about the first thing that is wrong.
func (c *Client) Check(ctx context.Context, line chat.Line) error {
	if err := c.checkAccount(ctx, line); err != nil {
		return err
	}
	if _, err := c.number(ctx, line); err != nil {
		return err
	}
	return c.checkService(ctx, line)
}

func (c *Client) checkAccount(ctx context.Context, line chat.Line) error {
	if !accountSID.MatchString(line.Account) {
		return invalid("account", "An account SID starts with AC and has 34 characters. It is on the first page of Twilio's console. An API key, which starts with SK, does not work: incoming texts are signed with the auth token.")
	}
	var account struct{ Status string }
	if err := c.call(ctx, line, c.accountURL(line, ".json"), nil, &account); err != nil {
		return err
	}
	if account.Status != "" && account.Status != "active" {
		return invalid("account", "The Twilio account is not active. Please look at it in Twilio's console.")
	}
	return nil
}

// SetWebhook makes Twilio deliver the number's texts to inbound, our URL, and retry there if
// that failed. Errors are like those of Check.
func (c *Client) SetWebhook(ctx context.Context, line chat.Line, inbound string) error {
	n, err := c.number(ctx, line)
	if err != nil {
		return err
	}
	address := c.accountURL(line, "/IncomingPhoneNumbers/"+url.PathEscape(n.SID)+".json")
	var updated incomingNumber
	err = c.call(ctx, line, address, url.Values{
		"SmsUrl":            {inbound + Fragment},
		"SmsMethod":         {http.MethodPost},
		"SmsFallbackUrl":    {inbound + Fragment},
		"SmsFallbackMethod": {http.MethodPost},
		"SmsApplicationSid": {""}, // with one, Twilio ignores SmsUrl
	}, &updated)
	if err != nil {
		return err
	}
	if !pointsTo(updated.URL, inbound) {
		return invalid("webhook", "Twilio did not keep the address for incoming texts. Please enter it in Twilio's console, under the number's messaging settings.")
	}
	return c.checkService(ctx, line)
}

// An incomingNumber is a number as Twilio lists it
// (twilio.com/docs/phone-numbers/api/incomingphonenumber-resource).
type incomingNumber struct {
	SID            string          `json:"sid"`
	Number         chat.Phone      `json:"phone_number"`
	Capabilities   map[string]bool `json:"capabilities"`
	URL            string          `json:"sms_url"`
	Method         string          `json:"sms_method"`
	Fallback       string          `json:"sms_fallback_url"`
	FallbackMethod string          `json:"sms_fallback_method"`
	Application    string          `json:"sms_application_sid"` // with one, Twilio ignores the URLs
}

func (c *Client) number(ctx context.Context, line chat.Line) (incomingNumber, error) {
	var list struct {
		Numbers []incomingNumber `json:"incoming_phone_numbers"`
	}
	query := url.Values{"PhoneNumber": {string(line.Number)}}
	if err := c.call(ctx, line, c.accountURL(line, "/IncomingPhoneNumbers.json?"+query.Encode()), nil, &list); err != nil {
		return incomingNumber{}, err
	}
	for _, n := range list.Numbers {
		if n.Number != line.Number { // Twilio searches for a pattern
			continue
		}
		if can, known := n.Capabilities["sms"]; known && !can {
			return incomingNumber{}, invalid("number", "This number can't send texts. Please choose one with SMS in Twilio.")
		}
		return n, nil
	}
	return incomingNumber{}, invalid("number", "This number does not belong to the Twilio account. Please check it, or connect the account that has it.")
}

// call makes a request about settings, and decodes the answer into into.
func (c *Client) call(ctx context.Context, line chat.Line, address string, form url.Values, into any) error {
	if err := c.do(ctx, line, address, form, maxAnswer, into); err != nil {
		return userError(err)
	}
	return nil
}

// userError returns the error for the person who sets up a line.
func userError(err error) error {
	var f apiError
	switch errors.As(err, &f); {
	case f.status == http.StatusUnauthorized || f.status == http.StatusForbidden:
		return invalid("credentials", "Twilio does not accept this account SID and auth token. Please copy both again from the first page of Twilio's console.")
	case f.status == http.StatusNotFound:
		return invalid("unknown", "Twilio does not know this account, number or messaging service. Please check what was entered.")
	case f.status == http.StatusTooManyRequests:
		return &chat.Error{Kind: chat.KindTooMany, Code: "busy", Text: "Twilio accepts no more requests for a moment. Please try again soon."}
	case f.status >= 400 && f.status < 500:
		return invalid("refused", fmt.Sprintf("Twilio refused this (code %d).", f.Code))
	}
	return &chat.Error{Kind: chat.KindUnavailable, Code: "unreachable", Text: "Twilio can't be reached right now. Please try again in a moment."}
}

func invalid(code, text string) error {
	return &chat.Error{Kind: chat.KindInvalid, Code: code, Text: text}
}
