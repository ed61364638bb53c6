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

// A Finding is one thing that was looked at in a number's set-up.
type Finding struct {
	ID     string // one stable word: "account", "number", "service", "webhook", "fallback"
	Name   string // what was looked at, for people
	State  string // "ok"; "warn": texts arrive, but may not always; "bad": they don't
	Detail string // what was found, in plain words
	Fix    string // what a person can do about it; empty when all is well
	Ours   bool   // SetWebhook puts it right
}

// States of a finding.
const (
	OK   = "ok"
	Warn = "warn"
	Bad  = "bad"
)

// inspecting is how long an inspection may take: an account can have many
// messaging services, and each has to be asked whether it holds the number.
const inspecting = time.Minute

// Inspect looks at all of Twilio's settings that decide whether texts to the
// line's number arrive at inbound, an address of ours, and changes none. Its
// findings are in the order in which they should be put right; without an
// account, or without the number in it, there is no more to look at. The error,
// a *chat.Error, means that Twilio could not be asked.
func (c *Client) Inspect(ctx context.Context, line chat.Line, inbound string) ([]Finding, error) {
	ctx, cancel := context.WithTimeout(ctx, inspecting)
	defer cancel()
	all, ok, err := judge(nil, Finding{ID: "account", Name: "Account and auth token", Detail: "Twilio accepts them."}, c.checkAccount(ctx, line))
	if !ok {
		return all, err
	}
	n, err := c.number(ctx, line)
	all, ok, err = judge(all, Finding{ID: "number", Name: "Number", Detail: "It belongs to the account and can text."}, err)
	if !ok {
		return all, err
	}
	s, complete, err := c.holder(ctx, line, n)
	if err != nil {
		return nil, err
	}
	held := s.finding(complete, inbound)
	from, ours := n.door(), true
	if s != nil && !s.Defers && held.State == OK {
		from, ours = s.door(), false
	}
	first, second := from.webhook(inbound), from.fallback(inbound)
	first.Ours, second.Ours = ours && first.State != OK, ours && second.State != OK
	return append(all, held, first, second), nil
}

// judge completes a finding by an error: one that may be shown to a merchant is
// what was found, without one all is well, and one that only says that Twilio
// can't be asked is returned. It is ok to look further when all is well.
func judge(all []Finding, f Finding, err error) ([]Finding, bool, error) {
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

// A door is where texts are sent on, by the settings of a number or a service.
type door struct {
	url, method                 string // first
	fallbackURL, fallbackMethod string // when that fails
	application                 string // stands in the way of both, unless empty
	place, fallbackPlace        string // where in Twilio's console they are set
}

func (n incomingNumber) door() door {
	return door{n.URL, n.Method, n.Fallback, n.FallbackMethod, n.Application,
		"open the number and, under “A message comes in”, choose Webhook, HTTP POST and ",
		"open the number and, under “Primary handler fails”, choose HTTP POST and "}
}

func (s *service) door() door {
	return door{s.URL, s.Method, s.Fallback, s.FallbackMethod, "",
		"open the service, then Integration, and as Request URL choose HTTP POST and ",
		"open the service, then Integration, and as Fallback URL choose HTTP POST and "}
}

// webhook judges the address to which texts are sent first.
func (d door) webhook(inbound string) Finding {
	f := Finding{ID: "webhook", Name: "Address for incoming texts", State: Bad, Fix: "In Twilio, " + d.place + "enter " + inbound + Fragment}
	switch {
	case d.application != "":
		f.Detail = "The number belongs to a TwiML app, so Twilio ignores the number's own addresses."
		f.Fix = "In Twilio, open the number and, under “Configure with”, choose Webhook in place of TwiML App. " + f.Fix
	case d.url == "":
		f.Detail = "Twilio has no address for incoming texts, so they don't arrive here."
	case !leadsTo(d.url, inbound):
		f.Detail = "Twilio sends incoming texts to another address, so they don't arrive here."
	case d.method != "" && d.method != http.MethodPost:
		f.Detail = "Twilio sends incoming texts with HTTP " + d.method + ", so they can't be read here."
	case !persists(d.url):
		f.State = Warn
		f.Detail = "Texts arrive here. But when this server is out of reach for a moment Twilio gives up after a second try, and often after the first. With " + Fragment + " behind the address it tries up to six times."
	default:
		f.State, f.Detail, f.Fix = OK, "Twilio sends incoming texts here and, if need be, tries several times.", ""
	}
	return f
}

// fallback judges the address to which texts are sent when the first fails.
func (d door) fallback(inbound string) Finding {
	f := Finding{ID: "fallback", Name: "Address for when that fails", State: Warn, Fix: "In Twilio, " + d.fallbackPlace + "enter " + inbound + Fragment}
	const found = " A text that could not be handed over is found some minutes later, when Twilio's list is compared."
	switch {
	case d.fallbackURL == "":
		f.Detail = "There is none." + found
	case !leadsTo(d.fallbackURL, inbound):
		f.Detail = "It is another server's." + found
	case d.fallbackMethod != "" && d.fallbackMethod != http.MethodPost:
		f.Detail = "Twilio uses it with HTTP " + d.fallbackMethod + ", which can't be read here." + found
	default:
		f.State, f.Detail, f.Fix = OK, "Twilio tries here once more.", ""
	}
	return f
}

// leadsTo reports whether an address that Twilio has is one of ours, with or
// without a fragment.
func leadsTo(address, ours string) bool {
	bare, _, _ := strings.Cut(address, "#")
	return bare == ours
}

// persists reports whether an address has Twilio try as Fragment does; others
// may stand beside it.
func persists(address string) bool {
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
