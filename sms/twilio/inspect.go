package twilio

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sidetext/chat"
)

// A Finding is the result of one check of a number's settings.
type Finding struct {
	ID         string // stable: "account", "number", "service", "webhook", "fallback"
	Name       string // what was checked, for people
	State      string // OK, Warn (texts may not always arrive) or Bad (they don't)
	Detail     string // what was found, in plain words
	Fix        string // what a person can do; empty if State is OK
	Repairable bool   // SetWebhook can repair it
}

// States of a finding.
const (
	OK   = "ok"
	Warn = "warn"
	Bad  = "bad"
)

// inspectTimeout is long because an account can have many messaging services, each of
// which has to be searched for the number.
const inspectTimeout = time.Minute

// Inspect checks all of Twilio's settings that decide whether texts to the line's number
// arrive at inbound, our URL, and changes none. Its findings are in the order in which
// they should be repaired; they end early if the account or the number is wrong. The
// error, a *chat.Error, means that Twilio could not be reached.
func (c *Client) Inspect(ctx context.Context, line chat.Line, inbound string) ([]Finding, error) {
	ctx, cancel := context.WithTimeout(ctx, inspectTimeout)
	defer cancel()
	all, ok, err := addFinding(nil, Finding{ID: "account", Name: "Account and auth token", Detail: "Twilio accepts them."}, c.checkAccount(ctx, line))
	if !ok {
		return all, err
	}
	n, err := c.number(ctx, line)
	all, ok, err = addFinding(all, Finding{ID: "number", Name: "Number", Detail: "It belongs to the account and can text."}, err)
	if !ok {
		return all, err
	}
	s, complete, err := c.findService(ctx, line, n)
	if err != nil {
		return nil, err
	}
	service := s.finding(complete, inbound)
	settings, repairable := n.settings(), true
	if s != nil && !s.Defers && service.State == OK {
		settings, repairable = s.settings(), false
	}
	webhook, fallback := settings.webhook(inbound), settings.fallback(inbound)
	webhook.Repairable, fallback.Repairable = repairable && webhook.State != OK, repairable && fallback.State != OK
	return append(all, service, webhook, fallback), nil
}

// addFinding completes f by the result of its check and appends it to all. An error of
// KindInvalid describes what is wrong; any other error means that the check was not
// possible, and is returned. The caller continues if ok is true.
func addFinding(all []Finding, f Finding, err error) (_ []Finding, ok bool, _ error) {
	f.State = OK
	var e *chat.Error
	if errors.As(err, &e) && e.Kind == chat.KindInvalid {
		f.State, err = Bad, nil
		f.Detail, f.Fix, _ = strings.Cut(e.Text, ". ")
		f.Detail = strings.TrimSuffix(f.Detail, ".") + "."
	}
	if err != nil {
		return nil, false, err
	}
	return append(all, f), f.State == OK, nil
}

// webhookSettings are where a number or a messaging service sends texts.
type webhookSettings struct {
	url, method                 string // tried first
	fallbackURL, fallbackMethod string // tried if that fails
	application                 string // overrides both, unless empty
	place, fallbackPlace        string // how to find them in Twilio's console
}

func (n incomingNumber) settings() webhookSettings {
	return webhookSettings{n.URL, n.Method, n.Fallback, n.FallbackMethod, n.Application,
		"open the number and, under “A message comes in”, choose Webhook, HTTP POST and ",
		"open the number and, under “Primary handler fails”, choose HTTP POST and "}
}

func (s *service) settings() webhookSettings {
	return webhookSettings{s.URL, s.Method, s.Fallback, s.FallbackMethod, "",
		"open the service, then Integration, and as Request URL choose HTTP POST and ",
		"open the service, then Integration, and as Fallback URL choose HTTP POST and "}
}

// webhook checks the URL to which texts are sent first.
func (w webhookSettings) webhook(inbound string) Finding {
	f := Finding{ID: "webhook", Name: "Address for incoming texts", State: Bad, Fix: "In Twilio, " + w.place + "enter " + inbound + Fragment}
	switch {
	case w.application != "":
		f.Detail = "The number belongs to a TwiML app, so Twilio ignores the number's own addresses."
		f.Fix = "In Twilio, open the number and, under “Configure with”, choose Webhook in place of TwiML App. " + f.Fix
	case w.url == "":
		f.Detail = "Twilio has no address for incoming texts, so they don't arrive here."
	case !pointsTo(w.url, inbound):
		f.Detail = "Twilio sends incoming texts to another address, so they don't arrive here."
	case w.method != "" && w.method != http.MethodPost:
		f.Detail = "Twilio sends incoming texts with HTTP " + w.method + ", so they can't be read here."
	case !hasRetries(w.url):
		f.State = Warn
		f.Detail = "Texts arrive here. But if this server can't be reached for a moment, Twilio gives up after one or two tries. With " + Fragment + " at the end of the address it tries up to six times."
	default:
		f.State, f.Detail, f.Fix = OK, "Twilio sends incoming texts here and retries if necessary.", ""
	}
	return f
}

// fallback checks the URL to which texts are sent if the first fails.
func (w webhookSettings) fallback(inbound string) Finding {
	f := Finding{ID: "fallback", Name: "Address for when that fails", State: Warn, Fix: "In Twilio, " + w.fallbackPlace + "enter " + inbound + Fragment}
	const found = " Texts that could not be delivered are found some minutes later in Twilio's list."
	switch {
	case w.fallbackURL == "":
		f.Detail = "There is none." + found
	case !pointsTo(w.fallbackURL, inbound):
		f.Detail = "It is on another server." + found
	case w.fallbackMethod != "" && w.fallbackMethod != http.MethodPost:
		f.Detail = "Twilio uses it with HTTP " + w.fallbackMethod + ", which can't be read here." + found
	default:
		f.State, f.Detail, f.Fix = OK, "Twilio tries here once more.", ""
	}
	return f
}

// pointsTo reports whether a URL in Twilio's settings is ours, with or without a
// fragment.
func pointsTo(address, ours string) bool {
	bare, _, _ := strings.Cut(address, "#")
	return bare == ours
}

// hasRetries reports whether the fragment of a URL has at least what Fragment has.
func hasRetries(address string) bool {
	_, fragment, _ := strings.Cut(address, "#")
	has, err := url.ParseQuery(fragment)
	wanted, _ := url.ParseQuery(Fragment[1:])
	for name := range wanted {
		if has.Get(name) != wanted.Get(name) {
			return false
		}
	}
	return err == nil
}
