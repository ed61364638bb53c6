package chat_test

import (
	"testing"
	"time"

	"sidetext/chat"
)

func TestReceiveMarksLateTexts(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for at, late := range map[time.Duration]bool{0: false, -59 * time.Second: false, -61 * time.Second: true, time.Hour: false} {
		turn := w.must(t, func(turn *chat.Turn) error {
			_, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: at.String(), Text: "hello", At: noon.Add(at)})
			return err
		})
		if got := turn.Added[0].ReceivedAt; got.IsZero() == late || late && !got.Equal(noon.Add(at)) {
			t.Errorf("received by the provider at %v, by us at %v: got %v", noon.Add(at), noon, got)
		}
	}
}

// TestOptOutEvidence: each opt-out and opt-in leaves the shopper's words, and a
// connected Shopify store learns of an opt-out, not of an opt-in.
func TestOptOutEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.saved.Shopify = "acme.myshopify.com"
	const phone = chat.Phone("+14155550199")
	texted := func(id, text string, at time.Time, do func(*chat.Turn)) *chat.Turn {
		return w.must(t, func(turn *chat.Turn) error {
			_, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: id, Text: text, At: at})
			do(turn)
			return err
		})
	}
	check := func(turn *chat.Turn, want chat.Consent, told bool) {
		t.Helper()
		want.Phone, want.Kind = phone, chat.AllTexts
		if len(turn.Consents) != 1 || turn.Consents[0] != want {
			t.Errorf("got %+v, want %+v", turn.Consents, want)
		}
		var sent []chat.Delivery
		for _, d := range turn.Deliveries {
			if d.Kind == chat.WriteConsent {
				sent = append(sent, d)
			}
		}
		if !told {
			if len(sent) > 0 {
				t.Errorf("Shopify is told %+v", sent)
			}
			return
		}
		if len(sent) != 1 || sent[0].Account != "shopify/acme.myshopify.com" || sent[0].Lane != "consent/c" {
			t.Fatalf("Shopify is told %+v", sent)
		}
		if p, err := chat.DecodePayload[chat.ConsentPayload](sent[0]); err != nil || p.State != chat.ConsentRevoked || !p.At.Equal(want.At) {
			t.Errorf("Shopify is told %+v %v", p, err)
		}
	}
	optOut := func(turn *chat.Turn) { turn.OptOut("Jane texted STOP.") }
	optIn := func(turn *chat.Turn) { turn.OptIn() }
	check(texted("1", "STOP please", noon, optOut), chat.Consent{State: chat.ConsentRevoked, Source: chat.ConsentByText, Words: "STOP please", At: noon}, true)
	check(texted("2", "stop", noon, optOut), chat.Consent{State: chat.ConsentRevoked, Source: chat.ConsentByText, Words: "stop", At: noon}, false)
	check(texted("3", "START", noon, optIn), chat.Consent{State: chat.ConsentGiven, Source: chat.ConsentByText, Words: "START", At: noon}, false)
	late := noon.Add(-time.Hour)
	check(texted("4", "no more", late, func(turn *chat.Turn) { turn.OptOutInWords("") }), chat.Consent{State: chat.ConsentRevoked, Source: chat.ConsentByText, Words: "no more", At: late}, true)

	texted("5", "START", noon, optIn)
	var attempt chat.Attempt
	sent := w.must(t, func(turn *chat.Turn) error { turn.Answer("hello"); return nil })
	attempt = chat.Attempt{ID: "a", Shop: "shop", Line: "line", Conversation: "c", Entry: sent.Added[0].Seq, At: noon}
	report := w.must(t, func(turn *chat.Turn) error {
		return turn.Report(attempt, chat.Report{State: chat.Failed, OptedOut: true})
	})
	check(report, chat.Consent{State: chat.ConsentRevoked, Source: chat.ConsentByCarrier, Words: "The carrier reports that the shopper opted out.", At: noon}, true)

	// A sender that is no number has no customer in Shopify, and without a store there
	// is nothing to tell.
	for name, change := range map[string]func(*chat.Turn){
		"a short code":      func(turn *chat.Turn) { turn.Shopper.Phone = "72345" },
		"no Shopify store":  func(turn *chat.Turn) { turn.Shopify = "" },
		"opted out already": func(turn *chat.Turn) { turn.Conversation.OptedOut = true },
	} {
		w := newWorld()
		w.saved.Shopify = "acme.myshopify.com"
		change(&w.saved)
		turn := w.must(t, func(turn *chat.Turn) error { turn.OptOut(""); return nil })
		if len(turn.Consents) != 1 || len(turn.Deliveries) != 0 {
			t.Errorf("%s: got %+v, deliveries %+v", name, turn.Consents, turn.Deliveries)
		}
	}
}
