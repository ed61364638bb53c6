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

// Fragment follows the address that Twilio is to call. Twilio reads it, and
// neither sends nor signs it: try again up to five times after any failure,
// with little patience for each, as all of them share 15 seconds. Without it
// Twilio tries again once, and only when it could not connect.
// (twilio.com/docs/usage/webhooks/webhooks-connection-overrides)
const Fragment = "#rc=5&rp=all&ct=2000&rt=2500"

var accountSID = regexp.MustCompile(`^AC[0-9a-f]{32}$`)

// Check finds out whether the line can work: that Twilio knows the account and
// its token, that the number is the account's and can text, and that its
// messaging service, if it has one, leaves incoming texts to the number. A
// *chat.Error says in plain words what is wrong first.
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
		return wrong("account", "An account SID starts with AC and has 34 characters. It stands on the first page of Twilio's console. An API key, which starts with SK, does not do: incoming texts are signed with the auth token.")
	}
	var account struct{ Status string }
	if err := c.ask(ctx, line, c.account(line, ".json"), nil, &account); err != nil {
		return err
	}
	if account.Status != "" && account.Status != "active" {
		return wrong("account", "The Twilio account is not active. Please look at it in Twilio's console.")
	}
	return nil
}

// SetWebhook tells Twilio to deliver the number's texts to inbound, an address
// of ours, and there again when that failed. Errors are as of Check.
func (c *Client) SetWebhook(ctx context.Context, line chat.Line, inbound string) error {
	n, err := c.number(ctx, line)
	if err != nil {
		return err
	}
	address := c.account(line, "/IncomingPhoneNumbers/"+url.PathEscape(n.SID)+".json")
	var now incomingNumber
	err = c.ask(ctx, line, address, url.Values{
		"SmsUrl":            {inbound + Fragment},
		"SmsMethod":         {http.MethodPost},
		"SmsFallbackUrl":    {inbound + Fragment},
		"SmsFallbackMethod": {http.MethodPost},
		"SmsApplicationSid": {""}, // with one, Twilio ignores SmsUrl
	}, &now)
	if err != nil {
		return err
	}
	if !leadsTo(now.URL, inbound) {
		return wrong("webhook", "Twilio did not keep the address for incoming texts. Please enter it in Twilio's console, under the number's messaging settings.")
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
	Application    string          `json:"sms_application_sid"` // with one, Twilio ignores the addresses
}

func (c *Client) number(ctx context.Context, line chat.Line) (incomingNumber, error) {
	var list struct {
		Numbers []incomingNumber `json:"incoming_phone_numbers"`
	}
	query := url.Values{"PhoneNumber": {string(line.Number)}}
	if err := c.ask(ctx, line, c.account(line, "/IncomingPhoneNumbers.json?"+query.Encode()), nil, &list); err != nil {
		return incomingNumber{}, err
	}
	for _, n := range list.Numbers {
		if n.Number != line.Number { // the search is for a pattern
			continue
		}
		if can, told := n.Capabilities["sms"]; told && !can {
			return incomingNumber{}, wrong("number", "This number can't send texts. Please choose one with SMS in Twilio.")
		}
		return n, nil
	}
	return incomingNumber{}, wrong("number", "This number does not belong to the Twilio account. Please check it, or connect the account that has it.")
}

// ask makes a request of a set-up, and reads the answer into into.
func (c *Client) ask(ctx context.Context, line chat.Line, address string, form url.Values, into any) error {
	if err := c.exchange(ctx, line, address, form, answerSize, into); err != nil {
		return explain(err)
	}
	return nil
}

// explain says to whoever sets up a line what went wrong.
func explain(err error) error {
	var f fault
	switch errors.As(err, &f); {
	case f.status == http.StatusUnauthorized || f.status == http.StatusForbidden:
		return wrong("credentials", "Twilio does not accept this account SID and auth token. Please copy both again from the first page of Twilio's console.")
	case f.status == http.StatusNotFound:
		return wrong("unknown", "Twilio does not know this account, number or messaging service. Please check what was entered.")
	case f.status == http.StatusTooManyRequests:
		return &chat.Error{Kind: chat.KindTooMany, Code: "busy", Text: "Twilio is taking no more requests for a moment. Please try again soon."}
	case f.status >= 400 && f.status < 500:
		return wrong("refused", fmt.Sprintf("Twilio refused this (code %d).", f.Code))
	}
	return &chat.Error{Kind: chat.KindUnavailable, Code: "unreachable", Text: "Twilio can't be reached right now. Please try again in a moment."}
}

func wrong(code, text string) error {
	return &chat.Error{Kind: chat.KindInvalid, Code: code, Text: text}
}
