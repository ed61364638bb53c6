package onboarding

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"sidetext/chat"
)

// A webhookAPI registers webhooks at a vendor.
type webhookAPI interface {
	list(ctx context.Context) ([]webhook, error)
	create(ctx context.Context, r chat.Registration) (id string, err error)
	// move changes a webhook's address. Its id may change.
	move(ctx context.Context, w webhook) (id string, err error)
	remove(ctx context.Context, id string) error
	limit() int // of webhooks for one topic; 0: none
}

// A webhookReport is what came of comparing webhooks.
type webhookReport struct {
	registered map[string]string // by topic
	lost       int               // that we had registered and that were gone, or that had another address
	made       int               // registered or changed now
	refused    []string          // topics that could not be registered
	why        error             // the first reason
}

// registerWebhooks makes the vendor's webhooks those that c needs. An error says that
// nothing could be compared; what could be compared and not be changed is reported.
func (o *Onboarding) registerWebhooks(ctx context.Context, api vendorAccount, c chat.Connection) (report webhookReport, err error) {
	before, err := RegisteredBy(c)
	if err != nil {
		return report, err
	}
	found, err := api.list(ctx)
	if err != nil {
		return report, err
	}
	ours, err := o.ourWebhooks(ctx, c, before, found)
	if err != nil {
		return report, err
	}
	wanted := api.wanted(o.PublicURL, c)
	plan := planWebhooks(wanted, found, func(w webhook) bool { return ours[w.id] }, api.limit())
	for _, r := range wanted {
		if id := before.Webhooks[r.Topic]; id != "" && plan.kept[r.Topic] != id {
			report.lost++
		}
	}
	report.registered, report.refused = plan.kept, plan.full
	for _, w := range plan.move {
		if err := report.add(w.topic, func() (string, error) { return api.move(ctx, w) }); err != nil {
			return report, err
		}
	}
	for _, r := range plan.create {
		if err := report.add(r.Topic, func() (string, error) { return api.create(ctx, r) }); err != nil {
			return report, err
		}
	}
	for _, w := range plan.remove {
		if err := api.remove(ctx, w.id); err != nil {
			o.Log.Warn("webhook not removed", "shop", c.Shop, "vendor", c.Vendor, "webhook", w.id, errorAttribute(err))
		}
	}
	return report, nil
}

// add registers one webhook. A refusal of this one is noted; any other error is
// returned, because the others would meet it too.
func (r *webhookReport) add(topic string, do func() (id string, err error)) error {
	id, err := do()
	var refusal *chat.SendError
	switch _, whole := vendorProblem(err); {
	case err == nil:
		r.registered[topic] = id
		r.made++
		return nil
	case !errors.As(err, &refusal) || refusal.Outcome != chat.Rejected || whole && refusal.Problem.Code != "scope":
		return err
	}
	r.refused = append(r.refused, topic)
	if r.why == nil {
		r.why = err
	}
	return nil
}

// ourWebhooks finds, among the webhooks at a vendor, those of the connection, by id:
// those that we registered, those with its endpoint on whatever host, and those with
// an endpoint on this server that no connection has any more.
func (o *Onboarding) ourWebhooks(ctx context.Context, c chat.Connection, before Registered, found []webhook) (ours map[string]bool, err error) {
	ours = map[string]bool{}
	for _, id := range before.Webhooks {
		ours[id] = true
	}
	stale := map[string]bool{} // by endpoint
	for _, w := range found {
		endpoint := endpointOf(c.Vendor, w.address)
		if endpoint == "" {
			continue
		}
		if endpoint == c.Endpoint {
			ours[w.id] = true
			continue
		}
		if !strings.HasPrefix(w.address, o.PublicURL+"/hooks/") {
			continue
		}
		if _, known := stale[endpoint]; !known {
			_, err := o.Connections.ConnectionAt(ctx, c.Vendor, endpoint)
			if err != nil && !errors.Is(err, chat.ErrNotFound) {
				return nil, err
			}
			stale[endpoint] = err != nil
		}
		if stale[endpoint] {
			ours[w.id] = true
		}
	}
	return ours, nil
}

// describe says what came of comparing webhooks, in a step and in a note that stays.
func (r webhookReport) describe(v chat.Vendor) (result stepResult, note string) {
	result.Detail = plural(len(r.registered), "webhook") + " in place."
	if r.made > 0 {
		result.Detail = plural(len(r.registered), "webhook") + " in place, " + strconv.Itoa(r.made) + " of them new or repaired."
	}
	if len(r.refused) == 0 {
		return result, ""
	}
	slices.Sort(r.refused)
	note = plural(len(r.refused), "webhook") + " could not be registered (" + strings.Join(r.refused, ", ") + ")"
	if r.why != nil {
		note += ": " + messageFor(r.why)
	} else {
		note += ": " + v.Name() + " has no room for more of these. Delete some that you do not need."
	}
	note += " Sidetext tries again every hour, and reads what changed once a day."
	result.Warned, result.Detail = true, result.Detail+" "+note
	return result, note
}

// encode is the report as it is kept with the connection.
func (r webhookReport) encode(notes []Note) ([]byte, error) {
	return json.Marshal(Registered{Webhooks: r.registered, Notes: notes})
}
