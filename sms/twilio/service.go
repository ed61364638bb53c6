package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"sidetext/chat"
)

// maxServices is how many messaging services are asked whether they hold a
// number.
const maxServices = 200

// A service is a messaging service of Twilio's: a pool of numbers
// (twilio.com/docs/messaging/api/service-resource).
type service struct {
	SID            string `json:"sid"`
	Name           string `json:"friendly_name"`
	Defers         bool   `json:"use_inbound_webhook_on_number"`
	URL            string `json:"inbound_request_url"` // null: texts are dropped, and nobody ever hears of them
	Method         string `json:"inbound_method"`
	Fallback       string `json:"fallback_url"`
	FallbackMethod string `json:"fallback_method"`
}

// checkService looks for the trap that costs most time: a messaging service
// takes the texts of its numbers away from them, and drops them unlogged when it
// has no address of its own.
func (c *Client) checkService(ctx context.Context, line chat.Line) error {
	if line.Service == "" {
		return nil
	}
	var s service
	if err := c.ask(ctx, line, c.Services+"/v1/Services/"+url.PathEscape(line.Service), nil, &s); err != nil {
		return err
	}
	if !s.Defers {
		return wrong("service", "The messaging service keeps incoming texts to itself. "+toDefer)
	}
	return nil
}

// toDefer is what to do about a messaging service that takes texts.
const toDefer = "In Twilio, open the service, then Integration, and choose “Defer to sender's webhook”."

// finding judges the messaging service that holds the number; nil is none.
func (s *service) finding(complete bool, inbound string) Finding {
	f := Finding{ID: "service", Name: "Messaging Service", State: OK}
	switch {
	case s == nil && complete:
		f.Detail = "The number is in none, so its own settings count."
	case s == nil:
		f.State = Warn
		f.Detail = fmt.Sprintf("The account has more than %d messaging services. The number is in none of those that were looked at.", maxServices)
		f.Fix = "In Twilio, open the number and see whether it is in a messaging service. " + toDefer
	case s.Defers:
		f.Detail = s.called() + " leaves incoming texts to the number, as it should."
	case s.URL == "":
		f.State, f.Fix = Bad, toDefer
		f.Detail = s.called() + " holds the number and drops incoming texts: they are lost, and not even Twilio's list has them."
	case !leadsTo(s.URL, inbound):
		f.State, f.Fix = Bad, toDefer
		f.Detail = s.called() + " holds the number and sends incoming texts to another address, so they don't arrive here."
	default:
		f.Detail = s.called() + " holds the number and sends incoming texts here."
	}
	return f
}

func (s *service) called() string {
	if s.Name == "" {
		return "The messaging service"
	}
	return "The messaging service “" + s.Name + "”"
}

// holder finds the messaging service that a number is in: one at most, or nil.
// It is complete when all services were asked.
func (c *Client) holder(ctx context.Context, line chat.Line, n incomingNumber) (s *service, complete bool, err error) {
	asked := 0
	for address := c.Services + "/v1/Services?PageSize=50"; address != ""; {
		var page struct {
			Services []service `json:"services"`
			Meta     struct {
				Next string `json:"next_page_url"`
			} `json:"meta"`
		}
		if err := c.ask(ctx, line, address, nil, &page); err != nil {
			return nil, false, err
		}
		for _, s := range page.Services {
			if asked++; asked > maxServices {
				return nil, false, nil
			}
			if holds, err := c.holds(ctx, line, s, n); holds || err != nil {
				return &s, true, err
			}
		}
		address = page.Meta.Next
		if address != "" && !strings.HasPrefix(address, c.Services+"/v1/Services?") {
			return nil, false, explain(errForeign)
		}
		if len(page.Services) == 0 {
			break
		}
	}
	return nil, true, nil
}

func (c *Client) holds(ctx context.Context, line chat.Line, s service, n incomingNumber) (bool, error) {
	address := c.Services + "/v1/Services/" + url.PathEscape(s.SID) + "/PhoneNumbers/" + url.PathEscape(n.SID)
	var there struct {
		SID string `json:"sid"`
	}
	err := c.exchange(ctx, line, address, nil, answerSize, &there)
	var f fault
	switch {
	case errors.As(err, &f) && f.status == http.StatusNotFound:
		return false, nil
	case err != nil:
		return false, explain(err)
	}
	return there.SID == n.SID, nil
}
