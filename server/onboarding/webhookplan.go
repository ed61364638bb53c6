package onboarding

import (
	"strings"

	"sidetext/chat"
)

// A webhook is one that is registered at a vendor.
type webhook struct {
	id, topic, address string
	changed            bool // it does not send what we need
}

// maxPerTopic is how many webhooks Recharge keeps for one topic of a token.
const maxPerTopic = 10

// A webhookPlan is what has to be done so that a vendor has the webhooks that we want.
type webhookPlan struct {
	kept   map[string]string // the right ones, by topic: their ids
	move   []webhook         // to the address that they have here, or to be set again
	create []chat.Registration
	remove []webhook
	full   []string // topics for which the vendor has no room
}

// planWebhooks compares the webhooks that are wanted, one for each topic, with those
// that are registered. Webhooks that are not ours stay as they are.
func planWebhooks(wanted []chat.Registration, found []webhook, ours func(webhook) bool, limit int) (plan webhookPlan) {
	plan.kept = map[string]string{}
	count, topics := map[string]int{}, map[string]bool{}
	for _, w := range found {
		count[w.topic]++
	}
	for _, want := range wanted {
		topics[want.Topic] = true
		var right, wrong []webhook
		for _, w := range found {
			switch {
			case w.topic != want.Topic:
			case w.address == want.Address && !w.changed:
				right = append(right, w)
			case w.address == want.Address || ours(w):
				wrong = append(wrong, w)
			}
		}
		switch {
		case len(right) > 0:
			plan.kept[want.Topic] = right[0].id
			plan.remove = append(plan.remove, right[1:]...)
		case len(wrong) > 0:
			plan.move = append(plan.move, webhook{id: wrong[0].id, topic: want.Topic, address: want.Address})
			wrong = wrong[1:]
		case limit > 0 && count[want.Topic] >= limit:
			plan.full = append(plan.full, want.Topic)
		default:
			plan.create = append(plan.create, want)
		}
		plan.remove = append(plan.remove, wrong...)
	}
	for _, w := range found {
		if !topics[w.topic] && ours(w) { // of an older release
			plan.remove = append(plan.remove, w)
		}
	}
	return plan
}

// endpointOf is the endpoint in an address of ours on any host, or empty.
func endpointOf(v chat.Vendor, address string) string {
	_, rest, found := strings.Cut(address, "/hooks/"+string(v)+"/")
	if !found {
		return ""
	}
	endpoint, _, _ := strings.Cut(rest, "/")
	return endpoint
}
