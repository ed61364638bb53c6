package chat_test

import (
	"errors"
	"testing"

	"sidetext/chat"
)

// payload decodes the payload of a delivery that a turn has made.
func payload[P any](d chat.Delivery) P {
	p, err := chat.DecodePayload[P](d)
	if err != nil {
		panic(err)
	}
	return p
}

func TestKindsAreDeclaredOnce(t *testing.T) {
	t.Parallel()
	seen := map[chat.DeliveryKind]bool{}
	for _, k := range chat.Kinds() {
		if seen[k.Name] || k.Name == "" || k.Payload == nil {
			t.Errorf("%q is declared twice, or without a name or payload", k.Name)
		}
		seen[k.Name] = true
	}
	if unknown := chat.DeliveryKind("fax").Spec(); unknown != (chat.KindSpec{}) {
		t.Errorf("an unknown kind is declared as %+v", unknown)
	}
}

func TestDecodePayload(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind    chat.DeliveryKind
		payload string
		ok      bool
	}{
		"as encoded":      {chat.AddMessage, chat.EncodePayload(chat.MessagePayload{Entry: 3, Name: "k-3 “\"\\\n”"}), true},
		"a later field":   {chat.AddMessage, `{"entry":3,"name":"k","quiet":true}`, false},
		"a field missing": {chat.AddMessage, `{"entry":3}`, false},
		"another type":    {chat.AddMessage, `{"entry":"3","name":"k"}`, false},
		"no JSON":         {chat.AddMessage, `{"entry":3,`, false},
		"two values":      {chat.AddMessage, `{"entry":3,"name":"k"}{}`, false},
		"empty":           {chat.AddMessage, ``, false},
		"another kind":    {chat.SendSMS, `{"entry":3,"name":"k"}`, false},
		"an unknown kind": {"fax", `{"entry":3,"name":"k"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := chat.DecodePayload[chat.MessagePayload](chat.Delivery{Kind: test.kind, Payload: test.payload})
			if (err == nil) != test.ok || err != nil && !errors.Is(err, chat.ErrPayload) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := chat.DecodePayload[chat.SyncPayload](chat.Delivery{Kind: chat.SyncTicket}); err != nil {
		t.Errorf("a payload without fields may be empty; got %v", err)
	}
}
