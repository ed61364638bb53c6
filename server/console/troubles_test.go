package console

import (
	"testing"

	"sidetext/chat"
	"sidetext/store"
)

func TestBacklogWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		backlog    store.Backlog
		tone, want string
	}{
		"nothing":            {store.Backlog{Kind: chat.SyncTicket}, "", ""},
		"only failed":        {store.Backlog{Kind: chat.SendSMS, Failed: 3}, "", ""},
		"on its way":         {store.Backlog{Kind: chat.SendSMS, Running: 1}, "", "1 text waits to be sent."},
		"some of each":       {store.Backlog{Kind: chat.SendSMS, Ready: 1202, Running: 1}, "", "1,203 texts wait to be sent."},
		"with a reason":      {store.Backlog{Kind: chat.SyncTicket, Ready: 2, Problem: "Gorgias does not answer."}, "warn", "2 tickets wait to be opened or brought up to date: Gorgias does not answer."},
		"to be looked up":    {store.Backlog{Kind: chat.CheckStatus, Ready: 40}, "", ""},
		"can't be looked up": {store.Backlog{Kind: chat.CheckStatus, Ready: 2, Problem: "Twilio can't be reached."}, "warn", "2 texts: delivery status being checked: Twilio can't be reached."},
		"news":               {store.Backlog{Kind: chat.ApplyEvents, Ready: 1}, "", ""},
		"paused news":        {store.Backlog{Kind: chat.Reconcile, Ready: 1, Problem: "Shopify does not answer."}, "warn", "1 comparison with your store waits: Shopify does not answer."},
		"an unknown kind":    {store.Backlog{Kind: "new", Ready: 1}, "", "1 task waits."},
	} {
		got, ok := backlogWords(test.backlog)
		if got.Text != test.want || got.Tone != test.tone || ok != (test.want != "") {
			t.Errorf("%s: got %+v %v, want %q", name, got, ok, test.want)
		}
	}
}

// TestDeliveryLabels: every kind of delivery has all its texts.
func TestDeliveryLabels(t *testing.T) {
	t.Parallel()
	for _, kind := range chat.Kinds() {
		if d := deliveryLabels[kind.Name]; d.icon == "" || d.one == "" || d.many == "" || d.thing == "" || d.onDismiss == "" {
			t.Errorf("the label of %q is %+v", kind.Name, d)
		}
	}
}
