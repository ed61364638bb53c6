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

// maxServices is how many messaging services are searched for a number.
const maxServices = 200

// A service is a messaging service of Twilio's: a pool of numbers
// (twilio.com/docs/messaging/api/service-resource).
type service struct {
	SID            string `json:"sid"`
	Name           string `json:"friendly_name"`
	Defers         bool   `json:"use_inbound_webhook_on_number"`
	URL            string `json:"inbound_request_url"` // null: texts are dropped without a log entry
	Method         string `json:"inbound_method"`
	Fallback       string `json:"fallback_url"`
	FallbackMethod string `json:"fallback_method"`
}

// checkService checks the setting that is hardest to find: a messaging service takes over
// incoming texts of its numbers, and drops them without a log entry if it has no URL.
func (c *Client) checkService(ctx context.Context, line chat.Line) error {
	if line.Service == "" {
		return nil
	}
	var s service
	if err := c.call(ctx, line, c.Services+"/v1/Services/"+url.PathEscape(line.Service), nil, &s); err != nil {
		return err
	}
	if !s.Defers {
		return invalid("service", "The messaging service keeps incoming texts to itself. "+deferAdvice)
	}
	return nil
}

// deferAdvice says what to do about a messaging service that takes over texts.
const deferAdvice = "In Twilio, open the service, then Integration, and choose “Defer to sender's webhook”."

// finding returns the finding for the messaging service of the number; nil is none.
func (s *service) finding(complete bool, inbound string) Finding {
	f := Finding{ID: "service", Name: "Messaging Service", State: OK}
	switch {
	case s == nil && complete:
		f.Detail = "The number is in none, so its own settings apply."
	case s == nil:
		f.State = Warn
		f.Detail = fmt.Sprintf("The account has more than %d messaging services. The number is in none of those that were checked.", maxServices)
		f.Fix = "In Twilio, open the number and see whether it is in a messaging service. " + deferAdvice
	case s.Defers:
		f.Detail = s.label() + " leaves incoming texts to the number, as it should."
	case s.URL == "":
		f.State, f.Fix = Bad, deferAdvice
		f.Detail = s.label() + " has the number and drops incoming texts. They are lost, because Twilio does not list them."
	case !pointsTo(s.URL, inbound):
		f.State, f.Fix = Bad, deferAdvice
		f.Detail = s.label() + " has the number and sends incoming texts to another address, so they don't arrive here."
	default:
		f.Detail = s.label() + " has the number and sends incoming texts here."
	}
	return f
}

// label names the service in a sentence.
func (s *service) label() string {
	if s.Name == "" {
		return "The messaging service"
	}
	return "The messaging service “" + s.Name + "”"
}

// findService returns the messaging service that a number is in, or nil. The search is
// complete if it found the service or searched all of them.
func (c *Client) findService(ctx context.Context, line chat.Line, n incomingNumber) (s *service, complete bool, err error) {
	searched := 0
	for address := c.Services + "/v1/Services?PageSize=50"; address != ""; {
		var page struct {
			Services []service `json:"services"`
			Meta     struct {
				Next string `json:"next_page_url"`
			} `json:"meta"`
		}
		if err := c.call(ctx, line, address, nil, &page); err != nil {
			return nil, false, err
		}
		for _, s := range page.Services {
			searched++
			if searched > maxServices {
				return nil, false, nil
			}
			if hasNumber, err := c.hasNumber(ctx, line, s, n); hasNumber || err != nil {
				return &s, true, err
			}
		}
		address = page.Meta.Next
		if address != "" && !strings.HasPrefix(address, c.Services+"/v1/Services?") {
			return nil, false, userError(errForeignPage)
		}
		if len(page.Services) == 0 {
			break
		}
	}
	return nil, true, nil
}

// hasNumber reports whether a number is in a messaging service.
func (c *Client) hasNumber(ctx context.Context, line chat.Line, s service, n incomingNumber) (bool, error) {
	address := c.Services + "/v1/Services/" + url.PathEscape(s.SID) + "/PhoneNumbers/" + url.PathEscape(n.SID)
	var found struct {
		SID string `json:"sid"`
	}
	err := c.do(ctx, line, address, nil, maxAnswer, &found)
	var f apiError
	switch {
	case errors.As(err, &f) && f.status == http.StatusNotFound:
		return false, nil
	case err != nil:
		return false, userError(err)
	}
	return found.SID == n.SID, nil
}
